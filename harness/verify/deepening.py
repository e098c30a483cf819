"""Explores one program on one stage, from the strongest search to the weakest that its budget allows.

First every trace (optimal DPOR). Where there are too many, every trace within 0, 1, 2 … preemptions, as far as the budget goes, and then
a sample (PCT) of what lies beyond. What is claimed is what was exhausted. Every execution is also searched for data races.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import EVERY_ENGINE, SC, TSO
from harness.machine.contexts import Key, Use
from harness.machine.diagnosis import HANG, Violation
from harness.search.minimise import minimise
from harness.search.race_detector import RaceDetector
from harness.search.record import deviations_of
from harness.search.replay_string import EXPLORED
from harness.search.robustness import DelayDetector
from harness.search.search import (
    DIVERGED,
    EXHAUSTED,
    FAILED,
    LIMIT_REACHED,
    PASSED,
    UNDECIDED,
    Execute,
    Limits,
    Observer,
    SearchResult,
    Strategy,
    Untried,
    first_untried,
    judge,
    search,
)
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.pct import Pct
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.untried_reads import described_untried
from harness.suite.program import Program
from harness.verify.doubts import Doubts
from harness.verify.no_races import executing, only_races
from harness.verify.verdicts import NOT_DETERMINISTIC, Failure, SeenUse

PCT_DEPTH = 3
# Executions of a first look at a program. Most programs have no more of them; of the others, so many are executed twice.
LOOK = 6


@dataclass(frozen=True)
class Effort:
    """How far a program is searched: executions for each strategy, the largest preemption bound, PCT samples, operations.

    A program passes if every execution was covered, or every one within `accept_bound` preemptions: less than that says too little.
    """

    executions: int = 20_000
    preemptions: int = 3
    samples: int = 200
    steps: int = 5_000
    # Executions that simplifying a failure may take.
    simplify: int = 300
    accept_bound: int = 2
    # The memory model: `harness.explored.models`.
    model: str = SC

    @property
    def engine(self) -> type[ExploredEngine]:
        """What executes."""
        return EVERY_ENGINE[self.model]


# For a run that may take hours.
DEEP = Effort(executions=200_000, preemptions=4, samples=5_000)


@dataclass
class Exploration:
    """What was found out about one program: the verdict of the strongest search that came to an end, a failure, a data race.

    `within`: the preemptions within which every execution was covered, if that was the bound of the search.
    """

    program: str
    verdict: str = ""
    reached: str = ""
    passed: bool = False
    within: int | None = None
    executions: int = 0
    failure: Failure | None = None
    race: Failure | None = None
    uses: tuple[SeenUse, ...] = ()
    # Whether something waits for ever in a loop of which nobody knows what one turn more would do.
    unsure: bool = False
    # Whether it was exhausted without store buffers, and they could show nothing more.
    robust: bool = False
    # Which read was not given all values that it might have found, in words: then there is no pass, however far was searched.
    untried: str = ""

    @property
    def exhausted(self) -> bool:
        """Whether every execution was covered, without a bound."""
        return self.passed and self.verdict == EXHAUSTED


@dataclass
class _Explorer:
    """One program on one stage, and what is known so far."""

    program: Program
    execute: Execute
    effort: Effort
    found: Exploration
    # An execution with a data race, and under which memory model it has one.
    race: tuple[tuple[int, ...], str] = ((), SC)
    # What executions that ended well have noted, each with the first such execution.
    uses: dict[Key, tuple[Use, tuple[int, ...], str]] = field(default_factory=dict)
    limits: Limits = field(init=False)
    races: RaceDetector = field(default_factory=RaceDetector)
    delays: DelayDetector = field(default_factory=DelayDetector)
    # Whether store buffers could show nothing that the executions so far do not.
    robust: bool = True
    doubts: Doubts = field(init=False)
    # An execution of which not all values were tried that a read might have found.
    untried: Untried | None = None

    def __post_init__(self) -> None:
        self.limits = Limits(executions=self.effort.executions, steps=self.effort.steps)
        self.doubts = Doubts(self.execute)
        self.execute = self.doubts.execute

    def run(self, rng: random.Random) -> None:
        result, model = self._strongest()
        if result.verdict == LIMIT_REACHED:
            result = self._bounded(result, rng)
        self._conclude(result, model)

    def look(self) -> bool:
        """Find out what the strongest search alone finds soon; whether that is all there is to find out."""
        self.limits = replace(self.limits, executions=min(LOOK, self.effort.executions), endless=0)
        result, model = self._strongest()
        if result.verdict == LIMIT_REACHED:
            return False
        self._conclude(result, model)
        return True

    def _strongest(self) -> tuple[SearchResult, str]:
        """Every trace. Under total store order: first without store buffers, and with them only if they could show anything more."""
        if self.effort.model == TSO:
            result = self._search(_every_trace(SC), [self._look, self._look_for_delays, self.doubts.note_without_late_stores])
            seen = result.verdict == EXHAUSTED and not self.found.unsure and not self.race[0] and self.robust
            if seen or result.verdict in (FAILED, DIVERGED):
                return result, SC
        return self._search(_every_trace(self.effort.model)), self.effort.model

    def _conclude(self, result: SearchResult, model: str) -> None:
        # What one search has left out, no other one makes up for.
        result = replace(result, untried=self.untried)
        passed = judge(result) == PASSED
        if not passed or result.verdict == EXHAUSTED:
            self.found.within = None
        enough = self.found.within is None or self.found.within >= self.effort.accept_bound
        self.found.verdict, self.found.reached, self.found.passed = worded(result), result.reached, passed and enough
        self.found.robust = self.found.exhausted and model != self.effort.model
        try:
            if result.failure is not None:
                self.found.failure = self._failure(result.failure, result.schedule, model)
            elif result.verdict != DIVERGED:
                self._tell_untried(result)
            # Of a stage that is not deterministic, a race proves as little as anything else.
            schedule, model = self.race
            if schedule and result.verdict != DIVERGED:
                self.found.race = simplest(only_races(self.execute), self.program.name, schedule, self._under(model))
            if result.verdict != DIVERGED:
                self.found.uses = tuple(self._seen(*seen) for seen in self.uses.values())
        except NotRepeated as error:
            self.found.verdict, self.found.reached, self.found.passed, self.found.failure = NOT_DETERMINISTIC, str(error), False, None

    def _tell_untried(self, result: SearchResult) -> None:
        """Nothing has failed; but perhaps a read was not given all values that it might have found."""
        self.found.untried = described_untried(self.execute, result.untried, self.effort.steps, self.effort.engine)
        self.found.reached = "; ".join(filter(None, (result.reached, self.found.untried)))

    def _under(self, model: str) -> Effort:
        return replace(self.effort, model=model)

    def _failure(self, violation: Violation, schedule: tuple[int, ...], model: str) -> Failure:
        if violation.kind == HANG:
            # Every further execution would take as long.
            return Failure(HANG, violation.message, self.program.name)
        return simplest(self.execute, self.program.name, schedule, self._under(model))

    def _bounded(self, best: SearchResult, rng: random.Random) -> SearchResult:
        """As many preemptions as the budget has room for; then a sample without a bound."""
        for bound in range(self.effort.preemptions + 1):
            result = self._search(partial(PreemptionBounded, bound, self.effort.engine))
            if result.verdict in (FAILED, DIVERGED):
                return result
            if judge(result) != PASSED:
                break
            best = result
            self.found.within = bound
        sample = self._search(partial(Pct, PCT_DEPTH, self.effort.samples, rng, self.effort.engine))
        return best if sample.verdict == LIMIT_REACHED else sample

    def _search(self, strategy: Callable[[], Strategy], observers: Sequence[Observer] = ()) -> SearchResult:
        """Search, and once more if it ends with what comes to pass without late stores as well, and is for other clauses to judge."""
        return self.doubts.resolved(
            lambda: self._searched(strategy(), observers or [self._look]),
            lambda observer: self._searched(_every_trace(SC)(), [observer]),
        )

    def _searched(self, strategy: Strategy, observers: Sequence[Observer]) -> SearchResult:
        result = search(self.execute, strategy, self.limits, observers)
        self.found.executions += result.executions
        self.found.unsure |= bool(result.unsure)
        self.untried = first_untried(self.untried, result.untried)
        return result

    def _seen(self, use: Use, schedule: tuple[int, ...], model: str) -> SeenUse:
        deviations = deviations_of(self.execute, schedule, self.effort.steps, EVERY_ENGINE[model])
        return SeenUse(use, self.program.name, tuple(sorted(deviations.items())), self.effort.steps, model)

    def _look(self, engine: ExploredEngine, result: SearchResult) -> None:
        """Note the first data race, in which contexts the stage does things, and loops that only the machine knows to wait."""
        self.found.unsure |= bool(engine.spin_sites)
        self.doubts.note(engine, result)
        model = self.effort.model if engine.weak else SC
        if engine.uses and engine.failure is None and not engine.blocked:
            for key, use in engine.uses.items():
                if key not in self.uses:
                    self.uses[key] = use, tuple(engine.schedule), model
        if not self.race[0] and not engine.blocked and self.races.finds_race(engine):
            self.race = tuple(engine.schedule), model

    def _look_for_delays(self, engine: ExploredEngine, _: SearchResult) -> None:
        """Note whether a store that is late could show."""
        self.robust = self.robust and (engine.blocked or not self.delays.finds_delay(engine))


def _every_trace(model: str) -> Callable[[], Strategy]:
    return partial(OptimalDpor, EVERY_ENGINE[model])


def worded(result: SearchResult) -> str:
    """The verdict of a search as users read it."""
    if result.untried is not None and result.verdict.startswith(EXHAUSTED):
        return UNDECIDED
    return NOT_DETERMINISTIC if result.verdict == DIVERGED else result.verdict


class NotRepeated(Exception):
    """An execution failed, and did not when it was executed again: the stage is not deterministic."""


def simplest(execute: Execute, program: str, schedule: tuple[int, ...], effort: Effort) -> Failure:
    """The failure that `schedule` leads to, in the simplest execution found; raises `NotRepeated`."""
    try:
        engine = minimise(execute, schedule, effort.steps, effort.simplify, effort.engine)
    except ValueError:
        raise NotRepeated("an execution that failed does not fail again") from None
    violation = engine.failure
    assert violation is not None
    deviations = tuple(sorted(deviations_of(execute, engine.schedule, effort.steps, effort.engine).items()))
    return Failure(
        violation.kind,
        violation.message,
        program,
        EXPLORED,
        deviations=deviations,
        steps=effort.steps,
        model=effort.model,
        operations=len(engine.schedule),
    )


def explore(program: Program, module: ModuleType, kind: str, effort: Effort, rng: random.Random) -> Exploration:
    """Search `program` for a failure and for a data race."""
    found = Exploration(program.name)
    _Explorer(program, executing(program, module, kind), effort, found).run(rng)
    return found


def look(program: Program, module: ModuleType, kind: str, effort: Effort) -> Exploration | None:
    """What `explore` would find out, if that is found out soon; else None."""
    found = Exploration(program.name)
    return found if _Explorer(program, executing(program, module, kind), effort, found).look() else None


__all__ = ["DEEP", "PCT_DEPTH", "Effort", "Exploration", "NotRepeated", "explore", "look", "simplest", "worded"]
