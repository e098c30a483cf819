"""Programs about who sees what somebody has written, and through what.

What counts is what is read. Under sequential consistency everybody sees everything at once, so only a store buffer, or a memory that is
weaker still, can show that a barrier is missing. The flags of these programs are marked reads and writes, which are no barriers, and
nothing here counts the runs with an atomic operation.
"""

from __future__ import annotations

from typing import cast

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT
from harness.tasklets.testbed import Action, Testbed, program
from stages.hypervisor import Cell, Hypervisor


class Data:
    """A location of the program, what was written there last, and what was read.

    `marked` where a run that started before the schedule may read while somebody writes: that is no race then.
    """

    def __init__(self, b: Testbed, marked: bool = False) -> None:
        self.machine = b.machine
        self.cell = Cell(cast(Hypervisor, b.machine), "data", 0, "data")
        # (As on ARM, a plain read would be a data race, and miss nothing.)
        self.marked = marked or b.machine.engine.viewed
        # How often it was written, and what last; of each read, what had been written when it began, and what it found.
        self.times = self.value = 0
        self.reads: list[tuple[int, int]] = []

    def write(self, then: Action = lambda: None) -> None:
        """Write it, and do what tells of that."""
        value = self.times = self.times + 1
        (self.machine.write_cell if self.marked else self.machine.store)(self.cell, value)
        # (An interrupt may have come first.)
        self.value = value
        then()

    def read(self) -> None:
        """Read it."""
        written = self.value
        self.reads.append((written, (self.machine.read_cell if self.marked else self.machine.load)(self.cell)))

    @property
    def seen(self) -> str:
        """What was written last and what was read, in words."""
        return f"written last: {self.value}; read: {', '.join(str(found) for _, found in self.reads) or 'nothing'}"

    @property
    def unseen(self) -> bool:
        """Whether nobody has read what was written last.

        Where everybody sees everything at once, that there is no run at all that began after it is for other clauses to say. Elsewhere the
        schedule may have found it queued because the store that says otherwise was late, and then that is the reason; but not on a stage
        that loses schedules anyway.
        """
        if not all(found < self.value for _, found in self.reads):
            return False
        engine = self.machine.engine
        if any(written == self.value for written, _ in self.reads):
            return True
        engine.doubtful = True
        return engine.weak and not engine.forgiving


def expect_seen_by_a_run(b: Testbed, data: Data) -> None:
    """A run that starts after the schedule that comes after the last write must see that."""
    b.afterwards(lambda: b.expect(not data.unseen, f"no run has seen what was written before a schedule ({data.seen})"))


def expect_seen_after_a_run(b: Testbed, data: Data) -> None:
    """Who reads after a run must see what that has written."""

    def check() -> None:
        b.expect(all(found >= written for written, found in data.reads), f"what a run has written was not seen after it ({data.seen})")

    b.afterwards(check)


@program()
def seen_by_its_run(b: Testbed) -> None:
    """Written before an idle one is scheduled here."""
    data = Data(b)
    t = b.tasklet(function=lambda _: data.read())
    b.cpu(0, lambda: data.write(lambda: b.schedule(t)))
    expect_seen_by_a_run(b, data)


@program()
def seen_when_scheduled_again(b: Testbed) -> None:
    """Written between two schedules in one hypercall, and by an interrupt in it."""
    data = Data(b)
    t = b.tasklet(function=lambda _: data.read())
    done = b.flag("done")
    b.cpu(0, lambda: (b.schedule(t), data.write(lambda: b.schedule(t)), b.until(done)))
    b.interrupts(0, lambda: (data.write(lambda: b.schedule(t)), done.write(1)))
    expect_seen_by_a_run(b, data)


@program(SENT)
def seen_where_it_was_sent(b: Testbed) -> None:
    """Written before an idle one is sent to another CPU."""
    data = Data(b)
    t = b.tasklet(function=lambda _: data.read())
    b.cpu(0, lambda: data.write(lambda: b.schedule_on(t, 1)))
    expect_seen_by_a_run(b, data)


@program()
def seen_although_it_is_scheduled(b: Testbed) -> None:
    """Written before this CPU schedules what another CPU has scheduled: it is queued there, runs, or has run."""
    data = Data(b, marked=True)
    t = b.tasklet(function=lambda _: data.read())
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: data.write(lambda: b.schedule(t)))
    expect_seen_by_a_run(b, data)


@program(SENT)
def seen_although_it_is_sent(b: Testbed) -> None:
    """Written before this CPU sends to another one what is queued there, runs, or has run."""
    data = Data(b, marked=True)
    t = b.tasklet(function=lambda _: data.read())
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: data.write(lambda: b.schedule_on(t, 0)))
    expect_seen_by_a_run(b, data)


@program()
def seen_although_it_is_queued(b: Testbed) -> None:
    """Written before this CPU schedules what is queued for sure on another one."""
    data = Data(b)
    t = b.tasklet(function=lambda _: data.read())
    queued, done = b.flag("queued"), b.flag("done")
    b.cpu(0, lambda: (b.schedule(t), queued.write(1), b.until(done)))
    b.cpu(1, lambda: (b.until(queued), data.write(lambda: b.schedule(t)), done.write(1)))
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
