"""What is said about each patch that breaks something."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations

import pytest

from harness.verify.complaints import complaints
from harness.verify.faults import violations
from harness.verify.simplicity import simplicity
from harness.verify.verdicts import FAIL, Failure, StageResult
from tests.report.made import MakeStage, concluded, under_models

FAILURE = Failure("BUG", "", "p", "explored", replay="h2/x")
FROM_THE_SIMPLEST = [
    FAILURE,
    replace(FAILURE, operations=7),
    replace(FAILURE, operations=8),
    replace(FAILURE, kind="no progress"),
    replace(FAILURE, deviations=((1, 1),)),
    replace(FAILURE, deviations=((1, 1), (2, 1))),
    replace(FAILURE, engine="timed"),
    replace(FAILURE, model="tso"),
    replace(FAILURE, model="pso"),
    replace(FAILURE, model="arm", operations=1),
    replace(FAILURE, model="arm", deviations=((1, 1),)),
    replace(FAILURE, model="arm-2014"),
    Failure("hang", ""),
]


def test_by_patch_and_clause(stage: MakeStage) -> None:
    """Only what a patch breaks: nothing of the baseline, of what stays broken, or of what has no verdict."""
    words = ({"a": "pass pass", "b": "fail pass"}, {"a": "fail fail", "b": "fail pass"}, {"a": "fail fail", "b": "fail undecided"})
    stages = [stage(index, each) for index, each in enumerate(words)]
    found = complaints(stages, concluded(stages, of_stages=3))
    assert [(patch, [each.step.what for each in of]) for patch, of in found.items()] == [(1, ["a"])]


def with_failure(stage: StageResult, kind: str, failure: Failure) -> StageResult:
    """The stage, of which clause `a` fails so for a kind."""
    result = stage.clauses["a"].kinds[kind]
    assert result.verdict == FAIL
    stage.clauses["a"].kinds[kind] = replace(result, failure=failure)
    return stage


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Failure("hang", ""), Failure("BUG", "", engine="timed", replay="t1")),
        (Failure("BUG", "", engine="timed", replay="t1"), Failure("BUG", "", engine="explored", deviations=((1, 1),), replay="x1")),
        (Failure("BUG", "", engine="explored", deviations=((1, 1), (2, 1)), replay="x"), Failure("BUG", "", engine="explored", replay="x")),
    ],
)
def test_the_simplest_execution(stage: MakeStage, first: Failure, second: Failure) -> None:
    """Of several kinds, an execution rather than none, an explored one rather than a timed one, one with few deviations."""
    assert simplicity(second) < simplicity(first)
    broken = with_failure(with_failure(stage(1, {"a": "fail fail"}), "softirq", first), "vcpu", second)
    stages = [stage(0, {"a": "pass pass"}), broken]
    ((complaint,),) = complaints(stages, concluded(stages)).values()
    assert (complaint.failure, complaint.kind, complaint.step.kinds) == (second, "vcpu", ("softirq", "vcpu"))


def test_the_models_under_which_it_breaks(stage: MakeStage) -> None:
    """A clause that the baseline violates under one of them is broken by the patch under the others."""
    stages = under_models(
        sc=[stage(0, {"a": "pass"}), stage(1, {"a": "fail"})],
        tso=[stage(0, {"a": "fail"}), stage(1, {"a": "fail"})],
        pso=[stage(0, {"a": "pass"}), stage(1, {"a": "fail"})],
    )
    ((complaint,),) = complaints(stages, concluded(stages)).values()
    assert complaint.models == ("sc", "pso")


def test_from_the_simplest_on() -> None:
    """What needs no weak memory model before what does; then few deviations; then few operations; last what cannot be shown."""
    assert all(simplicity(one) < simplicity(other) for one, other in pairwise(FROM_THE_SIMPLEST))


def failing(stage: MakeStage, softirq: Failure, vcpu: Failure) -> list[StageResult]:
    """A patch that breaks a clause for two kinds."""
    stages = [stage(0, {"a": "pass pass"}), stage(1, {"a": "fail fail"})]
    kinds = stages[1].clauses["a"].kinds
    kinds.update({kind: replace(kinds[kind], failure=failure) for kind, failure in (("softirq", softirq), ("vcpu", vcpu))})
    return stages


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_everybody_chooses_the_same(stage: MakeStage, order: tuple[int, ...]) -> None:
    """Whatever kind and memory model the simplest one is of: the complaint, the table, and what is told over all models."""
    alike = [each for each in FROM_THE_SIMPLEST if each.kind == FAILURE.kind]
    four = [replace(alike[at], replay=f"h2/{at}") for at in order]
    stages = under_models(arm=failing(stage, *four[:2]), sc=failing(stage, *four[2:]))
    ((complaint,),) = complaints(stages, concluded(stages, kinds=("softirq", "vcpu"))).values()
    (fault,) = violations(stages)
    over_all = [result.failure for result in stages[1].clauses["a"].kinds.values()]
    assert complaint.failure == fault.failure == min((each for each in over_all if each), key=simplicity)
    assert complaint.failure.replay == "h2/0"
