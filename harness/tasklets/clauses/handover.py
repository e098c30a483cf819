"""Programs in which a tasklet is scheduled on a CPU that dies before the run that is under way elsewhere has finished."""

from __future__ import annotations

from collections.abc import Callable

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, START, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program
from stages.hypervisor import Word


def first_run_until(b: Testbed, started: Word, end: Callable[[], object]) -> TaskletUnderTest:
    """A tasklet whose first run waits for `end`."""
    t = b.tasklet(function=lambda t: (started.write(1), end()) if t.started == 1 else None, marks=START)
    b.expect_runs(t, 2)
    return t


@program(cpus=3, hotplug=True)
def scheduled_where_a_cpu_dies(b: Testbed) -> None:
    """It is scheduled on CPU 1 while it runs on CPU 0, and CPU 1 dies before that run has ended, while it ends, or afterwards."""
    started, again = b.flag("started"), b.flag("again")
    t = first_run_until(b, started, lambda: b.given(again))
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.given(started), b.schedule(t), again.write(1)))
    b.cpu(2, lambda: (b.until(again), b.machine.cpu_down(1)))


@program(cpus=3, hotplug=True)
def scheduled_where_a_cpu_has_died(b: Testbed) -> None:
    """It is scheduled on CPU 1 while it runs on CPU 0, and CPU 1 is dead when that run ends."""
    started, again, died = b.flag("started"), b.flag("again"), b.flag("died")
    t = first_run_until(b, started, lambda: b.given(died))
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.given(started), b.schedule(t), again.write(1)))
    b.cpu(2, lambda: (b.given(again), b.machine.cpu_down(1), died.write(1)))


@program(SENT, hotplug=True)
def sent_where_a_cpu_has_died(b: Testbed) -> None:
    """It sends itself from CPU 0 to CPU 1, and takes that down in the same run."""
    died = b.flag("died")

    def function(t: TaskletUnderTest) -> None:
        if t.started == 1:
            b.schedule_on(t, 1)
            b.machine.cpu_down(1)
            died.write(1)

    t = b.tasklet(function=function, marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.expect_runs(t, 2)


@program(hotplug=True)
def scheduled_on_a_cpu_that_goes(b: Testbed) -> None:
    """It schedules itself at the end of a run in the middle of which its CPU goes offline."""
    started = b.flag("started")

    def function(t: TaskletUnderTest) -> None:
        if t.started == 1:
            started.write(1)
            b.until_offline(1)
            b.schedule(t)

    t = b.tasklet(function=function, marks=START)
    b.cpu(0, lambda: (b.given(started), b.machine.cpu_down(1)))
    b.cpu(1, lambda: b.schedule(t))
    b.expect_cpus(t, 1, 0)


CLAUSE = clause(
    "handover",
    "A tasklet that is scheduled on a CPU while it runs elsewhere still runs once, although that CPU dies before the first run has "
    "finished.",
    (
        scheduled_where_a_cpu_dies,
        scheduled_where_a_cpu_has_died,
        sent_where_a_cpu_has_died,
        scheduled_on_a_cpu_that_goes,
    ),
    ALL,
)
