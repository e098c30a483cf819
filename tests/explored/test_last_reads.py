"""The race of a read with a later write that has not been told of it: where there is one, and that the reduced search finds it, too."""

from __future__ import annotations

import random
from typing import cast

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.explored.last_reads import LastReads
from harness.explored.view_engine import ViewEngine
from harness.explored.views import View
from harness.litmus.litmus_programs import Threads, executed
from harness.machine.engine import Process
from harness.search.search import EXHAUSTED, LIMIT_REACHED, PASSED, UNDECIDED, Execute, Limits, SearchResult, judge, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from stages.hypervisor import Hypervisor, Word
from tests.explored.plain_threads import Done, Op, Program, arranged, random_program, unknown_reads
from tests.search.random_programs import ViewedSoftirqs

FREES: dict[str, tuple[Op, ...]] = {
    "relaxed": (("write", "y"),),
    "release": (("release", "y"),),
    "mb": (("mb", ""), ("write", "y")),
    "wmb": (("wmb", ""), ("write", "y")),
    "rmb": (("rmb", ""), ("write", "y")),
    "unlocked, wmb": (("lock", "l"), ("unlock", "l"), ("wmb", ""), ("write", "y")),
    "read and changed": (("add", "y"),),
    "released before": (("release", "z"), ("write", "y")),
}
TAKES: dict[str, tuple[Op, ...]] = {
    "relaxed": (("read", "y"), ("need", "")),
    "acquire": (("acquire", "y"), ("need", "")),
    "mb": (("read", "y"), ("need", ""), ("mb", "")),
    "wmb": (("read", "y"), ("need", ""), ("wmb", "")),
}
ORDERED = {(free, take) for free in ("release", "mb", "unlocked, wmb", "read and changed") for take in ("acquire", "mb")}


def ring(free: str, take: str, read: str = "load", write: str = "store") -> Program:
    """One reads a slot and frees it; who finds it free writes it. No execution has the two in the other order."""
    return ((read, "x"), *FREES[free]), (*TAKES[take], (write, "x"))


def races_in(execute: Execute) -> tuple[bool, str]:
    """Whether an execution has a data race; the verdict."""
    raced = []
    result = search(execute, OptimalDpor(ViewEngine), Limits(), [lambda engine, _: raced.extend(engine.races())])  # type: ignore[attr-defined]
    assert result.verdict == EXHAUSTED
    return bool(raced), judge(result)


@pytest.mark.parametrize("take", TAKES)
@pytest.mark.parametrize("free", FREES)
def test_a_slot_is_freed_behind_the_read_of_it(free: str, take: str) -> None:
    """It takes a release or a full barrier behind the read, and an acquire or a full barrier before the write; else nothing is claimed."""
    ordered = (free, take) in ORDERED
    assert races_in(executed(arranged(ring(free, take), []))) == (not ordered, PASSED if ordered else UNDECIDED)


def test_what_one_of_the_two_has_to_be() -> None:
    """A marked read of what is written plainly races as well, and is no less tried than any; two marked accesses are no race."""
    assert races_in(executed(arranged(ring("relaxed", "acquire", read="read"), []))) == (True, PASSED)
    assert races_in(executed(arranged(ring("relaxed", "acquire", write="write"), []))) == (True, UNDECIDED)
    assert races_in(executed(arranged(ring("relaxed", "acquire", read="read", write="write"), []))) == (False, PASSED)


@pytest.mark.parametrize("take", TAKES)
def test_a_condition_does_not_keep_a_plain_write_behind_an_acquire_read(take: str) -> None:
    """The read comes before what its CPU writes next, but whoever reads that has to order his plain write behind it."""
    ordered = take in ("acquire", "mb")
    assert races_in(executed(arranged(ring("relaxed", take, read="acquire"), []))) == (not ordered, PASSED)
    assert races_in(executed(arranged(ring("relaxed", take, read="acquire", write="write"), []))) == (False, PASSED)


def test_an_acquire_read_is_told_of_by_whoever_has_learnt_of_it() -> None:
    """A third CPU that hands on need not release; of a plain read behind the acquire, nothing is told by that."""
    middle, last = (("acquire", "y"), ("need", ""), ("write", "z")), (("acquire", "z"), ("need", ""), ("store", "x"))
    assert races_in(executed(arranged(((("acquire", "x"), ("write", "y")), middle, last), []))) == (False, PASSED)
    plain = (("acquire", "z"), ("load", "x"), ("write", "y"))
    assert races_in(executed(arranged((plain, middle, last), []))) == (True, UNDECIDED)


@pytest.mark.parametrize("acquire", [False, True])
def test_an_exchange_that_fails_is_a_read_that_a_plain_write_may_race_with(acquire: bool) -> None:
    """It is in order with what its CPU writes then; the plain write needs more than a condition."""

    def arrange(t: Threads) -> None:
        x, y = t.word("x"), t.word("y")
        t.thread(lambda: (x.cmpxchg(7, 8), y.write(1)))
        t.thread(lambda: (t.smp_load_acquire(y) if acquire else y.read()) and t.store(x, 1))  # type: ignore[func-returns-value]

    assert races_in(executed(arrange)) == (not acquire, PASSED)


def test_an_ordinary_write_tells_of_reads_that_its_cpu_was_told_of() -> None:
    """Three hand on in turn; the one in the middle need not release, and a write barrier there changes nothing."""
    for between in ((), (("wmb", ""),)):
        middle = (("acquire", "y"), ("need", ""), *between, ("write", "z"))
        last = (("acquire", "z"), ("need", ""), ("store", "x"))
        assert races_in(executed(arranged(((("load", "x"), ("release", "y")), middle, last), []))) == (False, PASSED)
        assert races_in(executed(arranged(((("load", "x"), ("write", "y")), middle, last), []))) == (True, UNDECIDED)


def test_a_write_barrier_behind_a_release_tells_of_what_that_came_after() -> None:
    """Of a read that another CPU has told of by its release, which was read before this one; not without the barrier."""
    first, last = (("load", "x"), ("release", "y")), (("acquire", "z"), ("need", ""), ("store", "x"))
    for barrier in (True, False):
        middle = (("read", "y"), ("need", ""), ("release", "y"), *((("wmb", ""),) * barrier), ("write", "z"))
        assert races_in(executed(arranged((first, middle, last), []))) == (not barrier, PASSED if barrier else UNDECIDED)


def test_a_lock_orders_reads_too() -> None:
    """What was read under it comes before what is written under it; what was read behind it does not."""
    inside = (("lock", "l"), ("load", "x"), ("unlock", "l"))
    behind = (("lock", "l"), ("unlock", "l"), ("load", "x"))
    writer = (("lock", "l"), ("store", "x"), ("unlock", "l"))
    assert races_in(executed(arranged((inside, writer), []))) == (False, PASSED)
    assert races_in(executed(arranged((behind, writer), []))) == (True, UNDECIDED)


def test_what_is_between_two_critical_sections_is_in_order_with_neither() -> None:
    """A release between them comes after a read that is there; but a write behind the second one may come before both."""
    between = (("load", "x"), ("release", "z"))
    reader = (("lock", "l"), ("unlock", "l"), *between, ("lock", "l"), ("write", "y"), ("unlock", "l"))
    before = (*between, ("lock", "l"), ("unlock", "l"), ("lock", "l"), ("write", "y"), ("unlock", "l"))
    writer = ring("relaxed", "acquire")[1]
    assert races_in(executed(arranged((reader, writer), []))) == (True, UNDECIDED)
    assert races_in(executed(arranged((before, writer), []))) == (False, PASSED)


def test_full_barriers_have_an_order() -> None:
    """Who does not see, behind one, what the other has written before his, has read before that one writes."""
    found: dict[object, set[bool]] = {}

    def arrange(t: Threads) -> None:
        x, y = t.word("x"), t.word("y")
        seen: list[object] = []

        def reader() -> None:
            seen[:] = [t.load(x), t.smp_mb(), y.read()]

        t.thread(reader)
        t.thread(lambda: (y.write(1), t.smp_mb(), t.store(x, 1)))
        t.observe = lambda: (seen[0], seen[2])

    def look(engine: ViewEngine, _: SearchResult) -> None:
        found.setdefault(engine.final, set()).add(any(engine.races()))

    search(executed(arrange), DepthFirst(ViewEngine), Limits(), [look])  # type: ignore[list-item]
    assert found == {(0, 0): {False}, (0, 1): {True}, (1, 1): {True}}


def test_an_exchange_that_fails_writes_nothing() -> None:
    """It is a marked read: it does not race with a plain one before it."""

    def program(old: int) -> Execute:
        def arrange(t: Threads) -> None:
            x, y = t.word("x"), t.word("y")
            t.thread(lambda: (t.load(x), y.write(1)))
            t.thread(lambda: y.read() and x.cmpxchg(old, 1))

        return executed(arrange)

    assert races_in(program(7)) == (False, PASSED)
    assert races_in(program(0)) == (True, UNDECIDED)


@pytest.mark.parametrize("raises", [False, True])
def test_a_cpu_is_in_order_with_itself_and_with_whom_it_interrupts(raises: bool) -> None:
    """Its own handler may write what it has read; so may the handler of an interrupt that it has raised afterwards."""

    def execute(engine: ExploredEngine) -> None:
        m = ViewedSoftirqs(engine, 2)
        x, y = Word(cast(Hypervisor, m), "x"), Word(cast(Hypervisor, m), "y")

        def handler() -> None:
            m.store(x, 1)
            taken.append(m.engine.current)

        def reader() -> None:
            m.load(x)
            if raises:
                m.interrupt(1, handler)
            y.read()

        for cpu, body in zip(m.cpus, (reader, y.read), strict=True):
            cpu.body = body
            engine.add(cpu)
        if not raises:
            engine.add(Process("device", lambda: m.interrupt(0, handler)))
        engine.run()
        engine.close()

    taken: list[Process] = []
    assert races_in(execute) == (False, PASSED)
    assert {process.number for process in taken} == {int(raises)}


def test_an_acquire_is_carried_out_before_what_is_behind_it() -> None:
    """So a marked read that acquires is known to whoever has learnt of a write behind it; a plain one before it is not."""
    assert races_in(executed(arranged(ring("relaxed", "acquire", read="acquire"), []))) == (False, PASSED)
    reader = (("load", "x"), ("acquire", "z"), ("write", "y"))
    assert races_in(executed(arranged((reader, ring("relaxed", "acquire")[1]), []))) == (True, UNDECIDED)


def test_views_are_joined_by_the_greater_number() -> None:
    """Of each process; and neither view changes the other."""
    view, other = View(reads={0: 3, 1: 5}), View(reads={0: 4, 1: 2, 2: 1})
    view.join(other)
    assert view.reads == {0: 4, 1: 5, 2: 1}
    assert other.reads == {0: 4, 1: 2, 2: 1}


def test_races_are_those_of_a_graph() -> None:
    """Of random programs, in each execution, the writes that race with a read before them are those that no path leads to.

    Two threads with full barriers may be ordered by these as well, of which the graph knows nothing.
    """
    rng = random.Random(1)
    raced = 0
    for _ in range(150):
        logs: list[list[Done]] = []
        found: list[bool] = []

        def compared(engine: ViewEngine, _: SearchResult) -> None:
            writes = {later for earlier, later in engine.races() if not engine.done[earlier][3]}
            expected = unknown_reads(engine, logs[-1])  # noqa: B023
            assert writes == expected or (barriers > 1 and writes < expected)  # noqa: B023
            found.append(bool(writes))  # noqa: B023

        program = random_program(rng)
        barriers = sum(any(name in ("mb", "add") for name, _ in ops) for ops in program)
        search(executed(arranged(program, logs)), OptimalDpor(ViewEngine), Limits(stop_at_failure=False), [compared])  # type: ignore[list-item]
        raced += any(found)
    assert 30 < raced < 120


def test_the_reduced_search_finds_what_the_unreduced_one_does() -> None:
    """Whether some execution of a random program has a race, and what the verdict is; nothing that is marked races."""
    rng = random.Random(4)
    compared = 0
    for _ in range(40):
        program = random_program(rng)
        found = []
        for strategy in (OptimalDpor, DepthFirst):
            raced: list[bool] = []
            look = lambda engine, _: raced.append(any(engine.races()))  # noqa: B023, E731
            result = search(executed(arranged(program, [])), strategy(ViewEngine), Limits(executions=300, stop_at_failure=False), [look])
            if result.verdict != LIMIT_REACHED:
                found.append((any(raced), judge(result)))
        compared += len(found) == 2
        assert len(set(found)) == 1
        marked = tuple(tuple(({"load": "read", "store": "write"}.get(name, name), of) for name, of in ops) for ops in program)
        assert races_in(executed(arranged(marked, []))) == (False, PASSED)
    assert compared > 20


def test_a_marked_read_hides_no_plain_one() -> None:
    """A marked write races with plain reads only, and nobody with his own reads or those that he knows of."""
    reads = LastReads()
    assert not reads.any_of(4, plain=True)
    reads.note(4, 0, 3, plain=True)
    reads.note(4, 0, 5, plain=False)
    assert list(reads.racing(4, 1, plain=False, known={})) == [(0, 3, True)]
    assert list(reads.racing(4, 1, plain=True, known={0: 4})) == [(0, 5, False)]
    assert list(reads.racing(4, 1, plain=True, known={0: 6})) == []
    assert list(reads.racing(4, 0, plain=True, known={})) == []
    assert reads.any_of(4, plain=False)
    assert not reads.any_of(8, plain=True)
