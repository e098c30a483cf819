"""Programs about who sees what somebody has written, and through what.

Under sequential consistency everybody sees everything at once; what can be shown is the order that makes it so elsewhere. With store
buffers, what counts is what is read. The flags of these programs are marked reads and writes, which are no barriers, and nothing here
counts the runs with an atomic operation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from harness.explored.execution import Execution
from harness.machine.engine import LOCK, RMW, UNLOCK
from harness.search.ordering import ordered_by_barriers, ordered_by_messages
from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import Action, Testbed, program
from stages.hypervisor import Cell, Hypervisor

# Each of these is a full barrier.
BARRIERS = frozenset({RMW, LOCK, UNLOCK})


class Data:
    """A location of the program, and which operations on it were a write or a read.

    `marked` where a run that started before the schedule may read while somebody writes: that is no race then.
    """

    def __init__(self, b: Testbed, marked: bool = False) -> None:
        self.machine = b.machine
        self.cell = Cell(cast(Hypervisor, b.machine), "data", 0, "data")
        self.marked = marked or b.machine.engine.viewed  # There a plain read would be a data race, and miss nothing.
        # Each write, and when the schedule that came after it had returned; each read, and when the code that reads had started.
        self.writes: list[tuple[int, int]] = []
        self.reads: list[tuple[int, int]] = []
        # How often it was written, and what last; what was read.
        self.times = self.value = 0
        self.values: list[int] = []

    def now(self) -> int:
        """How many operations there have been."""
        engine = self.machine.engine
        return len(engine.done) if isinstance(engine, Execution) else 0

    def write(self, then: Action = lambda: None) -> None:
        """Write it, and do what tells of that."""
        value = self.times = self.times + 1
        (self.machine.write_cell if self.marked else self.machine.store)(self.cell, value)
        # (An interrupt may have come first.)
        self.value = value
        written = self.now() - 1
        then()
        self.writes.append((written, self.now()))

    def read(self) -> None:
        """Read it."""
        started = self.now()
        self.values.append((self.machine.read_cell if self.marked else self.machine.load)(self.cell))
        self.reads.append((self.now() - 1, started))

    @property
    def seen(self) -> str:
        """What was written last and what was read, in words."""
        return f"written last: {self.value}; read: {', '.join(map(str, self.values)) or 'nothing'}"


def expect_seen(b: Testbed, data: Data, ordered: Callable[[Execution, int, int], bool], what: str) -> None:
    """Afterwards: each write must be ordered before every read by code that has started when the writer had told of it."""

    def check() -> None:
        engine = b.machine.engine
        if isinstance(engine, Execution):
            for write, told in data.writes:
                unseen = any(started >= told and not ordered(engine, write, read) for read, started in data.reads)
                b.expect(not unseen, what)

    b.afterwards(check)


def expect_seen_by_a_run(b: Testbed, data: Data) -> None:
    """Barriers must order a write, and a run that starts after the schedule that comes after the write."""
    if b.machine.engine.weak:
        b.afterwards(lambda: b.expect(data.value in data.values, f"no run has seen what was written before a schedule ({data.seen})"))
        return
    expect_seen(b, data, ordered_by_barriers, "no barrier orders what was written before a schedule and a run after it")


def expect_seen_after_a_run(b: Testbed, data: Data) -> None:
    """Messages must order a write in a run, and who reads after that run."""
    if b.machine.engine.weak:
        b.afterwards(lambda: b.expect({data.value} >= {*data.values}, f"what a run has written was not seen after it ({data.seen})"))
        return
    expect_seen(b, data, ordered_by_messages, "nothing orders what a run has written and who reads it after that run")


def schedule(b: Testbed, t: TaskletUnderTest, cpu: int | None = None) -> None:
    """Schedule `t`, which is alive: the call must have a full barrier in it, whatever it finds."""
    engine = b.machine.engine
    pid, begin = engine.current.pid, len(engine.done) if isinstance(engine, Execution) else 0
    if cpu is None:
        b.schedule(t)
    else:
        b.schedule_on(t, cpu)
    if isinstance(engine, Execution) and not engine.weak:
        kinds = {operation[1] for operation in engine.done[begin:] if operation[0] == pid}
        b.expect(not kinds.isdisjoint(BARRIERS), f"a schedule of {t.name} has no read-modify-write, lock or barrier in it")


@program()
def seen_by_its_run(b: Testbed) -> None:
    """Written before an idle one is scheduled here."""
    data = Data(b)
    t = b.tasklet(function=lambda _: data.read())
    b.cpu(0, lambda: data.write(lambda: schedule(b, t)))
    expect_seen_by_a_run(b, data)


@program()
def seen_when_scheduled_again(b: Testbed) -> None:
    """Written between two schedules in one hypercall, and by an interrupt in it."""
    data = Data(b)
    t = b.tasklet(function=lambda _: data.read())
    done = b.flag("done")
    b.cpu(0, lambda: (schedule(b, t), data.write(lambda: schedule(b, t)), b.until(done)))
    b.interrupts(0, lambda: (data.write(lambda: schedule(b, t)), done.write(1)))
    expect_seen_by_a_run(b, data)


@program(SENT)
def seen_where_it_was_sent(b: Testbed) -> None:
    """Written before an idle one is sent to another CPU."""
    data = Data(b)
    t = b.tasklet(function=lambda _: data.read())
    b.cpu(0, lambda: data.write(lambda: schedule(b, t, 1)))
    expect_seen_by_a_run(b, data)


@program()
def seen_although_it_is_scheduled(b: Testbed) -> None:
    """Written before this CPU schedules what another CPU has scheduled: it is queued there, runs, or has run."""
    data = Data(b, marked=True)
    t = b.tasklet(function=lambda _: data.read())
    b.cpu(0, lambda: schedule(b, t))
    b.cpu(1, lambda: data.write(lambda: schedule(b, t)))
    expect_seen_by_a_run(b, data)


@program(SENT)
def seen_although_it_is_sent(b: Testbed) -> None:
    """Written before this CPU sends to another one what is queued there, runs, or has run."""
    data = Data(b, marked=True)
    t = b.tasklet(function=lambda _: data.read())
    b.cpu(0, lambda: schedule(b, t))
    b.cpu(1, lambda: data.write(lambda: schedule(b, t, 0)))
    expect_seen_by_a_run(b, data)


@program()
def seen_although_it_is_queued(b: Testbed) -> None:
    """Written before this CPU schedules what is queued for sure on another one."""
    data = Data(b)
    t = b.tasklet(function=lambda _: data.read())
    queued, done = b.flag("queued"), b.flag("done")
    b.cpu(0, lambda: (schedule(b, t), queued.write(1), b.until(done)))
    b.cpu(1, lambda: (b.until(queued), data.write(lambda: schedule(b, t)), done.write(1)))
    expect_seen_by_a_run(b, data)


@program()
def seen_by_the_next_run(b: Testbed) -> None:
    """Written in a run; two CPUs schedule it, so that a second run may be on another CPU."""
    data = Data(b)
    t = b.tasklet(function=lambda t: data.write() if t.started == 1 else data.read())
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule(t))
    expect_seen_after_a_run(b, data)


@program()
def seen_by_its_killer(b: Testbed) -> None:
    """Written in a run on another CPU; the killer reads it as soon as its call has returned."""
    data = Data(b)
    t = b.tasklet(function=lambda _: data.write())
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.kill(t), data.read()))
    expect_seen_after_a_run(b, data)


CLAUSE = clause(
    "visibility",
    "What a CPU has written (plain or marked, with no barrier of its own) before it schedules a tasklet is seen by a run that starts "
    "afterwards, also when the schedule finds it queued or running already; what a run has written is seen by the next run, on "
    "whatever CPU, and by a caller whose `tasklet_kill` has returned. Scheduling is at least as strong as a full barrier, as an "
    "atomic test-and-set would be.",
    (
        seen_by_its_run,
        seen_when_scheduled_again,
        seen_where_it_was_sent,
        seen_although_it_is_scheduled,
        seen_although_it_is_sent,
        seen_although_it_is_queued,
        seen_by_the_next_run,
        seen_by_its_killer,
    ),
    ALL,
)
