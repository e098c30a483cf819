"""Whose a violation with the core of 2014 is, and that it never is a patch's that keeps the clause with the mended core."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from harness.explored.models import ARM, ARM_2014
from harness.jobs.driving import Driven, drive
from harness.jobs.job import Job
from harness.sources.single_file import target_of_file
from harness.verify.checking import Budget
from harness.verify.core_findings import core_findings
from harness.verify.faults import Fault
from harness.verify.run_stages import Verification, gather_by_model, sc_steps, verify_steps, violates
from harness.verify.verdicts import FAIL, PASS, StageResult
from stages import FIXED
from tests.report.made import MakeStage, concluded

BASELINE = FIXED.stages[0].path


def with_old_core(mended: StageResult, old: StageResult) -> StageResult:
    """The results of a stage under `arm`, and those with the core of 2014."""
    return replace(mended, models={ARM: mended.clauses}, old_core=old.clauses)


def told(faults: tuple[Fault, ...]) -> list[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    """What and where."""
    return [(fault.clause, fault.kinds, fault.stages) for fault in faults]


def test_what_the_mended_core_mends_is_about_the_core(stage: MakeStage) -> None:
    """For the kinds that it mends; what is violated with both is not."""
    found = core_findings(
        [with_old_core(stage(i, {"a": "pass fail", "b": "pass"}), stage(i, {"a": "fail fail", "b": "pass"})) for i in (0, 1)]
    )
    assert (told(found.found), found.unsure, found.undecided, found.complete) == ([("a", ("softirq",), (0, 1))], (), (), True)


@pytest.mark.parametrize("unknown", [{"a": "undecided"}, {"a": "error"}, {}])
def test_nobody_knows_whose_a_violation_is_without_a_verdict(stage: MakeStage, unknown: dict[str, str]) -> None:
    """Nor does anybody where the mended core was not tried."""
    found = core_findings([with_old_core(stage(0, unknown), stage(0, {"a": "fail"}))])
    assert (found.found, told(found.unsure)) == ((), [("a", ("softirq",), (0,))])


def test_what_has_no_verdict_with_the_old_core(stage: MakeStage) -> None:
    """It is said; what was never begun is only not complete."""
    cut = core_findings([with_old_core(stage(0, {"a": "pass"}), stage(0, {"a": "undecided"}))])
    assert (told(cut.undecided), cut.complete) == ([("a", ("softirq",), (0,))], False)
    never = core_findings([with_old_core(stage(0, {"a": "pass"}), stage(0, {"a": "error"}))])
    assert (never.found, never.unsure, never.undecided, never.complete) == ((), (), (), False)


def test_no_patch_is_accused(stage: MakeStage) -> None:
    """One that keeps with the mended core what it violates with the old one breaks nothing; with both, it does."""
    kept = [
        with_old_core(stage(0, {"a": "pass"}), stage(0, {"a": "pass"})),
        with_old_core(stage(1, {"a": "pass"}), stage(1, {"a": "fail"})),
    ]
    assert (concluded(kept, every_clause=("a",)).bisectable, concluded(kept).bad) == (True, False)
    broken = [kept[0], with_old_core(stage(1, {"a": "fail"}), stage(1, {"a": "fail"}))]
    assert (concluded(broken).bad, core_findings(broken).found) == (True, ())


def searched() -> tuple[Verification, Driven]:
    """The baseline under `arm` with both cores; the first violation is to end everything."""
    plan = Verification((("context", ("vcpu",)),), Budget(timed_seeds=1), (ARM, ARM_2014), stop_at_failure=True)
    target = target_of_file(str(BASELINE))
    return plan, drive([target], verify_steps([target], plan), 1)


def test_the_baseline_loses_a_schedule_with_the_old_core_only() -> None:
    """That ends no other test, and is not tried under sequential consistency: there is no barrier to be without."""
    plan, driven = searched()
    target = target_of_file(str(BASELINE))
    (found,) = gather_by_model([target], plan, driven)
    old, mended = (found[model]["context"].kinds["vcpu"] for model in (ARM_2014, ARM))
    assert (old.verdict, mended.verdict) == (FAIL, PASS)
    assert old.failure is not None
    assert "/arm-2014.x5000," in old.failure.replay
    assert sc_steps([target], plan, driven) == []
    ends = partial(violates, plan=plan, result=old)
    job = Job(target, "context", "vcpu", model=ARM)
    assert (ends(job), ends(replace(job, model=ARM_2014))) == (True, False)
