"""From the clauses that are asked for to verdicts: which jobs that takes on each stage, and what their outcomes say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from harness.explored.models import ARM_2014, SC
from harness.jobs.driving import Driven, JobStep, drive
from harness.jobs.executor import GIVEN_UP, LACKING, NOT_A_STAGE, OK, TIMED_OUT, Outcome
from harness.jobs.job import Job
from harness.jobs.standing import Progress
from harness.machine.diagnosis import CRASH, HANG
from harness.search.replay_string import EXPLORED, Replay, encode, source_mark
from harness.sources.target import Target
from harness.suite.clause import NO_RACES, Clause
from harness.suite.registry import suite_named
from harness.verify.across_executions import compared
from harness.verify.checking import Budget, Seen
from harness.verify.models_together import together
from harness.verify.no_races import no_races
from harness.verify.steps import accepted_of
from harness.verify.untestable import python_error, without_accusation
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, UNTESTABLE, ClauseResult, Failure, KindResult
from harness.verify.verify_in_worker import check_clause, continue_clause, look_at_clause
from stages.api import AcceptedChange

# Many times what a job needs on a slow machine: only a stage that does not come back gets there.
BASE_SECONDS = 15.0
SECONDS_PER_EXECUTION = 0.01

# What the steps of a verification do.
WORK = (check_clause, continue_clause, look_at_clause)

# What a clause's failure is called when there is no verdict.
UNTESTED = {TIMED_OUT: HANG, GIVEN_UP: NOT_RUN, NOT_A_STAGE: UNTESTABLE, LACKING: UNTESTABLE}

# These take longest: started first, none of them is left over at the end.
LONG = ("clients", "never-concurrent")
USUAL_URGENCY = 9

# The results for one stage, by the clause's id.
Clauses = dict[str, ClauseResult]
# The results of what was tested under one memory model, by clause and kind.
Tested = dict[tuple[str, str], KindResult]


@dataclass(frozen=True)
class Verification:
    """What to test each stage for: clauses with their kinds, and how far to go."""

    clauses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    budget: Budget = field(default_factory=Budget)
    # The memory models, if not only that of the budget; virtual time has none, so it is tried together with the first of them.
    models: tuple[str, ...] = ()
    # Whether the first violation on a stage ends its tests, but for changes that are accepted wherever they are.
    stop_at_failure: bool = False
    accepted: tuple[AcceptedChange, ...] = ()
    # Whether what different executions have done is compared: then a failure need not be one of a single execution.
    across_executions: bool = True

    @property
    def every_model(self) -> tuple[str, ...]:
        """All memory models."""
        return self.models or (self.budget.effort.model,)

    def budget_under(self, model: str) -> Budget:
        """How far to go under one of the models."""
        seeds = self.budget.timed_seeds if model == self.every_model[0] else 0
        return replace(self.budget, timed_seeds=seeds, effort=replace(self.budget.effort, model=model))


def verify_stages(targets: Sequence[Target], plan: Verification, jobs: int, progress: Progress) -> tuple[list[Clauses], Driven]:
    """Test every target, and nothing else; the results are in the order of the targets."""
    driven = drive(targets, verify_steps(targets, plan), jobs, progress)
    return gather_verdicts(targets, plan, driven), driven


def verify_steps(targets: Sequence[Target], plan: Verification) -> list[JobStep]:
    """One step for each clause and kind of each stage, under each memory model."""
    return [
        _step(position, target, plan, *pair, model)
        for model in plan.every_model
        for position, target in enumerate(targets)
        for pair in _needed(target, plan)
    ]


def tries_sc(plan: Verification) -> bool:
    """Whether violations, if there are any, are tried under sequential consistency afterwards, since it is none of the models."""
    return bool(plan.clauses) and SC not in plan.every_model


def sc_steps(targets: Sequence[Target], plan: Verification, driven: Driven) -> list[JobStep]:
    """Steps that try under sequential consistency what an execution with store buffers violates, if that was not to be tried."""
    suites = [suite_named(target.suite).clauses for target in targets]
    found = {(at, result.clause, result.kind): None for at, result in _explored_violations(plan, driven) if _model(result) != SC}
    return [_step(at, targets[at], plan, suites[at][clause], kind, SC) for at, clause, kind in found]


def verdicts_under_sc(targets: Sequence[Target], plan: Verification, driven: Driven, again: Driven) -> list[dict[tuple[str, str], str]]:
    """What sequential consistency says of violations: for each stage, by clause and kind; `again` is what became of `sc_steps`."""
    found: list[dict[tuple[str, str], str]] = [{} for _ in targets]
    for step, outcome in again.outcomes.items():
        if step.work in WORK:
            found[step.position][step.job.part, step.job.kind] = _judged(step.job, outcome).verdict
    for at, result in _explored_violations(plan, driven):
        if _model(result) == SC:
            found[at][result.clause, result.kind] = FAIL
    return found


def _explored_violations(plan: Verification, driven: Driven) -> Iterator[tuple[int, KindResult]]:
    """The violations by single executions, each with the position of its stage; none if sequential consistency was to be tried anyway."""
    if not tries_sc(plan):
        return
    for step, outcome in driven.outcomes.items():
        if step.work in WORK and step.job.model != ARM_2014:
            result = _judged(step.job, outcome)
            if result.verdict == FAIL and result.failure is not None and result.failure.engine == EXPLORED:
                yield step.position, result


def _model(result: KindResult) -> str:
    return "" if result.failure is None else result.failure.model


def _step(position: int, target: Target, plan: Verification, clause: Clause, kind: str, model: str) -> JobStep:
    job = Job(target, clause.id, kind, model=model, budget=plan.budget_under(model), seed=plan.budget.seed)
    urgency = LONG.index(clause.id) if clause.id in LONG else USUAL_URGENCY
    ends = partial(violates, job, plan) if plan.stop_at_failure else None
    return JobStep(position, job, check_clause, _seconds(len(clause.programs_for(kind)), plan), urgency, ends, KindResult)


def violates(job: Job, plan: Verification, result: KindResult) -> bool:
    """Whether the result of a job violates what was asked for.

    An exception that the stage's code raises may be in every program: then it is no violation, so it ends nothing. Nor does what fails
    with the core of 2014.
    """
    if job.model == ARM_2014:
        return False
    kinds = dict(plan.clauses)
    asked, races = job.kind in kinds.get(job.part, ()), job.kind in kinds.get(NO_RACES, ())
    failed = asked and result.verdict == FAIL and python_error(result.failure, job.target) is None
    if failed and accepted_of(ClauseResult(job.part, {job.kind: result}), plan.accepted):
        failed = False
    return failed or (races and result.race is not None)


def _needed(target: Target, plan: Verification) -> list[tuple[Clause, str]]:
    """What has to be tested: for `no-races`, everything of the kinds that are asked for."""
    kinds = dict(plan.clauses)
    races = kinds.get(NO_RACES, ())
    clauses = [clause for name, clause in suite_named(target.suite).clauses.items() if name != NO_RACES]
    return [(clause, kind) for clause in clauses for kind in clause.kinds if kind in (*kinds.get(clause.id, ()), *races)]


def _seconds(programs: int, plan: Verification) -> float:
    """The time limit of a test: for each program, a search without a bound and one for each bound, a sample, and the timed runs."""
    effort = plan.budget.effort
    executions = effort.executions * (effort.preemptions + 2) + effort.samples + effort.simplify + plan.budget.timed_seeds
    return BASE_SECONDS + SECONDS_PER_EXECUTION * executions * programs


def gather_verdicts(targets: Sequence[Target], plan: Verification, driven: Driven) -> list[Clauses]:
    """The results of each stage over all memory models; steps of others are left alone."""
    return [together(models) for models in gather_by_model(targets, plan, driven)]


def gather_by_model(targets: Sequence[Target], plan: Verification, driven: Driven) -> list[dict[str, Clauses]]:
    """The results of each stage under each memory model."""
    tested: list[dict[str, Tested]] = [{model: {} for model in plan.every_model} for _ in targets]
    for step, outcome in driven.outcomes.items():
        if step.work in WORK:
            tested[step.position][step.job.model][step.job.part, step.job.kind] = _judged(step.job, outcome)
    each = zip(targets, tested, strict=True)
    return [{model: _clauses(target, plan, results) for model, results in models.items()} for target, models in each]


def _clauses(target: Target, plan: Verification, tested: Tested) -> Clauses:
    """The clauses that were asked for, in order."""
    needed = [(clause.id, kind) for clause, kind in _needed(target, plan)]
    asked = dict(plan.clauses)
    found = dict(tested)
    if plan.across_executions:
        results = [tested[clause, kind] for clause, kind in needed if kind in asked.get(clause, ()) and (clause, kind) in tested]
        found |= {(result.clause, result.kind): result for result in compared(results)}
    for kind in asked.get(NO_RACES, ()):
        others = [tested[pair] for pair in needed if pair[1] == kind and pair in tested]
        # An interrupted run says nothing about what it has not seen.
        if len(others) == sum(pair[1] == kind for pair in needed):
            found[NO_RACES, kind] = no_races(kind, others)
    clauses: Clauses = {}
    for clause, kinds in plan.clauses:
        for kind in kinds:
            if result := found.get((clause, kind)):
                clauses.setdefault(clause, ClauseResult(clause)).kinds[kind] = _replayable(target, result)
    return without_accusation(target, clauses, list(tested.values()))


def _judged(job: Job, outcome: Outcome) -> KindResult:
    if outcome.status == OK:
        value: KindResult | Seen = outcome.value
        return value.result if isinstance(value, Seen) else value
    lacking = outcome.status == LACKING
    said = outcome.problem if lacking or outcome.status == NOT_A_STAGE else outcome.sentence
    failure = Failure(UNTESTED.get(outcome.status, CRASH), said, seed=job.seed, lacking=lacking)
    return KindResult(job.part, job.kind, ERROR, executions=0, failure=failure)


def _replayable(target: Target, result: KindResult) -> KindResult:
    """Add the replay string, if there is an execution to replay."""
    if result.failure is None or not result.failure.engine:
        return result
    return replace(result, failure=replace(result.failure, replay=replay_string(target, result.clause, result.kind, result.failure)))


def replay_string(target: Target, clause: str, kind: str, failure: Failure) -> str:
    """The string that `harness replay` executes again."""
    where = (target.series, target.index, clause, kind, failure.program)
    how = (failure.engine, failure.seed, dict(failure.deviations), failure.steps)
    return encode(Replay(*where, *how, model=failure.model, source=source_mark(target.content_hash)))
