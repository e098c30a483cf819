"""What worker processes do with a job of this room: check a clause, search one program, execute one execution again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TypeVar, cast

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import EVERY_ENGINE, SC
from harness.jobs.job import Job
from harness.jobs.printed import captured
from harness.jobs.stage_loading import NeverReturns
from harness.jobs.watchdog import on_duty
from harness.jobs.with_stage import with_stage
from harness.machine.cpu_numbers import cpu_of_number
from harness.machine.diagnosis import HANG
from harness.search.counterexample import Counterexample, counterexample, timed_counterexample
from harness.search.natural_order import Deviating
from harness.search.replay_string import TIMED, Replay
from harness.search.search import PASSED, Execute, Limits, Observer, SearchResult, Strategy, judge, search, untried_read_of
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.pct import Pct
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.random_walks import RandomWalks
from harness.search.strategies.source_dpor import SourceDpor
from harness.search.timed_record import RecordingEngine
from harness.search.untried_reads import described_untried
from harness.sources.target import Target
from harness.suite.program import Program
from harness.suite.registry import suite_named
from harness.suite.word_names import with_names
from harness.verify.checking import JITTER, Budget, Continued, Seen, check, look_at, timed_steps, timed_verdict
from harness.verify.deepening import PCT_DEPTH, Effort, Exploration, NotRepeated, simplest, worded
from harness.verify.doubts import Doubts
from harness.verify.no_races import executing
from harness.verify.search_progress import Teller
from harness.verify.verdicts import NOT_DETERMINISTIC, Failure, KindResult

T = TypeVar("T")

SAMPLES = 1_000


@dataclass(frozen=True)
class Request:
    """Which program to search for which clause and kind, how, and how far. `executions` and `seconds`: None is no limit."""

    clause: str
    kind: str
    program: str
    strategy: str = "optimal"
    preemptions: int = Effort.preemptions
    depth: int = PCT_DEPTH
    executions: int | None = None
    seconds: float | None = None
    seed: int = 0
    model: str = SC

    @property
    def samples(self) -> int:
        """How many executions to draw."""
        return SAMPLES if self.executions is None else self.executions

    @property
    def rng(self) -> random.Random:
        """The generator to draw them with."""
        return random.Random(f"{self.seed} {self.clause} {self.kind} {self.program}")


STRATEGIES: dict[str, Callable[[Request, type[ExploredEngine]], Strategy]] = {
    "optimal": lambda request, engine: OptimalDpor(engine),
    "source": lambda request, engine: SourceDpor(engine),
    "dfs": lambda request, engine: DepthFirst(engine),
    "bounded": lambda request, engine: PreemptionBounded(request.preemptions, engine),
    "pct": lambda request, engine: Pct(request.depth, request.samples, request.rng, engine),
    "random": lambda request, engine: RandomWalks(request.samples, request.rng, engine),
}
SAMPLING = frozenset({"pct", "random"})


@dataclass(frozen=True)
class Found:
    """What a search has found: its verdict, and of a failure the simplest execution.

    `untried`: nothing has failed, but some read was not given all values that it might have found; `reached` says which.
    """

    verdict: str
    reached: str
    executions: int
    blocked: int
    passed: bool = False
    failure: Failure | None = None
    counterexample: Counterexample | None = None
    untried: bool = False


def program_named(suite: str, clause: str, name: str) -> Program:
    """The program of a clause, which must have it."""
    return suite_named(suite).clauses[clause].program_named(name)


def check_clause(job: Job) -> KindResult:
    """Test the clause that is the job's part for one kind; the budget is a `Budget`."""
    return _checked(job, cast(Budget, job.budget), ())


def continue_clause(job: Job) -> KindResult:
    """As `check_clause`, after a first look; the budget is a `Continued`."""
    continued = cast(Continued, job.budget)
    return _checked(job, continued.budget, continued.known)


def _checked(job: Job, budget: Budget, known: Sequence[Exploration]) -> KindResult:
    clause = suite_named(job.target.suite).clauses[job.part]
    result = guarded(job.target, lambda module: check(module, clause, job.kind, budget, known))
    return returning(result, lambda result: result.failure, job.part, job.kind)


def look_at_clause(job: Job) -> Seen:
    """Look at the clause that is the job's part for one kind; the budget is a `Budget`."""
    clause = suite_named(job.target.suite).clauses[job.part]
    seen = guarded(job.target, lambda module: look_at(module, clause, job.kind, cast(Budget, job.budget)))
    return returning(seen, lambda seen: seen.result.failure, job.part, job.kind)


def search_program(job: Job) -> Found:
    """Search one program, and tell every now and then how far that has got; the budget is a `Request`."""
    request = cast(Request, job.budget)
    return returning(guarded(job.target, lambda module: _search(job.target.suite, module, request)), lambda found: found.failure)


def guarded(target: Target, function: Callable[[ModuleType], T]) -> T:
    """Call `function` with the stage; the executions in it have one watchdog."""

    def call(module: ModuleType) -> T:
        with on_duty():
            return function(module)

    return with_stage(target, call)


def returning(result: T, failure_of: Callable[[T], Failure | None], *where: str) -> T:
    """Return `result`, unless it says that the stage does not come back."""
    failure = failure_of(result)
    if failure is not None and failure.kind == HANG:
        raise NeverReturns(f"does not come back ({', '.join(where)}{': ' if where else ''}{failure.message})")
    return result


def _search(suite: str, module: ModuleType, request: Request) -> Found:
    doubts = Doubts(executing(program_named(suite, request.clause, request.program), module, request.kind, request.clause))
    effort = Effort(model=request.model)
    # A sampling strategy keeps count itself.
    sampling = request.strategy in SAMPLING
    limits = Limits(None if sampling else request.executions, effort.steps, request.seconds)

    def searched() -> SearchResult:
        strategy = STRATEGIES[request.strategy](request, effort.engine)
        return search(doubts.execute, strategy, limits, [Teller(strategy, request.samples if sampling else None), doubts.note])

    def without_late_stores(observer: Observer) -> None:
        search(doubts.execute, OptimalDpor(EVERY_ENGINE[SC]), limits, [observer])

    result = doubts.resolved(searched, without_late_stores)
    found = _found(doubts.execute, result, request, effort)
    return replace(found, counterexample=in_words_of(found.counterexample, suite, module)) if found.counterexample else found


def _found(execute: Execute, result: SearchResult, request: Request, effort: Effort) -> Found:
    found = (worded(result), result.reached, result.executions, result.blocked)
    if result.failure is None:
        untried = described_untried(execute, result.untried, effort.steps, effort.engine)
        reached = "; ".join(filter(None, (result.reached, untried)))
        return Found(found[0], reached, *found[2:], passed=judge(result) == PASSED, untried=bool(untried))
    if result.failure.kind == HANG:
        return Found(*found, failure=Failure(HANG, result.failure.message, request.program))
    try:
        failure = simplest(execute, request.program, result.schedule, effort)
    except NotRepeated as error:
        return Found(NOT_DETERMINISTIC, str(error), result.executions, result.blocked)
    schedule = executed(execute, dict(failure.deviations), failure.steps, effort.engine).schedule
    shown = counterexample(execute, schedule, failure.steps, effort.engine)
    return Found(*found, failure=failure, counterexample=shown)


def executed(execute: Execute, deviations: Mapping[int, int], steps: int, make: type[ExploredEngine]) -> ExploredEngine:
    """One execution; as in a search, it begins anew each time that it comes to a loop of which nobody knew yet that it waits."""
    while True:
        engine = make(Deviating(deviations), steps)
        execute(engine)
        if not engine.found_spin:
            return engine


def in_words_of(shown: Counterexample, suite: str, module: ModuleType, timed: bool = False) -> Counterexample:
    """With the values of words as the suite reads them; in virtual time, a stage counts the CPUs as the machine does."""

    def called(number: int) -> str | None:
        cpu = number if timed and number >= 0 else cpu_of_number(number)
        return None if cpu is None else f"CPU{cpu}"

    return with_names(shown, suite_named(suite).words, module, called)


@dataclass(frozen=True)
class Replayed:
    """An execution that was executed again: its operations (None if it hangs), and what was wrong.

    `uses`: what it did that may be wrong only beside what another execution does. `untried`: which read was not given all values that it
    might have found, in words.
    """

    counterexample: Counterexample | None
    failure: Failure | None
    uses: tuple[str, ...] = ()
    untried: str = ""


def replay_execution(job: Job) -> Replayed:
    """Execute the execution again; the budget is a `Replay`."""
    replay = cast(Replay, job.budget)
    return returning(guarded(job.target, lambda module: _replay(job.target.suite, module, replay)), lambda replayed: replayed.failure)


def _replay(suite: str, module: ModuleType, replay: Replay) -> Replayed:
    program = program_named(suite, replay.clause, replay.program)
    if replay.engine == TIMED:
        recording = RecordingEngine(replay.seed, JITTER, timed_steps(program, Effort.steps))
        failure = timed_verdict(program, module, replay.kind, recording, replay.seed)
        return Replayed(in_words_of(timed_counterexample(recording), suite, module, timed=True), failure)
    execute = executing(program, module, replay.kind, replay.clause)
    with captured() as printed:
        engine = executed(execute, replay.deviations, replay.max_steps, EVERY_ENGINE[replay.model])
    violation = engine.failure
    if violation is not None and violation.kind == HANG:
        print(printed.text())
        return Replayed(None, Failure(HANG, violation.message))
    # The execution is executed once more to be recorded, and prints the same again: that is what is shown.
    shown = in_words_of(counterexample(execute, engine.schedule, replay.max_steps, type(engine)), suite, module)
    if violation is None:
        untried = described_untried(execute, untried_read_of(engine), replay.max_steps, type(engine))
        return Replayed(shown, None, tuple(map(str, (engine.uses or {}).values())), untried)
    return Replayed(shown, Failure(violation.kind, violation.message, program.name))
