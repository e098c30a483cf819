"""Violations as a table; what each patch did, and what is undecided, in lines of their own."""

from __future__ import annotations

from dataclasses import replace

from harness.report.failures_table import (
    FIRST_BAD,
    excused_lines,
    failures_table,
    failures_text,
    lacking_lines,
    not_run_lines,
    sc_line,
    step_lines,
    undecided_lines,
    untestable_lines,
)
from harness.verify.steps import steps_of
from harness.verify.verdicts import UNTESTABLE, Failure, StageResult
from stages.api import AcceptedChange
from tests.report.made import MakeStage, concluded, told, under_models


def test_a_row_a_fault(stage: MakeStage) -> None:
    """Kinds and stages are sets; what was violated and the replay string are those of the first failure."""
    stages = [stage(0, {"a": "pass", "b": "fail"}), stage(1, {"a": "fail fail", "b": "pass"}), stage(2, {"a": "fail fail", "b": "error"})]
    lines = [[cell.strip() for cell in line.split("\t")] for line in failures_table(stages, "tsv").splitlines()]
    assert lines == [
        ["clause", "stages", "kinds", "what was violated", "replay"],
        ["b", "0", "softirq", "BUG: b is violated", "h1/softirq"],
        ["a", "1–2", "softirq, vcpu", "BUG: a is violated", "h1/softirq"],
    ]


def test_how_to_see_one_again(stage: MakeStage) -> None:
    """It stands below the table, if one of the failures is an execution; where nothing is violated, there is nothing."""
    failing = stage(0, {"a": "fail"})
    *lines, hint = failures_text([failing], "tsv", ("--series", "a b")).splitlines()
    assert lines == failures_table([failing], "tsv").splitlines()
    assert hint == "to see one again: harness replay STRING --series 'a b'"
    result = failing.clauses["a"].kinds["softirq"]
    assert result.failure is not None
    failing.clauses["a"].kinds["softirq"] = replace(result, failure=replace(result.failure, replay=""))
    assert failures_text([failing], "tsv", ()) == failures_table([failing], "tsv")
    assert failures_text([stage(0, {"a": "pass"})], "tsv", ()) == ""


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
    assert not_run_lines(stages, "since -x", label="") == ["1 test not run, since -x"]


def test_a_line_a_patch(stage: MakeStage) -> None:
    """What it breaks and mends, in the order of the patches, with the kinds where these are not all; first what the baseline breaks."""
    words = [("pass pass", "fail", "pass"), ("fail pass", "pass", "pass"), ("pass pass", "error", "pass"), ("pass pass", "fail", "fail")]
    stages = [stage(index, {"a": a, "b": b, "c": c}) for index, (a, b, c) in enumerate(words)]
    accepted = [AcceptedChange("c", ("softirq",), 3, "It must be."), AcceptedChange("a", ("vcpu",), 2, "")]
    assert step_lines(told(steps_of(stages, 0, accepted))) == [
        "the baseline breaks b (softirq)",
        "patch 1 breaks a (softirq); mends b",
        "patch 2 mends a (softirq)",
        "patch 3 or before breaks b",
        "accepted from patch 3: c (softirq): It must be.",
        "accepted change does not happen: stage 2 keeps a (vcpu)",
    ]


def test_a_violation_that_nobody_is_known_to_have_brought(stage: MakeStage) -> None:
    """The patches before and the baseline are named with the first stage that has a verdict."""
    steps = steps_of([stage(1, {"a": "undecided"}), stage(2, {"a": "fail"})], 0)
    assert step_lines(told(steps)) == ["patch 2 or before, or the baseline, breaks a (softirq)"]


def test_a_line_a_stage_that_cannot_be_tested(stage: MakeStage) -> None:
    """With what it does."""
    made = stage(1, {"a": "error"})
    made.clauses["a"].kinds["softirq"] = replace(made.clauses["a"].kinds["softirq"], failure=Failure(UNTESTABLE, "raises NameError"))
    assert untestable_lines([made]) == ["stage 1 cannot be tested: it raises NameError"]


def test_the_column_of_sequential_consistency_is_explained(stage: MakeStage) -> None:
    """Where there is one."""
    made = stage(1, {"a": "fail"})
    assert sc_line([made]) == ""
    made.under_sc["a", "softirq"] = "pass"
    assert sc_line([made]).startswith("under sc: whether sequential consistency violates it")
    assert "under sc" in failures_table([made], "tsv").splitlines()[0]


def test_the_column_of_stages_says_what_they_are(stage: MakeStage) -> None:
    """After a search that is the first bad one; of one file, there is no column."""
    stages = [stage(4, {"a": "fail"})]
    assert failures_table(stages, "tsv", FIRST_BAD).splitlines()[0].split("\t")[1].strip() == "first bad stage"
    header, row = (line.split("\t") for line in failures_table(stages, "tsv", where="").splitlines())
    assert [cell.strip() for cell in header] == ["clause", "kinds", "what was violated", "replay"]
    assert len(row) == len(header)


def test_a_reason_that_several_stages_share_is_said_once(stage: MakeStage) -> None:
    """In the order of their first stages, whether they could not be loaded or stood in the way of every test."""
    made = stage(1, {"a": "error"})
    made.clauses["a"].kinds["softirq"] = replace(made.clauses["a"].kinds["softirq"], failure=Failure(UNTESTABLE, "is in C"))
    assert untestable_lines([made], {3: "is missing", 0: "is in C", 2: "is in C"}) == [
        "stages 0–2 cannot be tested: each of them is in C",
        "stage 3 cannot be tested: it is missing",
    ]


def test_patches_under_each_of_several_memory_models(stage: MakeStage) -> None:
    """What is the same under all of them is said once."""
    same = [stage(0, {"a": "pass"}), stage(1, {"a": "fail"})]
    assert step_lines(concluded(under_models(tso=same, pso=same))) == ["patch 1 breaks a"]
    kept = [stage(0, {"a": "pass"}), stage(1, {"a": "pass"})]
    assert step_lines(concluded(under_models(tso=kept, pso=same))) == ["under tso: no patch breaks a clause", "under pso: patch 1 breaks a"]
    three = step_lines(concluded(under_models(sc=kept, tso=same, pso=same)))
    assert three == ["under sc: no patch breaks a clause", "under tso, pso: patch 1 breaks a"]


def cells(stages: list[StageResult]) -> list[list[str]]:
    """The table of failures, its header first."""
    return [[cell.strip() for cell in line.split("\t")] for line in failures_table(stages, "tsv").splitlines()]


def test_under_which_memory_models_something_is_violated(stage: MakeStage) -> None:
    """Equal violations are one row; what sequential consistency says has a column where it was asked."""
    tso = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail", "b": "pass"})]
    pso = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail", "b": "fail"})]
    header, *rows = [
        [cell.strip() for cell in line.split("\t")] for line in failures_table(under_models(tso=tso, pso=pso), "tsv").splitlines()
    ]
    assert header == ["clause", "stages", "kinds", "models", "what was violated", "replay"]
    assert [row[:4] for row in rows] == [["a", "1", "softirq", "tso, pso"], ["b", "1", "softirq", "pso"]]
    tried = [tso[0], replace(tso[1], under_sc={("a", "softirq"): "pass"})]
    header, row = cells(tried)
    assert (header[3], row[3]) == ("under sc", "kept")


def test_what_has_no_verdict_under_one_of_several_models(stage: MakeStage) -> None:
    """The line names the model."""
    stages = under_models(tso=[stage(0, {"a": "pass"})], pso=[stage(0, {"a": "undecided"})])
    assert undecided_lines(stages) == ["undecided: under pso: stage 0: a (softirq): a is violated"]


def test_whose_reason_it_is(stage: MakeStage) -> None:
    """Of several stages without a verdict, the first one's is told, and named."""
    assert undecided_lines([stage(1, {"a": "undecided"}), stage(2, {"a": "undecided"})]) == [
        "undecided: stages 1–2: a (softirq): in stage 1: a is violated"
    ]


def test_what_new_only_does_not_count(stage: MakeStage) -> None:
    """A patch that breaks again what the baseline violates; of the baseline itself nothing is said here."""
    stages = [stage(index, {"a": word, "b": "fail"}) for index, word in enumerate(("fail", "pass", "fail"))]
    assert excused_lines(concluded(stages, of_stages=3)) == ["not counted: patch 2 breaks a, which the baseline violates"]
    assert excused_lines(concluded(stages[:1])) == []


def test_a_line_a_thing_that_tests_ask_for_in_vain(stage: MakeStage) -> None:
    """With the clauses, if others do without; stages that lack the same for the same clauses share it."""
    stages = [
        stage(index, {"a": "error error", "b": "error pass", "c": c}) for index, c in enumerate(("pass pass", "pass pass", "error error"))
    ]
    for made in stages:
        for clause in made.clauses.values():
            for kind, result in clause.kinds.items():
                if result.verdict == "error":
                    clause.kinds[kind] = replace(result, failure=Failure(UNTESTABLE, "has no 'pop'", lacking=True))
    said = ["stages 0–1 cannot be tested for a, b (softirq): each of them has no 'pop'"]
    assert lacking_lines(stages[:2]) == untestable_lines(stages[:2]) == said
    assert lacking_lines(stages[2:]) == ["stage 2 cannot be tested for a, b (softirq), c: it has no 'pop'"]
    del stages[2].clauses["b"]
    assert lacking_lines(stages[2:]) == ["stage 2 cannot be tested: it has no 'pop'"]
