"""What is noted of operations: who has written what they find, which call they are part of, and what that is nested in."""

from __future__ import annotations

from typing import cast

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ARM, ENGINES, SC, TSO
from harness.litmus.litmus_programs import Threads, executed
from harness.litmus.weak_programs import WMB, Op, r, threads, w
from harness.machine.diagnosis import ASSERTION, Violation
from harness.machine.machines import machine_on
from harness.search.record import recorded
from harness.search.recorder import Missed, OperationRow
from harness.search.search import search
from harness.search.strategies.optimal_dpor import OptimalDpor
from stages.hypervisor import Hypervisor, ListHead
from tests.report.executions import INTERRUPTED, replayed


def rows_of(schedule: list[int], model: str) -> list[OperationRow]:
    """The rows of: the first thread writes x and reads it, the second one reads it."""
    return recorded(executed(threads([w("x"), r("x")], [r("x")])), schedule, 100, ENGINES[model])[1]


def test_who_has_written_what_is_read() -> None:
    """A read names the row of the last write; before any, it names none."""
    assert [row.written_in for row in rows_of([1, 0, 0], SC)] == [None, None, 1]


def test_what_is_in_the_own_store_buffer_is_nobody_elses() -> None:
    """A CPU that reads back its own store, which has not arrived, has not read what another one has written to memory."""
    arrange = threads([w("x"), r("x")], [w("x", 2)])
    rows = recorded(executed(arrange), [3, 0, 2], 100, ENGINES[TSO])[1]
    assert [(row.kind, row.written_in) for row in rows] == [("arrival of write", None), ("read", None), ("arrival of write", None)]


def test_what_is_in_a_store_buffer_is_not_what_memory_holds() -> None:
    """A row says what memory has become, also where the CPU that goes on then has something of its own on its way there."""
    arrange = threads([w("x", 1)], [w("x", 2), r("y")])
    rows = recorded(executed(arrange), [2, 1, 3], 100, ENGINES[TSO])[1]
    assert [(row.kind, row.value) for row in rows] == [("arrival of write", "0 → 1"), ("read", "0"), ("arrival of write", "1 → 2")]


def test_a_store_in_the_buffer_of_another_is_missed() -> None:
    """It is noted whose it is, what it would have changed, and that it is the one which arrives later; one that changes nothing is not."""
    arrange = threads([w("y"), w("x", 3)], [r("x")], [w("x", 0)])
    rows = recorded(executed(arrange), [1, 3, 3, 5], 100, ENGINES[TSO])[1]
    late = rows[0].late
    assert late is not None
    assert (late.of, late.value, late.numbers, late.made) == ("P0", "3", (3,), 0)
    assert [row.arrives == late for row in rows] == [False, False, True, False]
    assert [row.late for row in rows[1:]] == [None, None, None]


def missed(*bodies: list[Op]) -> list[Missed]:
    """What older reads have missed in an execution in which each thread's last read returns 0, and each earlier one 1."""

    def execute(engine: ExploredEngine) -> None:
        executed(threads(*bodies))(engine)
        if engine.failure is None and engine.complete and all(read[-1] == 0 and 0 not in read[:-1] for read in engine.final[0] if read):
            engine.fail(Violation(ASSERTION, "older"))

    found = search(execute, OptimalDpor(ENGINES[ARM]))
    return [row.missed for row in recorded(execute, found.schedule, 100, ENGINES[ARM])[1] if row.missed]


def test_what_would_have_ordered_an_older_read() -> None:
    """A barrier of the writer's; one of the reader's, where the writer has one; neither alone, where nothing is seen that came after."""
    assert missed([w("x"), w("y")], [r("y"), r("x")]) == [Missed(0, "P0", 1)]
    assert missed([w("x"), WMB, w("y")], [r("y"), r("x")]) == [Missed(0, "P0", 1, told=True)]
    (neither,) = missed([w("x"), r("y")], [w("y"), r("x")])
    assert neither.later is None
    assert missed([w("z"), w("x")], [r("z"), r("x")]) == [Missed(1, "P0")]


def test_what_every_execution_begins_with() -> None:
    """As long as there is only one who can go on; a thread that waits does not count, whatever it does afterwards."""

    def arrange(t: Threads) -> None:
        x = t.word("x")
        t.thread(lambda: [x.write(value) for value in (1, 2)])
        t.thread(lambda: t.explored.wait("for x", lambda: x.value > 0, (x,)))

    rows = recorded(executed(arrange), [], 100, ENGINES[SC])[1]
    assert [row.forced for row in rows] == [True, False, False]


def test_nested_rows_and_calls() -> None:
    """What an interrupt handler does is nested in one, and the call that it has interrupted is the same one afterwards."""
    rows = replayed(INTERRUPTED).rows
    handler = [at for at, row in enumerate(rows) if row.contexts == ("interrupt handler",)]
    before, after = rows[handler[0] - 1], rows[handler[-1] + 1]
    assert {rows[at].entered for at in handler} == {"tasklet_schedule"}
    assert before.entered == after.entered == "do_tasklet"
    assert before.call == after.call != rows[handler[0]].call


def listed(model: str) -> list[OperationRow]:
    """CPU0 puts an entry on a list; then CPU1 looks if there is one, and takes it off."""

    def execute(engine: ExploredEngine) -> None:
        machine = machine_on(engine, 2)
        hv = cast(Hypervisor, machine)
        queue, node = ListHead(hv, "queue"), ListHead(hv, "node")

        def take() -> None:
            assert not hv.list_empty(queue)
            hv.list_del(node)

        machine.cpus[0].body = lambda: hv.list_add_tail(node, queue)
        machine.cpus[1].body = take
        engine.run()
        engine.close()

    return [row for row in recorded(execute, [], 100, ENGINES[model])[1] if row.list_call]


def test_who_has_written_a_link() -> None:
    """A look at one link has its writer, as a value has; a call that looks at several has all of them; what it changes is its own."""
    added, empty, taken = listed(SC)
    assert (added.links_in, added.written_in) == ((), None)
    assert (empty.written_in, empty.links_in, taken.written_in, taken.links_in) == (0, (0,), None, (0,))


def test_who_has_written_a_link_that_arrives() -> None:
    """Where each link is a store of its own, it is the row in which it reaches memory; a CPU's own store that has not, is nobody's."""
    rows = listed(TSO)
    arrivals = [at for at, row in enumerate(rows) if row.process.startswith("CPU0's")]
    empty = next(row for row in rows if row.list_call == "list empty?")
    assert len(arrivals) == 4
    assert empty.value == "False"
    assert rows[empty.written_in or 0].what == "queue.next"


def test_a_link_in_the_own_store_buffer_is_nobody_elses() -> None:
    """A CPU that follows a link which it has stored itself has not followed the one that another CPU has written before."""

    def execute(engine: ExploredEngine) -> None:
        machine = machine_on(engine, 2)
        hv = cast(Hypervisor, machine)
        queue, node = ListHead(hv, "queue"), ListHead(hv, "node")

        def link() -> None:
            queue.next = node

        def link_and_follow() -> None:
            assert queue.next is node
            queue.next = queue
            assert queue.next is queue

        machine.cpus[0].body, machine.cpus[1].body = link, link_and_follow
        engine.run()
        engine.close()

    rows = recorded(execute, [0, 2, 1, 1, 1, 3], 100, ENGINES[TSO])[1]
    assert [(row.value, row.written_in) for row in rows if row.list_call == "list read"] == [("node", 1), ("queue", None)]
