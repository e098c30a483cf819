"""Looks at every clause of a stage for a moment before any is searched to its end, so that a bad stage is called bad in seconds.

A violation that is found so is the verdict: then nothing is searched any further. Otherwise the search of a clause leaves out what was seen
to its end. All of the first look is carried out before anything is concluded from it, so the result is the same whichever job ends first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from harness.jobs.driving import Driven, JobStep, drive
from harness.jobs.executor import ENDS_GROUP
from harness.jobs.job import Job
from harness.jobs.remembering import KnownOutcomes
from harness.jobs.standing import Progress
from harness.sources.target import Target
from harness.verify.checking import Budget, Continued, Seen
from harness.verify.deepening import Exploration
from harness.verify.run_stages import Clauses, Verification, gather_by_model, verify_steps, violates
from harness.verify.verdicts import ERROR, NOT_RUN, UNDECIDED, ClauseResult, Failure, KindResult
from harness.verify.verify_in_worker import continue_clause, look_at_clause

NOT_FINISHED = Failure(NOT_RUN, "was not tested any further")


@dataclass(frozen=True)
class FirstLook:
    """What has become of the first look at one stage; `enough`: there is no point in going on."""

    driven: Driven
    enough: bool


def first_look(target: Target, plan: Verification, jobs: int, progress: Progress, cache: KnownOutcomes | None = None) -> FirstLook:
    """Look at every clause of a stage."""
    steps = [_looking(step, plan) for step in verify_steps([target], plan)]
    driven = drive([target], steps, jobs, progress, cache=cache)
    outcomes = driven.outcomes.values()
    broken = driven.interrupted or driven.faults or driven.unfit or any(outcome.status in ENDS_GROUP for outcome in outcomes)
    seen = [(step, outcome.value) for step, outcome in driven.outcomes.items() if isinstance(outcome.value, Seen)]
    return FirstLook(driven, bool(broken) or any(_violated(step.job, plan, value) for step, value in seen))


def _looking(step: JobStep, plan: Verification) -> JobStep:
    ends = partial(_violated, step.job, plan) if plan.stop_at_failure else None
    return replace(step, work=look_at_clause, ends=ends, keeps=Seen)


def _violated(job: Job, plan: Verification, seen: Seen) -> bool:
    """Whether what was seen is a violation for certain; where a change may be accepted, that takes all executions."""
    accepted = any(change.clause == job.part and job.kind in change.kinds for change in plan.accepted)
    return not accepted and violates(job, plan, seen.result)


def going_on(target: Target, plan: Verification, looked: FirstLook) -> list[JobStep]:
    """The steps that are left: those of the plan, without what was seen to its end."""
    seen = [(step.job, outcome.value) for step, outcome in looked.driven.outcomes.items() if isinstance(outcome.value, Seen)]
    known = {(job.part, job.kind, job.model): value.known for job, value in seen}
    return [_going_on(step, known) for step in verify_steps([target], plan)]


def _going_on(step: JobStep, known: dict[tuple[str, str, str], tuple[Exploration, ...]]) -> JobStep:
    job = step.job
    seen = known.get((job.part, job.kind, job.model))
    if seen is None:
        return step
    return replace(step, job=replace(job, budget=Continued(cast(Budget, job.budget), seen)), work=continue_clause)


def verdicts_of(target: Target, plan: Verification, looked: FirstLook) -> dict[str, Clauses]:
    """The violations that were seen, by memory model; what has none was not tested any further."""
    (models,) = gather_by_model([target], plan, looked.driven)
    return {model: {name: _cut_clause(found) for name, found in clauses.items()} for model, clauses in models.items()}


def _cut_clause(found: ClauseResult) -> ClauseResult:
    return ClauseResult(found.clause, {kind: _cut(result) for kind, result in found.kinds.items()})


def _cut(result: KindResult) -> KindResult:
    unfinished = result.verdict == ERROR and (result.failure is None or result.failure.kind == UNDECIDED)
    return replace(result, failure=NOT_FINISHED) if unfinished else result
