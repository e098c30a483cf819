"""Store buffers: who sees what when, what waits for whom, and what a turn of a loop is then."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pytest

from harness.explored.models import ENGINES, PSO, SC, TSO
from harness.explored.store_buffers import BufferedEngine
from harness.litmus.litmus_programs import Threads, executed
from harness.litmus.weak_programs import GAVE_UP, MB, WMB, peterson, r, threads, w
from harness.machine.engine import FENCE, RMW, WRITE, Process
from harness.search.race_detector import RaceDetector
from harness.search.record import recorded
from harness.search.search import EXHAUSTED, Execute, Limits, SearchResult, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from stages.hypervisor import ListHead
from tests.explored.arrangements import handed_on_with_a_lock
from tests.search.random_programs import BufferedSoftirqs

ALL = Limits(stop_at_failure=False)
WEAK = [TSO, PSO]


def finals(arrange: Callable[[Threads], None], model: str) -> set[Hashable]:
    """The final states that optimal DPOR finds, which must be those of the unreduced search."""
    found = [search(executed(arrange), strategy(ENGINES[model]), ALL) for strategy in (OptimalDpor, DepthFirst)]
    assert [result.verdict for result in found] == [EXHAUSTED] * 2
    assert found[0].blocked == 0
    assert set(found[0].finals) == set(found[1].finals)
    return set(found[0].finals)


SB = ([w("x"), r("y")], [w("y"), r("x")])
MP = ([w("x"), w("y")], [r("y"), r("x")])


@pytest.mark.parametrize(("model", "weak"), [(SC, False), (TSO, True), (PSO, True)])
def test_a_store_may_be_late(model: str, weak: bool) -> None:
    """Both threads may read what was there before the other one's write, but not with a full barrier in between."""
    assert (((0,), (0,)), (1, 1)) not in finals(threads([w("x"), MB, r("y")], [w("y"), MB, r("x")]), model)
    assert ((((0,), (0,)), (1, 1)) in finals(threads(*SB), model)) == weak


@pytest.mark.parametrize(("model", "weak"), [(SC, False), (TSO, False), (PSO, True)])
def test_a_store_may_overtake_another_one(model: str, weak: bool) -> None:
    """Who sees the second write may not see the first, unless a write barrier is in between."""
    late = (((), (1, 0)), (1, 1))
    assert late not in finals(threads([w("x"), WMB, w("y")], MP[1]), model)
    assert (late in finals(threads(*MP), model)) == weak


@pytest.mark.parametrize("model", WEAK)
def test_a_cpu_sees_its_own_stores(model: str) -> None:
    """At once, and in order."""
    assert finals(threads([w("x", 1), r("x"), w("x", 2), r("x")]), model) == {(((1, 2),), (2,))}


@pytest.mark.parametrize(("model", "complete"), [(SC, 4), (TSO, 22), (PSO, 34)])
def test_petersons_algorithm(model: str, complete: int) -> None:
    """Nidhugg's counts of the executions in which nobody gives up; mutual exclusion holds under sequential consistency only."""
    result = search(executed(peterson(fence=False)), OptimalDpor(ENGINES[model]), ALL)
    counts = {final: count for final, count in result.finals.items() if isinstance(final, tuple) and GAVE_UP not in final}
    assert (sum(counts.values()), result.blocked) == (complete, 0)
    assert any(False in final for final in counts) == (model != SC)


@pytest.mark.parametrize(("model", "complete"), [(TSO, 4), (PSO, 26)])
def test_petersons_algorithm_with_a_barrier(model: str, complete: int) -> None:
    """A full barrier is enough under TSO; under PSO, what is written inside may arrive after the flag has come down."""
    result = search(executed(peterson(fence=True)), OptimalDpor(ENGINES[model]), ALL)
    counts = {final: count for final, count in result.finals.items() if isinstance(final, tuple) and GAVE_UP not in final}
    assert (sum(counts.values()), result.blocked) == (complete, 0)
    assert any(False in final for final in counts) == (model == PSO)


@pytest.mark.parametrize("model", WEAK)
def test_who_holds_a_lock_sees_what_was_done_under_it(model: str) -> None:
    """The release of a lock comes after the stores before it, and whoever takes it has none of his own left."""
    assert finals(handed_on_with_a_lock, model) == {(0, 0), (1, 1)}


Body = Callable[[BufferedSoftirqs], None]


def on_a_cpu(engine: BufferedEngine, body: Body, device: Body) -> BufferedSoftirqs:
    """A CPU that does something, and a device."""
    machine = BufferedSoftirqs(engine, 1)
    machine.cpus[0].body = lambda: body(machine)
    engine.add(machine.cpus[0])
    engine.add(Process("device", lambda: device(machine)))
    return machine


@pytest.mark.parametrize("model", WEAK)
def test_an_interrupt_waits_for_no_store(model: str) -> None:
    """It comes before a store, after it, and before that has arrived; its handler sees what its CPU has stored."""
    seen: set[tuple[int, int]] = set()

    def execute(engine: BufferedEngine) -> None:
        def body(machine: BufferedSoftirqs) -> None:
            machine.write_cell(x, 1)
            machine.read_cell(x)

        def handler() -> None:
            seen.add((machine.read_cell(x), int(any(store.target is x for store in engine._stored[0].pending))))

        machine = on_a_cpu(engine, body, lambda machine: machine.interrupt(0, handler))
        x = machine.cpus[0].online
        x.value = 0
        engine.run()
        engine.close()

    search(execute, DepthFirst(ENGINES[model]), ALL)  # type: ignore[arg-type]
    assert seen == {(0, 0), (1, 0), (1, 1)}


@pytest.mark.parametrize("model", WEAK)
def test_a_read_modify_write_waits_for_stores(model: str) -> None:
    """It is recorded as coming after the arrivals; so is a barrier, and one without stores is no operation."""
    engine = ENGINES[model]()

    def arrange(t: Threads) -> None:
        x, y = t.word("x"), t.word("y")

        def body() -> None:
            x.write(1)
            y.add(1)
            t.smp_mb()
            x.write(2)
            t.smp_mb()

        t.thread(body)

    executed(arrange)(engine)
    assert [kind for _, kind, _, _ in engine.done] == [WRITE, RMW, WRITE, FENCE]
    assert engine.follows == {1: 1, 2: 2, 3: 4}


def test_a_turn_is_what_the_program_does() -> None:
    """A store stands in it where it was made, with what is stored, and not where it arrives."""
    engine = ENGINES[TSO]()
    found = []

    def arrange(t: Threads) -> None:
        x, y = t.word("x"), t.word("y")

        def body() -> None:
            y.read()
            x.write(7)
            y.read()
            found.append([(kind, value) for kind, _, _, value in engine.turn_of(0, 0, len(engine.done))])

        t.thread(body)

    executed(arrange)(engine)
    assert found == [[("read", None), (WRITE, 7), ("read", None)]]


@pytest.mark.parametrize("model", WEAK)
def test_lists_are_stores_of_links(model: str) -> None:
    """Without a lock, another CPU may find a list in between; with one, it never does."""

    def arranging(locked: bool) -> Callable[[Threads], None]:
        def arrange(t: Threads) -> None:
            head, node, mutex = ListHead(t, "head"), ListHead(t, "node", owner="owner"), t.mutex("m")  # type: ignore[arg-type]
            seen = []

            def adding() -> None:
                if locked:
                    t.lock(mutex)
                t.list_add_tail(node, head)
                if locked:
                    t.unlock(mutex)

            def looking() -> None:
                if locked:
                    t.lock(mutex)
                seen.append((head.prev is node, head.next is node))
                if locked:
                    t.unlock(mutex)

            t.thread(adding)
            t.thread(looking)
            t.observe = lambda: seen[0]

        return arrange

    assert finals(arranging(locked=True), model) == {(False, False), (True, True)}
    assert finals(arranging(locked=False), model) > {(False, False), (True, True)}


def raced(model: str, *bodies: list[str]) -> bool:
    """Whether a data race is found, x being accessed plainly."""
    detector, found = RaceDetector(), []

    def arrange(t: Threads) -> None:
        x, y = t.word("x"), t.word("y")
        does: dict[str, Callable[[], object]] = {
            "store": lambda: t.store(x, 1),
            "load": lambda: t.load(x),
            "write": lambda: y.write(1),
            "wmb": t.smp_wmb,
            "if read": y.read,
        }

        def body(ops: list[str]) -> None:
            for op in ops:
                if does[op]() == 0 and op == "if read":
                    return

        for ops in bodies:
            t.thread(lambda ops=ops: body(ops))  # type: ignore[misc]

    def look(engine: object, _: SearchResult) -> None:
        found.append(detector.finds_race(engine))  # type: ignore[arg-type]

    execute: Execute = executed(arrange)
    search(execute, OptimalDpor(ENGINES[model]), ALL, [look])
    return any(found)


WRITER = ["store", "write"]
READER = ["if read", "load"]


@pytest.mark.parametrize(("model", "races"), [(SC, False), (TSO, False), (PSO, True)])
def test_a_flag_orders_as_much_as_the_model_does(model: str, races: bool) -> None:
    """A plain store before a marked one, and a plain load after a marked one that has seen it."""
    assert raced(model, WRITER, READER) == races
    assert not raced(model, ["store", "wmb", "write"], READER)
    assert raced(model, WRITER, ["load"])


@pytest.mark.parametrize("model", [SC, *WEAK])
def test_a_cpu_does_not_race_with_its_own_stores(model: str) -> None:
    """Wherever they arrive."""
    assert not raced(model, ["store", "load", "store", "write", "load"], ["if read"])


def test_a_row_shows_what_its_cpu_saw() -> None:
    """A read of what is still in the buffer changes nothing, though others find another value afterwards."""
    arrange = threads([w("x"), r("x")], [r("y")])
    _, rows = recorded(executed(arrange), [0, 1, 2], 100, ENGINES[TSO])
    assert [(row.kind, row.what, row.value) for row in rows] == [("read", "x", "1"), ("read", "y", "0"), ("arrival of write", "x", "0 → 1")]


@pytest.mark.parametrize("model", WEAK)
def test_memory_that_is_overwritten_at_once(model: str) -> None:
    """What a program does to several cells in one operation waits for the stores before it; no run is in vain."""

    def arrange(t: Threads) -> None:
        x, y, seen = t.word("x"), t.word("y"), [0, 0, 0]

        def overwriting() -> None:
            x.write(1)
            t.engine.access_list("store", lambda: ((), (x, y)), "both")
            x.value = y.value = 2

        def writing() -> None:
            y.write(3)
            seen[:] = y.read(), x.read(), y.read()

        t.thread(overwriting)
        t.thread(writing)
        t.observe = lambda: (*seen, x.value, y.value)

    assert {final[-2] for final in finals(arrange, model) if isinstance(final, tuple)} == {2}


@pytest.mark.parametrize("model", WEAK)
def test_what_is_stored_past_the_limit_is_forgotten(model: str) -> None:
    """Also by who waits for it when the execution is given up: nothing that is left refers to what was dropped."""

    def arrange(t: Threads) -> None:
        x, y = t.word("x"), t.word("y")

        def write() -> None:
            while True:
                x.write(1)
                y.xchg(1)

        t.thread(write)
        t.thread(write)
        t.observe = lambda: ()

    result = search(executed(arrange), OptimalDpor(ENGINES[model]), Limits(executions=30, steps=25, stop_at_failure=False))
    assert (result.executions, result.reached) == (30, "30 executions")
