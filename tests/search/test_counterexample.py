"""Counterexamples: minimised, shown as a table, and the same on every replay."""

from __future__ import annotations

import random

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.litmus.litmus_programs import ab_ba, counter, executed
from harness.machine.diagnosis import ASSERTION, Violation
from harness.search.counterexample import counterexample
from harness.search.minimise import minimise
from harness.search.natural_order import Deviating
from harness.search.record import deviations_of
from harness.search.search import Execute, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.random_walks import RandomWalk

STEPS = 1_000


def losing(threads: int, times: int) -> Execute:
    """A counter that must not lose an update."""

    def execute(engine: ExploredEngine) -> None:
        executed(counter(threads, times))(engine)
        if engine.failure is None and engine.final != threads * times:
            engine.fail(Violation(ASSERTION, f"counted {engine.final}, not {threads * times}"))

    return execute


@pytest.mark.parametrize("seed", range(8))
def test_minimised_lost_update_has_one_preemption(seed: int) -> None:
    """Whatever the failing execution was, its minimal form has one deviation: the place where an increment is interrupted."""
    execute = losing(3, 3)
    rng = random.Random(seed)
    while True:
        engine = ExploredEngine(RandomWalk(rng), STEPS)
        execute(engine)
        if engine.failure is not None:
            break
    best = minimise(execute, engine.schedule, STEPS)
    assert best.failure is not None
    assert best.failure.kind == ASSERTION
    assert len(deviations_of(execute, best.schedule, STEPS)) == 1


def test_execution_that_does_not_fail_is_refused() -> None:
    """There is nothing to minimise in an execution that does not fail."""
    with pytest.raises(ValueError, match="does not fail"):
        minimise(losing(2, 1), [0, 0, 1, 1], STEPS)


def test_deviations_reproduce_the_schedule() -> None:
    """The deviations of a schedule lead to exactly that schedule."""
    rng = random.Random(3)
    execute = executed(counter(3, 2))
    for _ in range(50):
        engine = ExploredEngine(RandomWalk(rng), STEPS)
        execute(engine)
        again = ExploredEngine(Deviating(deviations_of(execute, engine.schedule, STEPS)), STEPS)
        execute(again)
        assert again.schedule == engine.schedule


def test_every_list_of_deviations_is_a_schedule() -> None:
    """Deviations that point past those who can go on wrap around, and those past the end do nothing."""
    engine = ExploredEngine(Deviating({0: 99, 3: 7, 500: 1}), STEPS)
    executed(counter(2, 2))(engine)
    assert len(engine.schedule) == 8


def test_table() -> None:
    """One column for each process, values, stars at deviations, the reason last; the same bytes every time."""
    result = search(losing(2, 1), OptimalDpor())
    schedule = minimise(losing(2, 1), result.schedule, STEPS).schedule
    table = counterexample(losing(2, 1), schedule, STEPS)
    assert table == counterexample(losing(2, 1), schedule, STEPS)
    lines = table.splitlines()
    assert lines[0].split() == ["P0", "P1"]
    assert sum("*" in line for line in lines) == 1
    assert "read x = 0" in table
    assert "write x: 0 → 1" in table
    assert "write x: 1 → 1" in table
    assert lines[-1] == "assertion: counted 1, not 2"


def test_table_of_deadlock() -> None:
    """The reason names who waits for what and who holds it."""
    result = search(executed(ab_ba), OptimalDpor())
    assert counterexample(executed(ab_ba), result.schedule, STEPS).endswith(
        "deadlock: P0 waits for b, held by P1; P1 waits for a, held by P0; cycle: P0 → P1 → P0\n"
    )
