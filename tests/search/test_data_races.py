"""Data races: what is one, what is none, and that both lines are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import Operation
from harness.machine.diagnosis import RACE
from harness.machine.engine import LOAD, STORE, WRITE
from harness.machine.interrupts import Interrupts
from harness.search.data_races import find_race
from harness.search.dependence import races
from harness.search.race_detector import checking_races
from harness.search.search import EXHAUSTED, FAILED, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from stages.hypervisor import Field, Hypervisor, ListHead, SpinLock, Struct, Word
from tests.explored.random_operations import always_the_same, execution_of, operations_of


class Shared(Struct):
    """What two CPUs share."""

    plain = Field(0)
    flag = Word.field()
    list = ListHead.field()


class Scene:
    """Two CPUs, a structure, a list and a lock."""

    def __init__(self, engine: ExploredEngine) -> None:
        self.m = Interrupts(engine, 2)
        hv = cast(Hypervisor, self.m)
        self.s = Shared(hv, "s")
        self.head = ListHead(hv, "head")
        self.lock = SpinLock(hv, "lock")

    def locked(self, body: Callable[[], object]) -> None:
        """Call `body` with the lock held."""
        self.m.spin_lock(self.lock)
        body()
        self.m.spin_unlock(self.lock)

    def write(self, value: int = 1) -> None:
        """A plain write."""
        self.s.plain = value


Body = Callable[[Scene], object]


def explore(first: Body, second: Body) -> SearchResult:
    """Explore two CPUs."""

    def execute(engine: ExploredEngine) -> None:
        scene = Scene(engine)
        for cpu, body in zip(scene.m.cpus, (first, second), strict=True):
            cpu.body = lambda body=body: body(scene)  # type: ignore[misc]
            engine.add(cpu)
        engine.run()
        engine.close()

    return search(checking_races(execute), OptimalDpor())


def publish(scene: Scene) -> None:
    """Write, then tell."""
    scene.write()
    scene.s.flag.write(1)


def consume(scene: Scene) -> None:
    """Read only if told."""
    if scene.s.flag.read():
        assert scene.s.plain == 1


def tell_first(scene: Scene) -> None:
    """Tell, then write."""
    scene.s.flag.write(1)
    scene.write()


def handled(scene: Scene) -> None:
    """Write, then have the other CPU interrupted."""
    scene.write()
    scene.m.interrupt(1, lambda: scene.s.plain)


RACES: dict[str, tuple[Body, Body]] = {
    "write and write": (Scene.write, Scene.write),
    "write and read": (Scene.write, lambda scene: scene.s.plain),
    "write and marked read": (Scene.write, lambda scene: scene.m.read_atomic(scene.s, Shared.plain)),
    "marked write and read": (lambda scene: scene.m.write_atomic(scene.s, Shared.plain, 1), lambda scene: scene.s.plain),
    "only one holds the lock": (lambda scene: scene.locked(scene.write), Scene.write),
    "told before it is written": (tell_first, consume),
    "list": (lambda scene: scene.m.list_add_tail(scene.s.list, scene.head), lambda scene: scene.m.list_empty(scene.head)),
}

NO_RACES: dict[str, tuple[Body, Body]] = {
    "read and read": (lambda scene: scene.s.plain, lambda scene: scene.s.plain),
    "both hold the lock": (lambda scene: scene.locked(scene.write), lambda scene: scene.locked(scene.write)),
    "told after it is written": (publish, consume),
    "both marked": (
        lambda scene: scene.m.write_atomic(scene.s, Shared.plain, 1),
        lambda scene: scene.m.read_atomic(scene.s, Shared.plain),
    ),
    "interrupt after it is written": (handled, lambda scene: scene.s.flag.read()),
}


@pytest.mark.parametrize("name", RACES)
def test_race(name: str) -> None:
    """Two accesses that nothing orders are a race, and both lines are named."""
    result = explore(*RACES[name])
    assert result.verdict == FAILED
    assert result.failure is not None
    assert result.failure.kind == RACE
    assert result.failure.message.count("test_data_races.py:") == 2
    assert "CPU0" in result.failure.message
    assert "CPU1" in result.failure.message


@pytest.mark.parametrize("name", NO_RACES)
def test_no_race(name: str) -> None:
    """Accesses that are ordered in every execution, or marked, are none."""
    assert explore(*NO_RACES[name]).verdict == EXHAUSTED


def test_a_marked_access_hides_no_plain_one() -> None:
    """What a process wrote plainly races with the write of another one, also if it has written with a mark since."""
    assert find_race(execution_of([(0, STORE, 0, 1), (0, WRITE, 0, 1), (1, WRITE, 0, 1)])) == (0, 2)


@always_the_same
@given(st.lists(operations_of(LOAD, STORE, WRITE), max_size=8))
def test_a_race_is_two_operations_that_nothing_orders(done: list[Operation]) -> None:
    """Where nobody acquires anything, the first race is completed by the first operation that `races` with an earlier one."""
    found = find_race(execution_of(done))
    racing = [at for at, o in enumerate(done) if any(races(earlier, o) for earlier in done[:at])]
    assert (found is None) == (not racing)
    if found is not None:
        assert found[1] == racing[0]
        assert races(done[found[0]], done[found[1]])
