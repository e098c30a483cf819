"""Programs in which an idle tasklet is scheduled, once or more often before it can start."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT
from harness.tasklets.testbed import Testbed, program


@program()
def scheduled_once(b: Testbed) -> None:
    """An idle tasklet is scheduled."""
    t = b.tasklet()
    b.cpu(0, lambda: b.schedule(t))
    b.expect_runs(t, 1)


@program()
def scheduled_often(b: Testbed) -> None:
    """It is scheduled three times in one hypercall, during which it cannot start."""
    t = b.tasklet()
    b.cpu(0, lambda: [b.schedule(t) for _ in range(3)])
    b.expect_runs(t, 1)


@program()
def hypercall_and_interrupt(b: Testbed) -> None:
    """A hypercall schedules it, and so does an interrupt in the same hypercall."""
    t = b.tasklet()
    done = b.flag("done")
    b.cpu(0, lambda: (b.schedule(t), b.until(done)))
    b.interrupts(0, lambda: (b.schedule(t), done.write(1)))
    b.expect_runs(t, 1)


@program(SENT)
def sent_often(b: Testbed) -> None:
    """Another CPU sends it twice while this CPU is in a hypercall."""
    t = b.tasklet()
    done = b.flag("done")
    b.cpu(0, lambda: b.until(done))
    b.cpu(1, lambda: (b.schedule_on(t, 0), b.schedule_on(t, 0), done.write(1)))
    b.expect_runs(t, 1)


@program(SENT)
def three_sent(b: Testbed) -> None:
    """Another CPU sends three while this CPU is in a hypercall."""
    three = [b.tasklet(f"t{i}") for i in range(3)]
    done = b.flag("done")
    b.cpu(0, lambda: b.until(done))
    b.cpu(1, lambda: ([b.schedule_on(t, 0) for t in three], done.write(1)))
    for t in three:
        b.expect_runs(t, 1)


@program(SENT)
def sent_and_scheduled(b: Testbed) -> None:
    """Another CPU sends it while this CPU, in a hypercall, schedules it too."""
    t = b.tasklet()
    done = b.flag("done")
    b.cpu(0, lambda: (b.schedule(t), b.until(done)))
    b.cpu(1, lambda: (b.schedule_on(t, 0), done.write(1)))
    b.expect_runs(t, 1)


@program()
def scheduled_next_to_another(b: Testbed) -> None:
    """Two are scheduled in one hypercall."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: (b.schedule(t), b.schedule(u)))
    b.expect_runs(t, 1)
    b.expect_runs(u, 1)


CLAUSE = clause(
    "exactly-once",
    "An idle tasklet that is scheduled runs exactly once; any number of schedules before it starts count as one.",
    (
        scheduled_once,
        scheduled_often,
        scheduled_next_to_another,
        hypercall_and_interrupt,
        sent_often,
        three_sent,
        sent_and_scheduled,
    ),
    ALL,
)
