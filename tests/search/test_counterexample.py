"""Counterexamples: minimised, plain data, and the same on every replay."""

from __future__ import annotations

import pickle
import random
import re

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ARM, ENGINES
from harness.litmus.litmus_programs import ab_ba, counter, executed
from harness.litmus.weak_programs import r, threads, w
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


def test_an_execution_is_written_down() -> None:
    """Who took part, values, which choice was not the natural one, the reason; the same every time, and after a trip between processes."""
    result = search(losing(2, 1), OptimalDpor())
    schedule = minimise(losing(2, 1), result.schedule, STEPS).schedule
    found = counterexample(losing(2, 1), schedule, STEPS)
    assert found == counterexample(losing(2, 1), schedule, STEPS) == pickle.loads(pickle.dumps(found))
    assert found.columns == ((0, "P0"), (1, "P1"))
    assert sum(row.deviation for row in found.rows) == 1
    for pid, text in ((0, "read x = 0, "), (1, "write x: 0 → 1, "), (0, "write x: 1 → 1, ")):
        assert any(row.text.startswith(text) and row.pid == pid for row in found.rows)
    assert found.reason == "assertion: counted 1, not 2"


def test_a_step_limit_that_was_reached_is_said() -> None:
    """The reason says that the execution was cut off."""
    assert counterexample(executed(counter(2, 2)), [0, 1], 6).reason == "nothing is wrong (step limit 6 reached)"


def test_the_reason_of_a_deadlock() -> None:
    """The reason names who waits for what and who holds it."""
    result = search(executed(ab_ba), OptimalDpor())
    assert counterexample(executed(ab_ba), result.schedule, STEPS).reason == (
        "deadlock: P0 waits for b, held by P1; P1 waits for a, held by P0; cycle: P0 → P1 → P0"
    )


def test_an_older_read_says_whose_value_it_is_and_what_it_missed() -> None:
    """Of one from before, and of one that somebody has written; of several writes that are missed, the first one, and how many more."""
    x_twice = [w("x"), w("x", 2), w("x", 300), w("y")]

    def shown(value: int) -> list[str]:
        def execute(engine: ExploredEngine) -> None:
            executed(threads(x_twice, [r("y"), r("x")]))(engine)
            if engine.failure is None and engine.complete and engine.final[0][1] == (1, value):
                engine.fail(Violation(ASSERTION, "older"))

        result = search(execute, OptimalDpor(ENGINES[ARM]))
        found = counterexample(execute, result.schedule, STEPS, ENGINES[ARM])
        return [row.text for row in found.rows if "has not seen" in row.text]

    place = r"weak_programs\.py:\d+ \(_perform\)"
    for value, text in (
        (0, f"0 from before; has not seen P0's 1 of {place} and 2 more"),
        (2, f"2 from P0; has not seen P0's 0x12c of {place}"),
    ):
        (row,) = shown(value)
        assert re.fullmatch(f"read x = {text}, {place}", row)
