"""Programs in which a tasklet is killed in every state.

A kill that does not return leaves a CPU waiting for ever, which the machine reports.
"""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import LONG_STEPS, Testbed, program


@program()
def kill_idle_twice(b: Testbed) -> None:
    """An idle tasklet is killed twice."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.kill(t), b.kill(t)))


@program()
def kill_pending_here(b: Testbed) -> None:
    """It is pending on the CPU that kills it; and killed again."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule(t), b.kill(t), b.kill(t)))


@program()
def kill_pending_elsewhere(b: Testbed) -> None:
    """Another CPU schedules it before it is killed here; then it is killed there too."""
    t = b.tasklet()
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), b.kill(t)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1)), lambda: b.kill(t))


@program(SENT)
def kill_sent(b: Testbed) -> None:
    """It is pending on another CPU, to which it was sent."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule_on(t, 1), b.kill(t)))


@program()
def kill_running(b: Testbed) -> None:
    """It runs on another CPU until the kill has been called."""
    started, asked = b.flag("started"), b.flag("asked")
    t = b.tasklet(function=lambda _: (started.write(1), b.until(asked)))
    b.when_waiting(0, lambda: asked.write(1))
    b.cpu(0, lambda: (b.given(started), b.kill(t), asked.write(1)))
    b.cpu(1, lambda: b.schedule(t))


@program(timed_steps=LONG_STEPS)
def kill_in_a_long_run(b: Testbed) -> None:
    """It runs for a millisecond on another CPU; then the kill, which has waited all the time, returns."""
    started = b.flag("started")
    t = b.tasklet(function=lambda _: (started.write(1), b.compute()))
    b.cpu(0, lambda: (b.given(started), b.kill(t)))
    b.cpu(1, lambda: b.schedule(t))


@program()
def kill_rescheduling(b: Testbed) -> None:
    """It runs on another CPU and schedules itself in each of its runs, as far as a search can follow: the kill must not outwait it."""
    started, waits = b.flag("started"), b.flag("waits")
    outwaited = 0

    def function(t: TaskletUnderTest) -> None:
        nonlocal outwaited
        started.write(1)
        outwaited += waits.read()
        # One run may have been on its way when the kill began to wait, and one been scheduled by it.
        b.expect(outwaited < 3, f"{t.name} runs and runs while its kill waits")
        if t.started < 4:
            b.schedule(t)

    t = b.tasklet(function=function)
    b.when_waiting(0, lambda: waits.write(1))
    b.cpu(0, lambda: (b.given(started), b.kill(t)))
    b.cpu(1, lambda: b.schedule(t))


@program()
def kill_from_function(b: Testbed) -> None:
    """The function of a tasklet kills one that is queued behind it."""
    victim = b.tasklet("victim")
    t = b.tasklet("t", lambda _: b.kill(victim))
    b.cpu(0, lambda: (b.schedule(t), b.schedule(victim)))


@program()
def kill_each_other(b: Testbed) -> None:
    """Two CPUs schedule one tasklet each and then kill the other's, which may be pending on a CPU that waits in its own kill."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: (b.schedule(t), b.kill(u)))
    b.cpu(1, lambda: (b.schedule(u), b.kill(t)))


@program()
def kill_together(b: Testbed) -> None:
    """Two CPUs kill the same tasklet, pending on one of them."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule(t), b.kill(t)))
    b.cpu(1, lambda: b.kill(t))


@program(cpus=3)
def kill_together_elsewhere(b: Testbed) -> None:
    """Two CPUs kill the same tasklet: one that is pending or runs on a third, the other as soon as it has started there."""
    scheduled, started = b.flag("scheduled"), b.flag("started")
    t = b.tasklet(function=lambda _: started.write(1))
    b.cpu(0, lambda: (b.schedule(t), scheduled.write(1)))
    b.cpu(1, lambda: (b.until(scheduled), b.kill(t)))
    b.cpu(2, lambda: (b.given(started), b.kill(t)))


@program()
def kill_in_softirq(b: Testbed) -> None:
    """The function of a timer kills one that is pending on its CPU, and one that is pending on another CPU."""
    t, u = b.tasklet("t"), b.tasklet("u")
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.schedule(t), b.until(scheduled), b.machine.expire(lambda: (b.kill(t), b.kill(u)))))  # type: ignore[arg-type]
    b.cpu(1, lambda: (b.schedule(u), scheduled.write(1)))


@program()
def kill_each_other_in_softirqs(b: Testbed) -> None:
    """The functions of timers on two CPUs kill what is pending on the other one's CPU."""
    t, u = b.tasklet("t"), b.tasklet("u")
    # A flag each: which of them comes first does not matter.
    scheduled = [b.flag("t scheduled"), b.flag("u scheduled")]

    def kill(cpu: int, own: TaskletUnderTest, other: TaskletUnderTest) -> None:
        b.schedule(own)
        scheduled[cpu].write(1)
        b.until(scheduled[1 - cpu])
        b.machine.expire(lambda: b.kill(other))

    b.cpu(0, lambda: kill(0, t, u))
    b.cpu(1, lambda: kill(1, u, t))


CLAUSE = clause(
    "kill-returns",
    "`tasklet_kill` returns in bounded time for a tasklet that is idle, pending here or elsewhere, running elsewhere, or one "
    "that keeps rescheduling itself; also when the caller is itself a tasklet function and the victim is queued behind it; a "
    "second kill is harmless.",
    (
        kill_idle_twice,
        kill_pending_here,
        kill_pending_elsewhere,
        kill_sent,
        kill_running,
        kill_in_a_long_run,
        kill_rescheduling,
        kill_from_function,
        kill_each_other,
        kill_together,
        kill_together_elsewhere,
        kill_in_softirq,
        kill_each_other_in_softirqs,
    ),
    ALL,
)
