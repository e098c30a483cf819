"""What orders two operations, by messages and by barriers."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.machine.bit_words import BitWord
from harness.machine.engine import LOAD, STORE
from harness.machine.interrupts import Interrupts
from harness.search.data_races import find_race
from harness.search.ordering import ordered_by_barriers, ordered_by_messages
from stages.hypervisor import Cell, Hypervisor, SpinLock, Word


class Scene:
    """Two CPUs, a plain location, two words and a lock."""

    def __init__(self, engine: ExploredEngine) -> None:
        self.m = Interrupts(engine, 2)
        hv = cast(Hypervisor, self.m)
        self.data = Cell(hv, "data", 0, "data")
        self.x, self.y = Word(hv, "x"), Word(hv, "y")
        self.bits = BitWord(hv, "bits")
        self.lock = SpinLock(hv, "lock")

    def locked(self) -> None:
        """Take the lock and let go of it."""
        self.m.spin_lock(self.lock)
        self.m.spin_unlock(self.lock)


Body = Callable[[Scene], object]


def executed(first: Body, second: Body) -> ExploredEngine:
    """CPU 0 writes the data and does `first`; after that CPU 1 does `second` and reads the data."""
    engine = ExploredEngine()
    scene = Scene(engine)
    cpu0, cpu1 = scene.m.cpus
    cpu0.body = lambda: (scene.m.store(scene.data, 1), first(scene))  # type: ignore[assignment, return-value]
    cpu1.body = lambda: (second(scene), scene.m.load(scene.data))  # type: ignore[assignment, return-value]
    engine.add(cpu0)
    engine.add(cpu1)
    engine.run()
    engine.close()
    assert engine.failure is None
    return engine


def answers(engine: ExploredEngine) -> tuple[bool, bool]:
    """Whether the write comes before the read, by messages and by barriers."""
    kinds = [operation[1] for operation in engine.done]
    write, read = kinds.index(STORE), len(kinds) - 1 - kinds[::-1].index(LOAD)
    return ordered_by_messages(engine, write, read), ordered_by_barriers(engine, write, read)


def nothing(scene: Scene) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("first", "second", "messages", "barriers"),
    [
        (nothing, nothing, False, False),
        (lambda s: s.x.write(1), lambda s: s.x.read(), True, False),
        (lambda s: s.x.write(1), lambda s: s.x.add(1), True, False),
        (lambda s: s.x.add(1), lambda s: s.x.read(), True, False),
        (lambda s: s.x.read(), lambda s: s.x.add(1), False, False),
        (lambda s: s.x.add(1), lambda s: s.x.add(1), True, True),
        (lambda s: s.x.add(1), lambda s: s.y.add(1), False, False),
        (lambda s: s.x.add(1), lambda s: s.x.cmpxchg(0, 1), True, True),
        (lambda s: s.x.cmpxchg(5, 1), lambda s: s.x.add(1), True, True),
        (lambda s: s.x.cmpxchg(5, 1), lambda s: s.x.cmpxchg(5, 1), False, False),
        (lambda s: s.bits.set_bit(0), lambda s: s.bits.set_bit(0), True, True),
        (lambda s: s.bits.set_bit(0), lambda s: s.bits.set_bit(1), False, False),
        (lambda s: s.bits.set_bit(0), lambda s: s.bits.read(), True, False),
        (lambda s: s.bits.set_bit(0), lambda s: (s.bits.read(), s.bits.set_bit(1)), True, True),
        (Scene.locked, Scene.locked, True, True),
        (Scene.locked, nothing, False, False),
    ],
)
def test_what_orders(first: Body, second: Body, messages: bool, barriers: bool) -> None:
    """A marked write tells a marked read; a barrier is a read-modify-write on both sides, of which one changes something, or a lock."""
    assert answers(executed(first, second)) == (messages, barriers)


def test_an_interrupt_is_ordered_after_its_raising() -> None:
    """By both, and nobody else on that CPU learns of it before it is taken."""
    assert answers(executed(lambda s: s.m.interrupt(1, lambda: None), lambda s: s.x.add(1))) == (True, True)


@pytest.mark.parametrize("first", [nothing, Scene.locked, lambda s: s.x.write(1), lambda s: s.x.add(1)])
@pytest.mark.parametrize("second", [nothing, Scene.locked, lambda s: s.x.read(), lambda s: s.x.add(1)])
def test_messages_are_what_the_race_detection_sees(first: Body, second: Body) -> None:
    """What is ordered is no race, and the other way round."""
    engine = executed(first, second)
    assert answers(engine)[0] == (find_race(engine) is None)
