"""What worker processes do for `harness explore`, `replay` and `findings`: search one program, execute one execution again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from harness.explored.explored_engine import ExploredEngine
from harness.jobs.stage_loading import Target
from harness.jobs.tasks import returning, with_stage
from harness.machine.diagnosis import HANG
from harness.search.counterexample import Counterexample, counterexample, timed_counterexample
from harness.search.natural_order import Deviating
from harness.search.replay_string import TIMED, Replay
from harness.search.search import DIVERGED, PASSED, Execute, Limits, SearchResult, Strategy, judge, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.pct import Pct
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.random_walks import RandomWalks
from harness.search.strategies.source_dpor import SourceDpor
from harness.search.timed_record import RecordingEngine
from harness.suite.program import Program
from harness.suite.registry import suite_named
from harness.verify.checking import JITTER, timed_verdict
from harness.verify.deepening import PCT_DEPTH, Effort, NotRepeated, simplest
from harness.verify.no_races import executing
from harness.verify.search_progress import Gauge
from harness.verify.verdicts import Failure

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

    @property
    def samples(self) -> int:
        """How many executions to draw."""
        return SAMPLES if self.executions is None else self.executions

    @property
    def rng(self) -> random.Random:
        """The generator to draw them with."""
        return random.Random(f"{self.seed} {self.clause} {self.kind} {self.program}")


STRATEGIES: dict[str, Callable[[Request], Strategy]] = {
    "optimal": lambda _: OptimalDpor(),
    "source": lambda _: SourceDpor(),
    "dfs": lambda _: DepthFirst(),
    "bounded": lambda request: PreemptionBounded(request.preemptions),
    "pct": lambda request: Pct(request.depth, request.samples, request.rng),
    "random": lambda request: RandomWalks(request.samples, request.rng),
}
SAMPLING = frozenset({"pct", "random"})


@dataclass(frozen=True)
class Found:
    """What a search has found: its verdict, and of a failure the simplest execution, which has so many operations."""

    verdict: str
    reached: str
    executions: int
    blocked: int
    passed: bool = False
    failure: Failure | None = None
    counterexample: Counterexample | None = None
    operations: int = 0


def program_named(suite: str, clause: str, name: str) -> Program:
    """The program of a clause, which must have it."""
    return suite_named(suite).clauses[clause].program_named(name)


def search_program(target: Target, request: Request, gauge: str, slot: int) -> Found:
    """Search, and say every now and then in `slot` of the file `gauge` how far it has got."""
    return returning(with_stage(target, lambda module: _search(target.suite, module, request, gauge, slot)), lambda found: found.failure)


def _search(suite: str, module: ModuleType, request: Request, gauge: str, slot: int) -> Found:
    execute = executing(program_named(suite, request.clause, request.program), module, request.kind, request.clause)
    effort = Effort()
    strategy = STRATEGIES[request.strategy](request)
    # A sampling strategy keeps count itself.
    executions = None if request.strategy in SAMPLING else request.executions
    with Gauge(gauge, slot, strategy, request.samples if request.strategy in SAMPLING else None) as observer:
        result = search(execute, strategy, Limits(executions, effort.steps, request.seconds), [observer])
    return _found(execute, result, request, effort)


def _found(execute: Execute, result: SearchResult, request: Request, effort: Effort) -> Found:
    found = (result.verdict, result.reached, result.executions, result.blocked)
    if result.failure is None:
        return Found(*found, passed=judge(result) == PASSED)
    if result.failure.kind == HANG:
        return Found(*found, failure=Failure(HANG, result.failure.message, request.program))
    try:
        failure = simplest(execute, request.program, result.schedule, effort)
    except NotRepeated as error:
        return Found(DIVERGED, str(error), result.executions, result.blocked)
    schedule = _schedule(execute, dict(failure.deviations), failure.steps)
    shown = counterexample(execute, schedule, failure.steps)
    return Found(*found, failure=failure, counterexample=shown, operations=len(schedule))


def _schedule(execute: Execute, deviations: dict[int, int], steps: int) -> tuple[int, ...]:
    engine = ExploredEngine(Deviating(deviations), steps)
    execute(engine)
    return tuple(engine.schedule)


@dataclass(frozen=True)
class Replayed:
    """An execution that was executed again: its operations (None if it hangs), and what was wrong."""

    counterexample: Counterexample | None
    failure: Failure | None


def replay_execution(target: Target, replay: Replay) -> Replayed:
    """Execute the execution again."""
    return returning(with_stage(target, lambda module: _replay(target.suite, module, replay)), lambda replayed: replayed.failure)


def _replay(suite: str, module: ModuleType, replay: Replay) -> Replayed:
    program = program_named(suite, replay.clause, replay.program)
    if replay.engine == TIMED:
        recording = RecordingEngine(replay.seed, JITTER, Effort.steps)
        failure = timed_verdict(program, module, replay.kind, recording, replay.seed)
        return Replayed(timed_counterexample(recording), failure)
    execute = executing(program, module, replay.kind, replay.clause)
    engine = ExploredEngine(Deviating(replay.deviations), replay.max_steps)
    execute(engine)
    violation = engine.failure
    if violation is not None and violation.kind == HANG:
        return Replayed(None, Failure(HANG, violation.message))
    shown = counterexample(execute, engine.schedule, replay.max_steps)
    return Replayed(shown, None if violation is None else Failure(violation.kind, violation.message, program.name))
