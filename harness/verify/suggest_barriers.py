"""Has barriers that make programs pass looked for in a worker process: where stages are, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from harness.jobs.driving import JobStep, drive
from harness.jobs.executor import OK, Outcome
from harness.jobs.job import Job
from harness.search.counterexample import Counterexample
from harness.search.replay_string import EXPLORED
from harness.sources.target import Target
from harness.verify.barrier_points import KINDS
from harness.verify.barrier_search import Bounds
from harness.verify.explore_programs import UNFINISHED, Row
from harness.verify.run_stages import BASE_SECONDS
from harness.verify.suggest_in_worker import HintRequest, SuggestionRequest, hint, suggest
from harness.verify.verdicts import Failure
from harness.verify.verify_in_worker import Request

# Called with how many sets of barriers were tried, and with how many executions.
Watch = Callable[[int, int], None]


# How long the search for a hint may take: it has a budget of executions.
HINT_SECONDS = 120.0


def suggest_barriers(target: Target, rows: Sequence[Row], executions: int, watch: Watch) -> Outcome:
    """Look for barriers with which all these programs pass, of which some have failed; the outcome's value is a `Suggestion`.

    A program whose search had no limit of executions gets this one.
    """
    failing = [_limited(row.request, executions) for row in rows if row.found.failure is not None]
    others = [_limited(row.request, executions) for row in rows if row.found.failure is None]
    first = failing[0]
    job = _job(target, first, SuggestionRequest((*failing, *others), len(failing), Bounds()))
    step = JobStep(0, job, suggest, None)

    def hear(heard: JobStep, values: tuple[float, ...]) -> None:
        if heard is step and len(values) == 2:
            watch(int(values[0]), int(values[1]))

    driven = drive([target], [step], 1, hear=hear)
    return driven.unfit.get(0) or driven.outcomes.get(step, UNFINISHED)


def with_hint(target: Target, shown: Counterexample, request: Request, failure: Failure) -> Counterexample:
    """A counterexample that says, under a weak memory model, which barrier would forbid the failure."""
    return replace(shown, hint=hint_for(target, request, failure))


def hint_for(target: Target, request: Request, failure: Failure) -> str:
    """Which barrier would forbid a failure, in words; nothing where none can be missing, or nobody can tell."""
    step = hint_step(target, request, failure)
    if step is None:
        return ""
    driven = drive([target], [step], 1)
    if driven.interrupted:
        raise KeyboardInterrupt
    outcome = driven.outcomes.get(step, UNFINISHED)
    return cast(str, outcome.value) if outcome.status == OK else ""


def hint_step(target: Target, request: Request, failure: Failure, position: int = 0) -> JobStep | None:
    """The step that finds out which barrier would forbid a failure, of the target at `position`; None where none can be missing."""
    if request.model not in KINDS or failure.engine != EXPLORED or target.is_c:
        return None
    job = _job(target, request, HintRequest(request, failure.deviations, failure.steps))
    return JobStep(position, job, hint, BASE_SECONDS + HINT_SECONDS)


def _limited(request: Request, executions: int) -> Request:
    return request if request.executions is not None else replace(request, executions=executions)


def _job(target: Target, request: Request, budget: object) -> Job:
    return Job(target, request.clause, request.kind, request.program, EXPLORED, request.model, budget, request.seed)
