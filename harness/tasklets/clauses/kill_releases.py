"""Programs in which the owner of a tasklet overwrites its memory as soon as `tasklet_kill` has returned."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.released_memory import ReleasedMemory
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import LONG_STEPS, Action, Testbed, program


def killing_and_releasing(b: Testbed, t: TaskletUnderTest) -> Action:
    """What the owner of `t` does to get rid of it."""
    memory = ReleasedMemory(b.machine)
    return lambda: (b.kill(t), memory.release(t))


@program()
def released_here(b: Testbed) -> None:
    """It is pending on the CPU that kills it, in front of another one."""
    t, u = b.tasklet("t"), b.tasklet("u")
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.schedule(t), b.schedule(u), kill()))
    b.expect_runs(u, 1)


@program()
def released_around_its_run(b: Testbed) -> None:
    """It is pending on another CPU, runs there, or has just run."""
    t = b.tasklet()
    scheduled = b.flag("scheduled")
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.until(scheduled), kill()))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1)))


@program()
def released_in_front_of_another(b: Testbed) -> None:
    """The same, in front of another one."""
    t, u = b.tasklet("t"), b.tasklet("u")
    scheduled = b.flag("scheduled")
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.until(scheduled), kill()))
    b.cpu(1, lambda: (b.schedule(t), b.schedule(u), scheduled.write(1)))
    b.expect_runs(u, 1)


@program(SENT)
def released_after_sending(b: Testbed) -> None:
    """It was sent to another CPU."""
    t = b.tasklet()
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.schedule_on(t, 1), kill()))


@program()
def released_after_it_rescheduled(b: Testbed) -> None:
    """It schedules itself in its first run on another CPU."""
    t = b.tasklet(function=lambda t: b.schedule(t) if t.started == 1 else None)
    scheduled = b.flag("scheduled")
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.until(scheduled), kill()))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1)))


@program(SENT)
def released_after_it_left(b: Testbed) -> None:
    """It schedules itself, in its first run on another CPU, on the CPU that kills it."""
    t = b.tasklet(function=lambda t: b.schedule_on(t, 0) if t.started == 1 else None)
    scheduled = b.flag("scheduled")
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.until(scheduled), kill()))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1)))


@program(cpus=3, hotplug=True)
def released_while_its_cpu_dies(b: Testbed) -> None:
    """It is pending on a CPU that goes offline meanwhile, before it can run there."""
    t = b.tasklet()
    scheduled = b.flag("scheduled")
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until_offline(1)))
    b.cpu(2, lambda: (b.until(scheduled), kill()))


@program(cpus=3, hotplug=True)
def released_when_its_cpu_is_offline(b: Testbed) -> None:
    """It is pending on a CPU that goes offline before, while or after it runs it, and is killed then."""
    t = b.tasklet()
    scheduled = b.flag("scheduled")
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1)))
    b.cpu(2, lambda: (b.until_offline(1), kill()))


@program(cpus=3, hotplug=True)
def released_where_its_cpu_has_died(b: Testbed) -> None:
    """It schedules itself on a CPU that has gone offline in the middle of its run."""
    started = b.flag("started")

    def function(t: TaskletUnderTest) -> None:
        if t.started == 1:
            started.write(1)
            b.until_offline(1)
            b.schedule(t)

    t = b.tasklet(function=function)
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.given(started), b.machine.cpu_down(1)))
    b.cpu(1, lambda: b.schedule(t))
    b.cpu(2, lambda: (b.given(started), kill()))


@program(timed_steps=LONG_STEPS)
def released_after_a_long_run(b: Testbed) -> None:
    """It runs for a millisecond on another CPU when it is killed."""
    started = b.flag("started")
    t = b.tasklet(function=lambda _: (started.write(1), b.compute()))
    kill = killing_and_releasing(b, t)
    b.cpu(0, lambda: (b.given(started), kill()))
    b.cpu(1, lambda: b.schedule(t))


CLAUSE = clause(
    "kill-releases",
    "After `tasklet_kill` has returned, nobody touches the tasklet's memory: its owner may free or overwrite it.",
    (
        released_here,
        released_around_its_run,
        released_in_front_of_another,
        released_after_sending,
        released_after_it_rescheduled,
        released_after_it_left,
        released_while_its_cpu_dies,
        released_when_its_cpu_is_offline,
        released_where_its_cpu_has_died,
        released_after_a_long_run,
    ),
    ALL,
)
