"""Virtual time: who is next, what is done in a process's stead, and where it all ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.machine.diagnosis import NO_PROGRESS
from harness.machine.engine import LOCK, Process
from harness.timed.timed_engine import TimedEngine

Log = list[tuple[str, int]]


def run(engine: TimedEngine, *bodies: Callable[[Process], None]) -> None:
    """Run processes, each given itself."""
    for number, body in enumerate(bodies):
        engine.add(Process(f"p{number}", lambda body=body: body(engine.current)))  # type: ignore[misc]
    engine.run()
    engine.close()


class Wait:
    """A step that notes its time and blocks the process, or not."""

    def __init__(self, log: Log, goes_on: bool) -> None:
        self.log = log
        self.goes_on = goes_on

    def lets_go_on(self, p: Process) -> bool:
        """As it was told."""
        self.log.append((f"{p.name} steps", p.clock))
        p.kind, p.blocked = LOCK, not self.goes_on
        return self.goes_on


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_step_is_taken_when_it_is_the_turn(goes_on: bool) -> None:
    """Others that are earlier come first; then the process goes on at once, or when it is woken if the step has blocked it."""
    engine, log = TimedEngine(), Log()

    def steps(p: Process) -> None:
        engine.at(50, lambda: log.append(("event", 50)))
        engine.at(300, lambda: engine.wake(p, 300))
        p.clock = 100
        engine.stand_in(p, Wait(log, goes_on))
        log.append(("p0 goes on", p.clock))

    def other(p: Process) -> None:
        for _ in range(3):
            p.clock += 60
            engine.turn(p)
            log.append(("p1", p.clock))

    run(engine, steps, other)
    assert engine.failure is None
    expected = [("event", 50), ("p1", 60), ("p0 steps", 100), ("p0 goes on", 100 if goes_on else 300), ("p1", 120), ("p1", 180)]
    assert log == (expected if goes_on else sorted(expected, key=lambda entry: entry[1]))


def test_who_was_first_on_the_queue_comes_first_among_equals() -> None:
    """Events and processes of the same time have their turn in the order in which they were put on the queue."""
    engine, log = TimedEngine(), Log()

    def body(p: Process) -> None:
        p.clock = 10
        engine.turn(p)
        log.append((p.name, 10))

    engine.at(10, lambda: log.append(("early", 10)))
    engine.at(5, lambda: engine.at(10, lambda: log.append(("late", 10))))
    run(engine, body)
    assert [what for what, _ in log] == ["early", "p0", "late"]


def test_everything_stops_at_the_end() -> None:
    """Who would pass `end` stops there, events at `end` do not happen, and nobody is blamed for not having ended."""
    engine, log = TimedEngine(end=100), Log()

    def body(p: Process) -> None:
        for time in (99, 100, 101):
            p.clock = time
            engine.turn(p)
            log.append((p.name, time))

    engine.at(99, lambda: log.append(("event", 99)))
    engine.at(100, lambda: log.append(("event", 100)))
    run(engine, body, lambda p: engine.block(p, LOCK, None))
    assert sorted(log) == [("event", 99), ("p0", 99), ("p0", 100)]
    assert engine.failure is None


@pytest.mark.parametrize("most", [10, (1 << 30) + 5])
def test_too_many_operations(most: int) -> None:
    """The first operation too many is a violation, however large the limit is."""
    engine = TimedEngine(max_steps=most)

    def body(_: Process) -> None:
        engine.steps = most - 3
        while True:
            engine.begin()

    run(engine, body)
    assert engine.failure is not None
    assert engine.failure.kind == NO_PROGRESS
    assert engine.steps == most + 1
