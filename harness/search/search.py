"""One search interface for all strategies, and one verdict.

A strategy proposes executions one after the other; the search runs them, within limits, and says what that amounts to. Time on the
host only ever ends a search, which then says so.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from harness.explored.deciding import MAX_STEPS
from harness.explored.execution import UntriedRead
from harness.explored.explored_engine import ExploredEngine
from harness.machine.diagnosis import Violation

EXHAUSTED = "exhausted"
LIMIT_REACHED = "limit reached"
FAILED = "failed"
DIVERGED = "diverged"

PASSED = "passed"
UNDECIDED = "undecided"

# What a search has reached when the user stops it.
INTERRUPTED = "interrupted"

# Builds a program on the given fresh engine, runs it, checks and closes. The verdict is `engine.failure`; `engine.final` may have the
# state.
Execute = Callable[[ExploredEngine], None]


class Diverged(Exception):
    """An execution did not do what an earlier one with the same beginning did: the program is not deterministic."""


class Strategy(Protocol):
    """Proposes executions."""

    name: str

    def first(self, max_steps: int) -> ExploredEngine:
        """Return an engine for the first execution."""

    def after(self, engine: ExploredEngine) -> ExploredEngine | None:
        """Learn from the last execution; return an engine for the next one, None if there is nothing left to explore."""

    def waiting(self) -> Mapping[int, int]:
        """How many branches of the current execution wait to be explored, at which depth; empty if the strategy knows of none."""

    def exhausted(self) -> str:
        """The verdict when there is nothing left: `EXHAUSTED`, or within which bound; `LIMIT_REACHED` if it only samples."""


@dataclass(frozen=True)
class Limits:
    """When to stop a search: executions, operations per execution, seconds on the host, how many executions may be longer than that.

    `stop_at_failure`: whether the first failure ends it.
    """

    executions: int | None = None
    steps: int = MAX_STEPS
    seconds: float | None = None
    stop_at_failure: bool = True
    endless: int | None = None


class Untried(NamedTuple):
    """An execution, and a read in it that was not given all values that it might have found."""

    schedule: tuple[int, ...]
    read: UntriedRead

    @property
    def later(self) -> bool:
        """Whether what was not tried is a value that is written later."""
        return self.read.write > self.read.at


@dataclass
class SearchResult:
    """What a search found. `executions` are complete ones; `blocked` ones were cut off as redundant, `endless` ones at the step limit."""

    strategy: str
    verdict: str = ""
    executions: int = 0
    blocked: int = 0
    endless: int = 0
    failures: int = 0
    failure: Violation | None = None
    schedule: tuple[int, ...] = ()
    reached: str = ""
    # What one of the executions could not be judged for.
    unsure: str = ""
    # The first execution of which not all values were tried that a read might have found.
    untried: Untried | None = None
    # How often each final state and each kind of failure was seen.
    finals: Counter[Hashable] = field(default_factory=Counter)


# Called after each execution with the engine and the result so far.
Observer = Callable[[ExploredEngine, SearchResult], None]


def search(execute: Execute, strategy: Strategy, limits: Limits = Limits(), observers: Sequence[Observer] = ()) -> SearchResult:
    """Explore the executions of a program until a failure, a limit, or the end."""
    result = SearchResult(strategy.name)
    deadline = None if limits.seconds is None else time.monotonic() + limits.seconds
    fresh = deepcopy(strategy)
    engine: ExploredEngine | None = strategy.first(limits.steps)
    while engine is not None:
        try:
            execute(engine)
        except KeyboardInterrupt:
            # What is done is kept.
            return _ended(result, LIMIT_REACHED, INTERRUPTED)
        if engine.found_spin:
            # From here on, executions are other ones.
            strategy, result = deepcopy(fresh), SearchResult(strategy.name)
            engine = strategy.first(limits.steps)
            continue
        _count(engine, result)
        for observer in observers:
            observer(engine, result)
        if engine.diverged:
            return _ended(result, DIVERGED, engine.diverged)
        if result.failure is not None and limits.stop_at_failure:
            return _ended(result, FAILED, str(result.failure))
        last = engine
        try:
            engine = strategy.after(engine)
        except Diverged as error:
            return _ended(result, DIVERGED, str(error))
        last.dismantle()
        if engine is not None and (reason := _limit(limits, result, deadline)):
            return _ended(result, LIMIT_REACHED, reason)
    return _nothing_left(result, strategy, limits)


def _nothing_left(result: SearchResult, strategy: Strategy, limits: Limits) -> SearchResult:
    if result.failure is not None:
        return _ended(result, FAILED, str(result.failure))
    if result.unsure or result.endless:
        return _ended(result, LIMIT_REACHED, result.unsure or _too_long(result, limits))
    return _ended(result, strategy.exhausted(), "")


def _limit(limits: Limits, result: SearchResult, deadline: float | None) -> str:
    """Which limit has been reached, if any."""
    if limits.executions is not None and result.executions + result.blocked >= limits.executions:
        return f"{limits.executions} executions"
    if limits.endless is not None and result.endless > limits.endless:
        return _too_long(result, limits)
    return "the time is up" if deadline is not None and time.monotonic() > deadline else ""


def _too_long(result: SearchResult, limits: Limits) -> str:
    return f"{result.endless} executions were longer than {limits.steps} operations"


def cut_off(result: SearchResult, limits: Limits) -> str:
    """Why not everything was searched, whatever has failed; nothing if it was."""
    if result.endless:
        return _too_long(result, limits)
    if result.verdict == EXHAUSTED or (result.verdict == FAILED and result.reached == str(result.failure)):
        return ""
    return result.reached or result.verdict


def judge(result: SearchResult) -> str:
    """The only place where a search becomes a pass: nothing failed in a space that was explored to its end, or to a bound that it names.

    It does not where some read might have found a value that was not tried: what was not played out is not claimed.
    """
    if result.verdict == FAILED:
        return FAILED
    to_the_end = result.verdict.startswith(EXHAUSTED) and not result.endless and result.untried is None
    return PASSED if to_the_end and result.failure is None else UNDECIDED


def first_untried(known: Untried | None, new: Untried | None) -> Untried | None:
    """Which of two to tell of: the first one, but a read that may find an older value rather than one that only may find a later one.

    The same two accesses may come in both orders.
    """
    return new if known is None or (new is not None and known.later and not new.later) else known


def untried_read_of(engine: ExploredEngine) -> Untried | None:
    """The first read of an execution that was not given all values that it might have found."""
    read = engine.untried()
    return None if read is None else Untried(tuple(engine.schedule), read)


def _count(engine: ExploredEngine, result: SearchResult) -> None:
    if engine.blocked:
        result.blocked += 1
        return
    result.executions += 1
    result.endless += engine.limit_reached
    result.unsure = result.unsure or engine.unsure
    result.untried = first_untried(result.untried, untried_read_of(engine))
    if engine.failure is not None:
        result.failures += 1
        if result.failure is None:
            result.failure = engine.failure
            result.schedule = tuple(engine.schedule)
    result.finals[engine.final if engine.failure is None else engine.failure.kind] += 1


def _ended(result: SearchResult, verdict: str, reached: str) -> SearchResult:
    result.verdict = verdict
    result.reached = reached
    if result.failure is not None and verdict == LIMIT_REACHED:
        result.verdict = FAILED
    return result
