"""The matrix: what its cells say, and where they lead."""

from __future__ import annotations

from dataclasses import replace

from harness.report.html.anchors import Anchors
from harness.report.html.contract_matrix import ContractMatrix, contract_matrix
from harness.report.html.failures_on_page import failures_on_page
from harness.verify.conclusions import Conclusion
from harness.verify.verdicts import StageResult
from tests.report.html.runs_on_page import run_on_page
from tests.report.made import MakeStage, concluded, under_models


def matrix(stages: list[StageResult], conclusion: Conclusion) -> ContractMatrix:
    """Of these results."""
    run = run_on_page(stages, conclusion)
    reviewed = run.reported.reviewed
    return contract_matrix(reviewed, failures_on_page(reviewed, {target.index: target for target in run.targets}, Anchors()))


def test_cells(stage: MakeStage) -> None:
    """A word, what the patch does, and where the violation is shown."""
    stages = [stage(0, {"a": "pass", "b": "fail"}), stage(1, {"a": "fail", "b": "pass"}), stage(2, {"a": "fail", "b": "error"})]
    made = matrix(stages, concluded(stages, of_stages=3))
    rows = {row.clause: [(cell.word, cell.step, cell.link) for cell in row.kinds[0].cells] for row in made.rows}
    assert rows == {
        "a": [("kept", "", ""), ("broken", "breaks it", "failure-1-a-softirq"), ("broken", "", "failure-2-a-softirq")],
        "b": [("broken", "", "failure-0-b-softirq"), ("kept", "repairs it", ""), ("not tested", "", "")],
    }
    assert (made.kinds, made.patches) == (("softirq",), (1,))
    assert [row.kinds[0].breaks for row in made.rows] == [(1,), ()]
    assert set(made.words) == {"kept", "broken", "not tested"}


def test_a_clause_over_its_kinds(stage: MakeStage) -> None:
    """The worst word, for how many kinds it is so, and the place of the first that the patch breaks."""
    stages = [stage(0, {"a": "fail pass"}), stage(1, {"a": "fail fail"})]
    (row,) = matrix(stages, concluded(stages, kinds=("softirq", "vcpu"))).rows
    assert [(cell.word, cell.part, cell.step, cell.link) for cell in row.cells] == [
        ("broken", "1/2", "", "failure-0-a-softirq"),
        ("broken", "", "breaks it", "failure-1-a-vcpu"),
    ]


def test_a_clause_leads_to_the_simplest_of_its_kinds(stage: MakeStage) -> None:
    """As other outputs do."""
    stages = [stage(0, {"a": "pass pass"}), stage(1, {"a": "fail fail"})]
    result = stages[1].clauses["a"].kinds["softirq"]
    assert result.failure is not None
    stages[1].clauses["a"].kinds["softirq"] = replace(result, failure=replace(result.failure, deviations=((1, 1),)))
    (row,) = matrix(stages, concluded(stages, kinds=("softirq", "vcpu"))).rows
    assert row.cells[1].link == "failure-1-a-vcpu"


def test_a_column_for_each_memory_model(stage: MakeStage) -> None:
    """A stage spans those of its models; what only one of them breaks is broken there."""
    sc, tso = ([stage(0, {"a": "pass"}), stage(1, {"a": verdict})] for verdict in ("pass", "fail"))
    stages = under_models(sc=sc, tso=tso)
    made = matrix(stages, concluded(stages))
    columns = [(column.stage, column.model, column.span) for column in made.columns]
    assert columns == [
        (0, "sc", 2),
        (0, "tso", 0),
        (1, "sc", 2),
        (1, "tso", 0),
    ]
    assert made.models
    assert [cell.word for cell in made.rows[0].kinds[0].cells] == ["kept", "kept", "kept", "broken"]


def test_what_an_interrupted_run_lacks(stage: MakeStage) -> None:
    """It was asked for, so it has its cells."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "pass"})]
    made = matrix(stages, concluded(stages, interrupted=True))
    assert [cell.word for cell in made.rows[1].cells] == ["kept", "not tested"]
