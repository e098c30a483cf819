"""Runs the contract, the performance scenario and the behaviour probes on stages, and puts the results in order."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.conformance.check import Budget
from harness.machine.diagnosis import CRASH, HANG
from harness.results import ERROR, NOT_RUN, ClauseResult, Failure, KindResult, StageResult
from harness.series.loading import Target
from harness.series.pool import GIVEN_UP, INTERRUPTED, OK, RAISED, TIMED_OUT, Batch, Outcome, Progress, Task, run_tasks
from harness.series.tasks import check_kind, measure_stage, probe_stage, try_load

LOAD_SECONDS = 5.0
# Many times what a task needs on a slow machine: only a stage that does not come back gets there.
BASE_SECONDS = 15.0
SECONDS_PER_EXECUTION = 0.1
MEASURE_SECONDS = 300.0

# What a clause's failure is called when there is no verdict.
UNTESTED = {TIMED_OUT: HANG, GIVEN_UP: NOT_RUN}

BEHAVIOUR = "behaviour"
PERFORMANCE = "performance"


@dataclass(frozen=True)
class Plan:
    """What to find out about each stage: clauses with their kinds, and whether to probe and to measure."""

    clauses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    budget: Budget = field(default_factory=Budget)
    seed: int = 0
    behaviour: bool = False
    performance: bool = False


@dataclass
class Run:
    """The results of all stages; `problems` says, by position, why a stage could not be tested at all; `faults` are the harness's own."""

    targets: list[Target]
    plan: Plan
    stages: list[StageResult]
    problems: dict[int, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    interrupted: bool = False


@dataclass(frozen=True)
class _Step:
    """A task, and where its result belongs."""

    task: Task
    part: str
    kind: str = ""


def run_stages(targets: Sequence[Target], plan: Plan, jobs: int, progress: Progress) -> Run:
    """Carry out `plan` on every target."""
    steps = [step for position, target in enumerate(targets) for step in _steps(position, target, plan)]
    batch = run_tasks([step.task for step in steps], jobs, progress)
    return _gather(list(targets), plan, steps, batch)


def _steps(position: int, target: Target, plan: Plan) -> list[_Step]:
    """The tasks of one stage; the long ones come first, so that none of them is left over at the end."""
    seconds = BASE_SECONDS + SECONDS_PER_EXECUTION * (plan.budget.timed_seeds + plan.budget.executions)
    steps = [_Step(Task(position, try_load, (target,), LOAD_SECONDS, gate=True), "load")]
    if plan.performance:
        steps.append(_Step(Task(position, measure_stage, (target, plan.seed), MEASURE_SECONDS), PERFORMANCE))
    if plan.behaviour:
        steps.append(_Step(Task(position, probe_stage, (target,), BASE_SECONDS), BEHAVIOUR))
    for clause, kinds in plan.clauses:
        steps += [_Step(Task(position, check_kind, (target, clause, kind, plan.budget), seconds), clause, kind) for kind in kinds]
    return steps


def _gather(targets: list[Target], plan: Plan, steps: list[_Step], batch: Batch) -> Run:
    run = Run(targets, plan, [StageResult(target.index, target.title, target.module) for target in targets], interrupted=batch.interrupted)
    for step, outcome in zip(steps, batch.outcomes, strict=True):
        position = step.task.group
        if outcome.status == INTERRUPTED:
            continue
        if outcome.status == RAISED:
            run.faults.append(f"{step.part} {step.kind}".rstrip() + f": {outcome.problem}")
        if step.part == "load":
            if outcome.status != OK:
                run.problems[position] = outcome.problem
        elif step.part == PERFORMANCE:
            run.stages[position].performance = _measured(outcome)
        elif step.part == BEHAVIOUR:
            run.stages[position].behaviour = _measured(outcome)
        else:
            result = _judged(step, targets[position], plan, outcome)
            run.stages[position].clauses.setdefault(step.part, ClauseResult(step.part)).kinds[step.kind] = result
    return run


def _measured(outcome: Outcome) -> dict[str, Any]:
    """What was measured, or the one key `error`."""
    return outcome.value if outcome.status == OK else {"error": outcome.sentence}


def _judged(step: _Step, target: Target, plan: Plan, outcome: Outcome) -> KindResult:
    if outcome.status != OK:
        kind = UNTESTED.get(outcome.status, CRASH)
        failure = Failure(kind, outcome.sentence, seed=plan.budget.seed)
        result = KindResult(step.part, step.kind, ERROR, executions=0, failure=failure)
    else:
        result = outcome.value
    if result.failure is None:
        return result
    return replace(result, failure=replace(result.failure, replay=replay_line(target, result, plan.budget)))


def replay_line(target: Target, result: KindResult, budget: Budget) -> str:
    """The command that finds the failure again."""
    failure = result.failure
    assert failure is not None
    # A timed seed is one execution; a sample is found again by drawing it again.
    sample = (failure.seed, 1) if failure.engine == "timed" else (budget.seed, budget.executions)
    effort = "--seed {} --seeds 1 --executions {}".format(*sample)
    return f"harness check {shlex.quote(target.path)} --check {result.clause} --kind {result.kind} {effort}"
