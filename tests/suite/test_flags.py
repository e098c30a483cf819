"""What the flags of programs order, under every memory model: as much as a program means by them, and no more."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from harness.explored.models import ARM, ENGINES, PSO, SC
from harness.machine.engine import Engine
from harness.search.search import EXHAUSTED, Limits, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.suite import Bench, programs_on
from stages.hypervisor import Word

Wait = Callable[[Bench, Word], object]


class Machine(Bench):
    """A machine without a stage."""

    def __init__(self, module: ModuleType, kind: str, engine: Engine, cpus: int, hotplug: bool) -> None:
        super().__init__(module, kind, engine, cpus, hotplug)
        self.bring_up(lambda: None)


program = programs_on(Machine, "any")


def outcomes(model: str, arrange: Callable[[Bench, list[int]], None]) -> set[tuple[int, ...]]:
    """What a program on two CPUs can have read, in all its executions: it puts what it reads in a list."""
    found = set()

    @program()
    def reads_something(b: Machine) -> None:
        """Two CPUs write and read."""
        read: list[int] = []
        arrange(b, read)
        b.afterwards(lambda: found.add(tuple(read)))

    def execute(engine: Engine) -> None:
        reads_something.execute(ModuleType("none"), "any", engine)
        assert engine.failure is None, engine.failure

    assert search(execute, OptimalDpor(ENGINES[model]), Limits(1000)).verdict == EXHAUSTED
    return found


def told(model: str, flag: Callable[[Bench], Word], tell: Callable[[Word], object], wait: Wait) -> set[tuple[int, ...]]:
    """What the CPU that is told by a flag can read of what the other one has written before."""

    def arrange(b: Bench, read: list[int]) -> None:
        data, done = Word(b.hv, "data"), flag(b)
        b.cpu(0, lambda: (data.write(1), tell(done)))
        b.cpu(1, lambda: (wait(b, done), read.append(data.read())))  # type: ignore[func-returns-value]

    return outcomes(model, arrange)


def look(b: Bench, flag: Word) -> None:
    """Wait by hand."""
    while not flag.test_bit(0):
        b.hv.cpu_relax()


@pytest.mark.parametrize("wait", [Bench.until, Bench.given, Bench.spin_until, look])
@pytest.mark.parametrize("model", ENGINES)
def test_who_is_told_sees_what_was_written_before(model: str, wait: Wait) -> None:
    """However he waits for the flag."""
    assert told(model, lambda b: b.flag("done"), lambda done: done.write(1), wait) == {(1,)}


@pytest.mark.parametrize("tell", [lambda done: done.set_bit(0), lambda done: done.add(1), lambda done: done.cmpxchg(0, 1)])
@pytest.mark.parametrize("model", ENGINES)
def test_every_change_of_a_flag_tells(model: str, tell: Callable[[Word], object]) -> None:
    """Also one that would be no barrier on another word."""
    assert told(model, lambda b: b.flag("done"), tell, Bench.until) == {(1,)}


@pytest.mark.parametrize("model", ENGINES)
def test_a_cleared_bit_tells(model: str) -> None:
    """Who sees that it is gone sees what was written before."""

    def arrange(b: Bench, read: list[int]) -> None:
        data, busy = Word(b.hv, "data"), b.flag("busy")
        busy.write(1)
        b.cpu(0, lambda: (data.write(1), busy.clear_bit(0)))
        b.cpu(1, lambda: None if busy.read() else read.append(data.read()))

    assert outcomes(model, arrange) == {(), (1,)}


@pytest.mark.parametrize("model", ENGINES)
def test_a_relaxed_flag_orders_nothing(model: str) -> None:
    """Where writes overtake each other, what was written before may not be there yet."""
    found = told(model, lambda b: b.relaxed_flag("done"), lambda done: done.write(1), Bench.until)
    assert found == ({(0,), (1,)} if model in (PSO, ARM) else {(1,)})


@pytest.mark.parametrize("model", ENGINES)
def test_a_flag_is_no_full_barrier(model: str) -> None:
    """Two CPUs that each write, tell, and read what the other one writes may both read what was there before."""

    def arrange(b: Bench, read: list[int]) -> None:
        words = [Word(b.hv, "x"), Word(b.hv, "y")]
        flags = [b.flag("x is written"), b.flag("y is written")]
        for cpu in range(2):
            b.cpu(cpu, lambda cpu=cpu: (words[cpu].write(1), flags[cpu].write(1), read.append(words[1 - cpu].read())))  # type: ignore[misc]

    assert ((0, 0) in outcomes(model, arrange)) == (model != SC)
