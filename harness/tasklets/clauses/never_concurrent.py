"""Programs in which two CPUs could run one tasklet at once."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, BOTH, SENT, Function, TaskletUnderTest
from harness.tasklets.testbed import LONG_STEPS, Testbed, program


def alone(b: Testbed, function: Function | None = None) -> TaskletUnderTest:
    """A tasklet that must never be entered while it runs."""
    t = b.tasklet(function=function, marks=BOTH)
    t.before = lambda t: b.expect(not t.running, f"{t.name} starts while it runs on CPUs {t.running}")
    return t


@program()
def two_cpus_schedule(b: Testbed) -> None:
    """Two CPUs schedule it, each for itself."""
    t = alone(b)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule(t))


@program(SENT)
def two_cpus_send(b: Testbed) -> None:
    """Two CPUs send it to each other."""
    t = alone(b)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: b.schedule_on(t, 0))


@program(SENT)
def elsewhere_while_running(b: Testbed) -> None:
    """It schedules itself on the other CPU while it still runs."""
    t = alone(b, lambda t: b.schedule_on(t, 1) if t.started == 1 else None)
    b.cpu(0, lambda: b.schedule(t))


@program()
def again_and_elsewhere(b: Testbed) -> None:
    """It schedules itself in its first run, and another CPU schedules it too, as soon as that has begun."""
    started = b.flag("started")
    t = alone(b, lambda t: (started.write(1), b.schedule(t)) if t.started == 1 else None)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.given(started), b.schedule(t)))


def alone_and_long(b: Testbed) -> TaskletUnderTest:
    """As `alone`; its first run takes until a device, at any time, lets it end."""
    done = b.flag("done")
    b.device(lambda: done.write(1))
    return alone(b, lambda t: b.until(done) if t.started == 1 else None)


@program()
def scheduled_in_a_long_run(b: Testbed) -> None:
    """Two CPUs schedule it, each for itself; the first run takes long."""
    t = alone_and_long(b)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule(t))


@program(SENT)
def sent_in_a_long_run(b: Testbed) -> None:
    """A CPU schedules it, another one sends it to itself by number; the first run takes long."""
    t = alone_and_long(b)
    b.cpu(0, lambda: b.schedule(t), lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: b.schedule_on(t, 1))


@program(timed_steps=LONG_STEPS)
def scheduled_in_a_run_of_a_millisecond(b: Testbed) -> None:
    """Another CPU schedules it for itself while it runs for a millisecond."""
    started = b.flag("started")
    t = alone(b, lambda t: (started.write(1), b.compute()) if t.started == 1 else None)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.given(started), b.schedule(t)))


CLAUSE = clause(
    "never-concurrent",
    "Its function never runs on two CPUs at once.",
    (
        two_cpus_schedule,
        two_cpus_send,
        elsewhere_while_running,
        again_and_elsewhere,
        scheduled_in_a_long_run,
        sent_in_a_long_run,
        scheduled_in_a_run_of_a_millisecond,
    ),
    ALL,
)
