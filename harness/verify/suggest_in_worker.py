"""What worker processes do to suggest barriers: search programs of a stage with barriers in its own lines, and say what came out of it.

The stage is loaded with a place for a barrier in front of each of its statements (`harness.verify.barrier_points`); which to try is the
business of `harness.verify.barrier_search`. What is returned is plain data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TypeVar, cast

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import EVERY_ENGINE, SC
from harness.jobs.job import Job
from harness.jobs.messages import outbox
from harness.jobs.watchdog import on_duty
from harness.jobs.with_stage import with_stage
from harness.search.natural_order import Deviating
from harness.search.same_trace import Trace
from harness.search.search import EXHAUSTED, FAILED, Execute, Limits, SearchResult, search
from harness.search.untried_reads import IN_SHORT, described_untried
from harness.sources.target import Target
from harness.verify.barrier_points import Barriers, Instrumented
from harness.verify.barrier_search import Barrier, BarrierSearch, Bounds, SetOutcome, placed
from harness.verify.deepening import Effort, worded
from harness.verify.no_races import executing
from harness.verify.verify_in_worker import (
    SAMPLING,
    STRATEGIES,
    Request,
    program_named,
)

T = TypeVar("T")

# How the search for a set has ended.
FOUND = "found"
NO_FAILURE = "no failure"
FAILS_UNDER_SC = "fails under sc"
NONE_HELPS = "none helps"
NOT_FOUND = "not found"

# How far it is looked for a single barrier that forbids one failing execution: executions of one search, and the bounds.
HINT_EXECUTIONS = 300
HINT = Bounds(barriers=1, sets=20, executions=3_000)


@dataclass(frozen=True)
class SuggestionRequest:
    """Programs that have to pass with the same barriers, those that are known to fail first: so many of them do."""

    requests: tuple[Request, ...]
    failing: int
    bounds: Bounds


@dataclass(frozen=True)
class SuggestedBarrier:
    """A barrier and where it has to stand: `place` in words, `text` is that line of the source."""

    kind: str
    place: str
    text: str


@dataclass(frozen=True)
class Suggestion:
    """How the search has `ended`, one of the constants above. `about`: of programs, with their kinds, what that is owed to; or just why.

    `open_ends`: of the programs that passed in the end, those whose search has not seen everything, with how far it got.
    """

    ended: str
    barriers: tuple[SuggestedBarrier, ...] = ()
    about: str = ""
    programs: int = 0
    open_ends: tuple[str, ...] = ()
    sets: int = 0
    executions: int = 0


def named(request: Request) -> str:
    """What a suggestion calls a program for a kind."""
    return f"{request.program}, {request.kind}"


class BarrierProgram:
    """One program on a stage with places for barriers; `execute` executes it once."""

    def __init__(self, request: Request, execute: Execute, barriers: Barriers) -> None:
        self.request = request
        self.barriers = barriers
        self.name = named(request)
        self._execute = execute

    def execute(self, engine: ExploredEngine) -> None:
        self.barriers.engine = engine
        try:
            self._execute(engine)
        finally:
            self.barriers.engine = None

    def search(self) -> SearchResult:
        return self._searched(self.request)

    def under_sc(self) -> SearchResult:
        """What a search finds where every store is seen at once."""
        return self._searched(replace(self.request, model=SC))

    def _searched(self, request: Request) -> SearchResult:
        # A sampling strategy keeps count itself.
        executions = None if request.strategy in SAMPLING else request.executions
        return search(
            self.execute,
            STRATEGIES[request.strategy](request, EVERY_ENGINE[request.model]),
            Limits(executions, Effort.steps, request.seconds),
        )

    def untried_in(self, result: SearchResult) -> str:
        """Which read was not given all values that it might have found, with the barriers that there were; nothing if there is none."""
        return described_untried(self.execute, result.untried, Effort.steps, EVERY_ENGINE[self.request.model])

    def trace(self, schedule: Sequence[int]) -> Trace:
        return self._traced(lambda: EVERY_ENGINE[self.request.model](max_steps=Effort.steps, script=schedule))

    def deviating(self, deviations: Mapping[int, int], steps: int) -> Trace:
        """The execution that deviates so from the natural order."""
        return self._traced(lambda: EVERY_ENGINE[self.request.model](Deviating(deviations), steps))

    def _traced(self, make: Callable[[], ExploredEngine]) -> Trace:
        """As in a search, it begins anew each time that it comes to a loop of which nobody knew yet that it waits."""
        while True:
            engine = make()
            self.execute(engine)
            if not engine.found_spin:
                return Trace(engine)


def suggest(job: Job) -> Suggestion:
    """Find barriers with which programs pass; the budget is a `SuggestionRequest`."""
    asked = cast(SuggestionRequest, job.budget)

    def call(stage: Instrumented, programs: list[BarrierProgram]) -> Suggestion:
        for program in programs[: asked.failing]:
            if program.under_sc().verdict == FAILED:
                return Suggestion(FAILS_UNDER_SC, about=program.name)
        found = BarrierSearch(job.model, programs, stage.barriers, asked.bounds, outbox.send)
        return _suggestion(stage, programs, found.run())

    return _with_programs(job.target, asked.requests, call)


def _with_programs(target: Target, requests: Sequence[Request], function: Callable[[Instrumented, list[BarrierProgram]], T]) -> T:
    """Call `function` with programs on the stage; the executions in it have one watchdog."""
    stage = Instrumented(target.path, target.source)

    def call(module: ModuleType) -> T:
        with on_duty():
            return function(stage, [_program(target.suite, module, request, stage.barriers) for request in requests])

    return with_stage(target, call, stage.compiled)


def _program(suite: str, module: ModuleType, request: Request, barriers: Barriers) -> BarrierProgram:
    execute = executing(program_named(suite, request.clause, request.program), module, request.kind, request.clause)
    return BarrierProgram(request, execute, barriers)


def _suggestion(stage: Instrumented, programs: Sequence[BarrierProgram], outcome: SetOutcome) -> Suggestion:
    found = Suggestion(NOT_FOUND, about=outcome.reached, programs=len(programs), sets=outcome.sets, executions=outcome.executions)
    if outcome.none_helps:
        return replace(found, ended=NONE_HELPS, about=programs[outcome.hopeless].name)
    if outcome.found is None:
        return found
    stage.barriers.placed = placed(outcome.found)
    ends = tuple(
        f"{program.name}: {', '.join(filter(None, (worded(result), result.reached, program.untried_in(result))))}"
        for at, program in enumerate(programs)
        if (result := outcome.results[at]).verdict != EXHAUSTED or result.untried is not None
    )
    stage.barriers.placed = {}
    in_order = sorted(outcome.found, key=lambda barrier: (stage.places[barrier[0]].line, barrier))
    barriers = tuple(_suggested(stage, barrier) for barrier in in_order)
    return replace(found, ended=FOUND if barriers else NO_FAILURE, about="", barriers=barriers, open_ends=ends)


def _suggested(stage: Instrumented, barrier: Barrier) -> SuggestedBarrier:
    number, kind = barrier
    place = stage.places[number]
    return SuggestedBarrier(kind, str(place), stage.text(place))


# One barrier for one failing execution.


@dataclass(frozen=True)
class HintRequest:
    """An execution that fails: of which program, with which deviations from the natural order, and the step limit."""

    request: Request
    deviations: tuple[tuple[int, int], ...]
    steps: int


def hint(job: Job) -> str:
    """Which barrier would forbid a failure, in words: found by trying, with a small budget; the job's is a `HintRequest`."""
    asked = cast(HintRequest, job.budget)
    small = replace(asked.request, strategy="optimal", executions=HINT_EXECUTIONS, seconds=None)

    def call(stage: Instrumented, programs: list[BarrierProgram]) -> str:
        return hint_in(stage, programs[0], asked, "the stage's")

    return _with_programs(job.target, [small], call)


def hint_in(stage: Instrumented, program: BarrierProgram, asked: HintRequest, whose: str) -> str:
    """The same, of a program whose code is there already: `whose` lines have the places for barriers."""
    if program.under_sc().verdict == FAILED:
        return "the program fails under sc as well, where no barrier is missing"
    failing = program.deviating(dict(asked.deviations), asked.steps)
    if not failing.whole:
        return "what is endless is not tried with barriers"
    outcome = BarrierSearch(program.request.model, [program], stage.barriers, HINT).run(failing)
    return _hinted(stage, outcome, whose)


def _hinted(stage: Instrumented, outcome: SetOutcome, whose: str) -> str:
    if not outcome.found:
        if outcome.none_helps:
            return f"no barriers in {whose} own lines mend the program"
        so_far = "" if outcome.refuted else f", of the first {outcome.sets} that were tried"
        return f"no single barrier in {whose} own lines mends the program{so_far}"
    barrier, result = _suggested(stage, outcome.found[0]), outcome.results[0]
    extent = f"all {result.executions}" if result.verdict == EXHAUSTED else f"the first {result.executions}"
    but = f"; but {IN_SHORT}" * (result.untried is not None)
    return f"with {barrier.kind}() {barrier.place} (`{barrier.text}`), none of {extent} executions fails{but}"
