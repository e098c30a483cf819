"""What does not pass is grouped without claiming more than was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.machine.lacking_api import ApiLack
from harness.verify.faults import Lack, lacks, not_run, ranges, stages_named, undecided, untestable, violations
from harness.verify.verdicts import UNTESTABLE, Failure, StageResult
from tests.report.made import MakeStage


def fail_otherwise(stage: StageResult, clause: str, kind: str) -> StageResult:
    """Make a failure one of another kind."""
    result = stage.clauses[clause].kinds[kind]
    assert result.failure is not None
    stage.clauses[clause].kinds[kind] = replace(result, failure=replace(result.failure, kind="deadlock"))
    return stage


def test_kinds_that_fail_in_the_same_stages_are_one_fault(stage: MakeStage) -> None:
    """A fault is a product of kinds and stages: nothing is in it that did not fail."""
    words = [("pass pass", "pass"), ("fail fail", "pass"), ("fail fail", "fail"), ("fail pass", "pass")]
    stages = [stage(index, {"a": a, "b": b}) for index, (a, b) in enumerate(words)]
    found = [(fault.clause, fault.kinds, fault.stages, fault.failure.replay) for fault in violations(stages)]
    assert found == [
        ("a", ("softirq",), (1, 2, 3), "h1/softirq"),
        ("a", ("vcpu",), (1, 2), "h1/vcpu"),
        ("b", ("softirq",), (2,), "h1/softirq"),
    ]


def test_another_way_of_failing_is_another_fault(stage: MakeStage) -> None:
    """Even of the same clause in the same stage."""
    stages = [fail_otherwise(stage(1, {"a": "fail fail"}), "a", "vcpu")]
    assert [(fault.kinds, fault.failure.kind) for fault in violations(stages)] == [(("softirq",), "BUG"), (("vcpu",), "deadlock")]


def test_what_has_no_verdict_is_no_violation(stage: MakeStage) -> None:
    """Undecided tests are grouped by themselves; what was not run is counted."""
    stages = [stage(1, {"a": "undecided undecided", "b": "error error"}), stage(2, {"a": "undecided undecided", "b": "pass error"})]
    assert violations(stages) == []
    assert [(fault.clause, fault.kinds, fault.stages) for fault in undecided(stages)] == [("a", ("softirq", "vcpu"), (1, 2))]
    assert not_run(stages) == {1: 2, 2: 1}


def test_a_stage_that_cannot_be_tested_has_one_reason(stage: MakeStage) -> None:
    """All its tests have the same one, so it is no undecided clause."""
    made = stage(1, {"a": "error error"})
    for kind, result in made.clauses["a"].kinds.items():
        made.clauses["a"].kinds[kind] = replace(result, failure=Failure(UNTESTABLE, "raises NameError"))
    assert (violations([made]), undecided([made]), not_run([made])) == ([], [], {})
    assert untestable([made]) == {1: "raises NameError"}


def test_what_a_stage_lacks_has_the_clauses_that_ask_for_it(stage: MakeStage) -> None:
    """A name is there once, with the first line that asks for it; such a stage is tested, for the rest."""
    made = stage(1, {"a": "error error", "b": "error fail", "c": "error pass"})
    reasons = [ApiLack(name).sentence(f"suite s.py:{line}", "") for name, line in (("pop", 1), ("pop", 2), ("pop", 3), ("top", 4))]
    for clause, kind, reason in zip("aabc", ("softirq", "vcpu", "softirq", "softirq"), reasons, strict=True):
        result = made.clauses[clause].kinds[kind]
        made.clauses[clause].kinds[kind] = replace(result, failure=Failure(UNTESTABLE, reason, lacking=True))
    assert lacks(made) == [
        Lack(reasons[0], (("a", ("softirq", "vcpu")), ("b", ("softirq",)))),
        Lack(reasons[3], (("c", ("softirq",)),)),
    ]
    assert (untestable([made]), undecided([made])) == ({}, [])
    assert [fault.clause for fault in violations([made])] == ["b"]


@pytest.mark.parametrize(
    ("numbers", "text"), [((4,), "stage 4"), ((1, 2, 3, 4, 5), "stages 1–5"), ((1, 3, 4, 5), "stages 1, 3–5"), ((0, 2), "stages 0, 2")]
)
def test_numbers_in_short(numbers: tuple[int, ...], text: str) -> None:
    """Neighbours are a range."""
    assert stages_named(numbers) == text
    assert text.endswith(ranges(numbers))
