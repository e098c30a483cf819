"""Every strategy finds three classic bugs: a lost update, a deadlock, a kill that races with a schedule."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.litmus.litmus_programs import Threads, ab_ba, counter, executed
from harness.machine.diagnosis import ASSERTION, DEADLOCK, Violation
from harness.search.search import FAILED, LIMIT_REACHED, Execute, Strategy, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.pct import Pct
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.random_walks import RandomWalks
from harness.search.strategies.source_dpor import SourceDpor

MAKERS: dict[str, Callable[[], Strategy]] = {
    "dfs": DepthFirst,
    "optimal": OptimalDpor,
    "source": SourceDpor,
    "bounded": lambda: PreemptionBounded(1),
    "pct": lambda: Pct(2, 200, random.Random(1)),
    "random": lambda: RandomWalks(200, random.Random(1)),
}

DEAD, QUEUED = 1, 2


def killed(checked: bool) -> Callable[[Threads], None]:
    """One thread kills what another one queues; what is queued runs. With `checked`, looking and queueing are one step."""

    def arrange(t: Threads) -> None:
        state, returned = t.word("state"), t.word("returned")

        def run() -> None:
            if returned.read():
                raise Violation(ASSERTION, "it runs after the kill has returned")

        def schedule() -> None:
            if checked:
                if state.cmpxchg(0, QUEUED) == 0:
                    run()
                    state.fetch_and(~QUEUED)
            elif not state.read() & DEAD:
                state.fetch_or(QUEUED)
                run()
                state.fetch_and(~QUEUED)

        def kill() -> None:
            state.fetch_or(DEAD)
            t.engine.wait("for it to end", lambda: not state.value & QUEUED, [state])
            returned.write(1)

        t.thread(schedule)
        t.thread(kill)

    return arrange


def losing(engine: ExploredEngine) -> None:
    """A counter that loses an update."""
    executed(counter(2, 1))(engine)
    if engine.failure is None and engine.final == 1:
        engine.fail(Violation(ASSERTION, "an update is lost"))


BUGS: dict[str, tuple[Execute, str]] = {
    "lost update": (losing, ASSERTION),
    "AB-BA": (executed(ab_ba), DEADLOCK),
    "kill and schedule": (executed(killed(False)), ASSERTION),
}


@pytest.mark.parametrize("strategy", MAKERS)
@pytest.mark.parametrize("bug", BUGS)
def test_strategy_finds_bug(strategy: str, bug: str) -> None:
    """The bug is found, for what it is."""
    execute, kind = BUGS[bug]
    result = search(execute, MAKERS[strategy]())
    assert result.verdict == FAILED
    assert result.failure is not None
    assert result.failure.kind == kind


@pytest.mark.parametrize("strategy", MAKERS)
def test_correct_kill_does_not_fail(strategy: str) -> None:
    """The mended kill fails in no strategy; only a sample ends at its limit."""
    result = search(executed(killed(True)), MAKERS[strategy]())
    assert result.failure is None
    assert (result.verdict == LIMIT_REACHED) == (strategy in ("pct", "random"))
