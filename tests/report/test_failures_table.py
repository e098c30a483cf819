"""Violations as a table; what each patch did, and what is undecided, in lines of their own."""

from __future__ import annotations

from dataclasses import replace

from harness.report.failures_table import failures_table, not_run_lines, undecided_lines
from tests.report.made import MakeStage


def test_a_row_a_fault_and_a_line_a_patch(stage: MakeStage) -> None:
    """Kinds and stages are sets; what was violated and the replay string are those of the first failure."""
    stages = [stage(0, {"a": "pass", "b": "fail"}), stage(1, {"a": "fail fail", "b": "pass"}), stage(2, {"a": "fail fail", "b": "error"})]
    lines = [[cell.strip() for cell in line.split("\t")] for line in failures_table(stages, "tsv").splitlines()]
    assert lines == [
        ["clause", "stages", "kinds", "what was violated", "replay"],
        ["b", "0", "softirq", "BUG: b is violated", "h1/softirq"],
        ["a", "1–2", "softirq, vcpu", "BUG: a is violated", "h1/softirq"],
        [""],
        ["patch 1 breaks a; repairs b"],
    ]


def test_one_stage_has_no_patches(stage: MakeStage) -> None:
    """The table is all there is."""
    assert failures_table([stage(0, {"a": "fail"})], "tsv").count("\n") == 1


def test_undecided_and_not_tested(stage: MakeStage) -> None:
    """A search that was cut off is told apart from a stage that does not come back, and from what was never begun."""
    stages = [stage(4, {"a": "undecided undecided", "b": "error", "c": "error"})]
    result = stages[0].clauses["b"].kinds["softirq"]
    assert result.failure is not None
    stages[0].clauses["b"].kinds["softirq"] = replace(result, failure=replace(result.failure, kind="hang", message="the stage hangs"))
    assert undecided_lines(stages) == [
        "undecided: stage 4: a (softirq, vcpu): a is violated",
        "not tested: stage 4: b (softirq): hang: the stage hangs",
    ]
    assert not_run_lines(stages) == ["stage 4: 1 test not run, since it does not load or does not come back"]
