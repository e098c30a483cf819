"""Runs the contract, the performance scenario and the behaviour probes on stages, and puts the results in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.jobs.process_pool import GIVEN_UP, INTERRUPTED, OK, RAISED, TIMED_OUT, Batch, Outcome, Progress, Task, run_tasks
from harness.jobs.stage_loading import Target
from harness.jobs.tasks import check_kind, measure_stage, probe_stage, try_load
from harness.machine.diagnosis import CRASH, HANG
from harness.search.replay_string import Replay, encode
from harness.suite.clause import NO_RACES, Clause
from harness.suite.figure import NotMeasured
from harness.suite.registry import suite_named
from harness.verify.checking import Budget
from harness.verify.no_races import no_races
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, ClauseResult, Failure, KindResult, StageResult

LOAD_SECONDS = 5.0
# Many times what a task needs on a slow machine: only a stage that does not come back gets there.
BASE_SECONDS = 15.0
SECONDS_PER_EXECUTION = 0.01
MEASURE_SECONDS = 300.0

# What a clause's failure is called when there is no verdict.
UNTESTED = {TIMED_OUT: HANG, GIVEN_UP: NOT_RUN}

# These take longest: started first, none of them is left over at the end.
LONG = ("clients", "never-concurrent")

LOAD = "load"
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
    # Whether the first violation on a stage ends its tests.
    stop_at_failure: bool = False


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
    steps.sort(key=_urgency)
    batch = run_tasks([step.task for step in steps], jobs, progress)
    return _gather(list(targets), plan, steps, batch)


def _steps(position: int, target: Target, plan: Plan) -> list[_Step]:
    """The tasks of one stage."""
    steps = [_Step(Task(position, try_load, (target,), LOAD_SECONDS, gate=True), LOAD)]
    if plan.performance:
        steps.append(_Step(Task(position, measure_stage, (target, plan.seed), MEASURE_SECONDS), PERFORMANCE))
    if plan.behaviour:
        steps.append(_Step(Task(position, probe_stage, (target,), BASE_SECONDS), BEHAVIOUR))
    for clause, kind in _needed(target, plan):
        seconds = _seconds(len(clause.programs_for(kind)), plan)
        ends = _violates(plan, clause.id, kind) if plan.stop_at_failure else None
        steps.append(_Step(Task(position, check_kind, (target, clause.id, kind, plan.budget), seconds, ends=ends), clause.id, kind))
    return steps


def _violates(plan: Plan, clause: str, kind: str) -> Callable[[KindResult], bool]:
    """A test of the result of one clause for one kind: does it violate what was asked for?"""
    kinds = dict(plan.clauses)
    asked, races = kind in kinds.get(clause, ()), kind in kinds.get(NO_RACES, ())
    return lambda result: (asked and result.verdict == FAIL) or (races and result.race is not None)


def _needed(target: Target, plan: Plan) -> list[tuple[Clause, str]]:
    """What has to be tested: for `no-races`, everything of the kinds that are asked for."""
    kinds = dict(plan.clauses)
    races = kinds.get(NO_RACES, ())
    clauses = [clause for name, clause in suite_named(target.suite).clauses.items() if name != NO_RACES]
    return [(clause, kind) for clause in clauses for kind in clause.kinds if kind in (*kinds.get(clause.id, ()), *races)]


def _seconds(programs: int, plan: Plan) -> float:
    """The time limit of a test: for each program, a search without a bound and one for each bound, a sample, and the timed runs."""
    effort = plan.budget.effort
    executions = effort.executions * (effort.preemptions + 2) + effort.samples + effort.simplify + plan.budget.timed_seeds
    return BASE_SECONDS + SECONDS_PER_EXECUTION * executions * programs


def _urgency(step: _Step) -> int:
    """The order in which to start: first what the others need, then what takes long."""
    order = (LOAD, *LONG, PERFORMANCE, BEHAVIOUR)
    return order.index(step.part) if step.part in order else len(order)


def _gather(targets: list[Target], plan: Plan, steps: list[_Step], batch: Batch) -> Run:
    run = Run(targets, plan, [StageResult(target.index, target.title, target.module) for target in targets], interrupted=batch.interrupted)
    tested: list[dict[tuple[str, str], KindResult]] = [{} for _ in targets]
    for step, outcome in zip(steps, batch.outcomes, strict=True):
        position = step.task.group
        if outcome.status == INTERRUPTED:
            continue
        if outcome.status == RAISED:
            run.faults.append(f"{step.part} {step.kind}".rstrip() + f": {outcome.problem}")
        if step.part == LOAD:
            if outcome.status != OK:
                run.problems[position] = outcome.problem
        elif step.part == PERFORMANCE:
            run.stages[position].performance = outcome.value if outcome.status == OK else NotMeasured(outcome.sentence)
        elif step.part == BEHAVIOUR:
            run.stages[position].behaviour = _probed(outcome)
        else:
            tested[position][step.part, step.kind] = _judged(step, plan, outcome)
    for target, stage, results in zip(targets, run.stages, tested, strict=True):
        stage.clauses = _clauses(target, plan, results)
    return run


def _clauses(target: Target, plan: Plan, tested: dict[tuple[str, str], KindResult]) -> dict[str, ClauseResult]:
    """The clauses that were asked for, in order."""
    needed = [(clause.id, kind) for clause, kind in _needed(target, plan)]
    found = dict(tested)
    for kind in dict(plan.clauses).get(NO_RACES, ()):
        others = [tested[pair] for pair in needed if pair[1] == kind and pair in tested]
        # An interrupted run says nothing about what it has not seen.
        if len(others) == sum(pair[1] == kind for pair in needed):
            found[NO_RACES, kind] = no_races(kind, others)
    clauses: dict[str, ClauseResult] = {}
    for clause, kinds in plan.clauses:
        for kind in kinds:
            if result := found.get((clause, kind)):
                clauses.setdefault(clause, ClauseResult(clause)).kinds[kind] = _replayable(target, result)
    return clauses


def _probed(outcome: Outcome) -> dict[str, Any]:
    """What was measured, or the one key `error`."""
    return outcome.value if outcome.status == OK else {"error": outcome.sentence}


def _judged(step: _Step, plan: Plan, outcome: Outcome) -> KindResult:
    if outcome.status == OK:
        result: KindResult = outcome.value
        return result
    failure = Failure(UNTESTED.get(outcome.status, CRASH), outcome.sentence, seed=plan.budget.seed)
    return KindResult(step.part, step.kind, ERROR, executions=0, failure=failure)


def _replayable(target: Target, result: KindResult) -> KindResult:
    """Add the replay string, if there is an execution to replay."""
    if result.failure is None or not result.failure.engine:
        return result
    return replace(result, failure=replace(result.failure, replay=replay_string(target, result.clause, result.kind, result.failure)))


def replay_string(target: Target, clause: str, kind: str, failure: Failure) -> str:
    """The string that `harness replay` executes again."""
    where = (target.series, target.index, clause, kind, failure.program)
    return encode(Replay(*where, failure.engine, failure.seed, dict(failure.deviations), failure.steps))
