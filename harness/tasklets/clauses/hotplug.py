"""Programs in which CPU 1 goes offline, and another one, usually CPU 0, gets what was pending there.

Where CPU 1 stays in a hypercall until it is told to go, nothing that is scheduled there can run before CPU_DEAD: it is pending then.
"""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.clauses.mortal_tasklets import kill_for_good, mortal
from harness.tasklets.tasklet_under_test import ALL, BOTH, SENT, SOFTIRQ, START, VCPU, TaskletUnderTest
from harness.tasklets.testbed import Action, Testbed, program
from stages.hypervisor import CPU_DEAD


@program(hotplug=True)
def dies_with_own(b: Testbed) -> None:
    """CPU 1 dies with a tasklet pending that it scheduled itself."""
    t = b.tasklet()
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until_offline(1)))
    b.expect_cpus(t, 0)


@program(hotplug=True)
def dies_with_three(b: Testbed) -> None:
    """CPU 1 dies with three tasklets pending."""
    three = [b.tasklet(f"t{i}") for i in range(3)]
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: ([b.schedule(t) for t in three], scheduled.write(1), b.until_offline(1)))
    for t in three:
        b.expect_cpus(t, 0)


@program(hotplug=True)
def dies_at_any_time(b: Testbed) -> None:
    """CPU 1 dies before, while or after it runs a tasklet."""
    t = b.tasklet()
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1)))
    b.expect_runs(t, 1)


@program(SENT, hotplug=True)
def dies_with_fed(b: Testbed) -> None:
    """CPU 1 dies with a tasklet pending that CPU 0 has sent."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule_on(t, 1), b.machine.cpu_down(1)))
    b.cpu(1, lambda: b.until_offline(1))
    b.expect_cpus(t, 0)


@program(SENT, hotplug=True)
def dies_while_fed(b: Testbed) -> None:
    """CPU 1, idle, dies before, while or after it runs what CPU 0 has sent."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule_on(t, 1), b.machine.cpu_down(1)))
    b.expect_runs(t, 1)


def dies_with_own_and_sent(b: Testbed, t: TaskletUnderTest, u: TaskletUnderTest) -> None:
    """CPU 1 dies with `t` pending, which it scheduled itself, and `u`, which was sent."""
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), b.schedule_on(u, 1), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until_offline(1)))
    b.expect_cpus(t, 0)
    b.expect_runs(u, 1)


@program(SENT, hotplug=True)
def dies_with_both(b: Testbed) -> None:
    """CPU 1 dies with one tasklet pending that it scheduled itself and one that was sent."""
    dies_with_own_and_sent(b, b.tasklet("t"), b.tasklet("u"))


@program(hotplug=True)
def dies_with_one_that_ran(b: Testbed) -> None:
    """The pending tasklet has run on CPU 1 before."""
    t = b.tasklet(marks=START)
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: b.schedule(t), lambda: (b.schedule(t), scheduled.write(1), b.until_offline(1)))
    b.expect_cpus(t, 1, 0)


@program(hotplug=True)
def dies_with_one_that_ran_here(b: Testbed) -> None:
    """The pending tasklet has run on CPU 0 before."""
    t = b.tasklet(marks=START)
    ready, scheduled = b.flag("ready"), b.flag("scheduled")
    b.cpu(0, lambda: b.schedule(t), lambda: (ready.write(1), b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.until(ready), b.schedule(t), scheduled.write(1), b.until_offline(1)))
    b.expect_cpus(t, 0, 0)


@program(hotplug=True)
def dies_with_rescheduled(b: Testbed) -> None:
    """The pending tasklet has scheduled itself in its run on CPU 1."""
    started = b.flag("started")

    def function(t: TaskletUnderTest) -> None:
        if t.started == 1:
            b.schedule(t)
            started.write(1)
            b.until_offline(1)

    t = b.tasklet(function=function, marks=BOTH)
    b.cpu(0, lambda: (b.given(started), b.machine.cpu_down(1)))
    b.interrupt(1, lambda: b.schedule(t))
    b.expect_cpus(t, 1, 0)


@program(hotplug=True)
def dies_while_running_another(b: Testbed) -> None:
    """The pending tasklet is queued behind one that runs on CPU 1 when it is told to go."""
    started = b.flag("started")
    t = b.tasklet("t", lambda _: (started.write(1), b.until_offline(1)))
    u = b.tasklet("u")
    b.cpu(0, lambda: (b.until(started), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), b.schedule(u)))
    b.expect_cpus(t, 1)
    b.expect_cpus(u, 0)


@program(SENT, hotplug=True)
def dies_with_moved(b: Testbed) -> None:
    """The pending tasklet has been scheduled on CPU 1 and on CPU 0, wherever that has put it."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule_on(t, 1), b.schedule(t), b.machine.cpu_down(1)))
    b.cpu(1, lambda: b.until_offline(1))
    b.expect_cpus(t, 0)


@program(SENT, hotplug=True)
def dies_with_handed_over(b: Testbed) -> None:
    """The pending tasklet has run on CPU 0 and has scheduled itself on CPU 1 there."""
    t = b.tasklet(function=lambda t: b.schedule_on(t, 1) if t.started == 1 else None, marks=BOTH)
    b.cpu(0, lambda: b.schedule(t), lambda: b.machine.cpu_down(1))
    b.cpu(1, lambda: b.until_offline(1))
    b.expect_cpus(t, 0, 0)


@program(hotplug=True)
def dies_with_killed(b: Testbed) -> None:
    """The pending tasklet is killed by CPU 0, and then CPU 1 dies."""
    t = mortal(b)
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), kill_for_good(b, t), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1)))


@program(cpus=3, hotplug=True)
def dies_while_killed(b: Testbed) -> None:
    """A third CPU kills the pending tasklet; it must return, and nothing else that was pending is lost."""
    t, u = mortal(b), b.tasklet("u")
    scheduled, killed = b.flag("scheduled"), b.flag("killed")
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), b.schedule(u), scheduled.write(1), b.until_offline(1)))
    b.cpu(2, lambda: (b.until(scheduled), kill_for_good(b, t), killed.write(1)))
    b.expect_cpus(u, 0)
    b.afterwards(lambda: b.expect(killed.value == 1, "tasklet_kill has not returned"))


@program(hotplug=True)
def comes_up_again(b: Testbed) -> None:
    """CPU 1 dies with a tasklet pending, comes up again and works."""
    t, u = b.tasklet("t"), b.tasklet("u")
    scheduled = b.flag("scheduled")

    def restart() -> None:
        b.until(scheduled)
        b.machine.cpu_down(1)
        b.machine.cpu_up(1)
        b.interrupt(1, lambda: b.schedule(u))

    b.cpu(0, restart)
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until_offline(1)))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 1)


@program(SENT, hotplug=True)
def comes_up_and_is_fed(b: Testbed) -> None:
    """CPU 1 dies with a tasklet pending that was sent, comes up again and is sent the same and another one."""
    t, u = b.tasklet("t", marks=START), b.tasklet("u")
    b.cpu(
        0,
        lambda: (b.schedule_on(t, 1), b.machine.cpu_down(1)),
        lambda: (b.machine.cpu_up(1), b.schedule_on(t, 1), b.schedule_on(u, 1)),
    )
    b.cpu(1, lambda: b.until_offline(1))
    b.expect_cpus(t, 0, 1)
    b.expect_cpus(u, 1)


@program(SENT, hotplug=True)
def up_cancelled(b: Testbed) -> None:
    """CPU 1 dies with a tasklet pending, does not come up (UP_CANCELED), does come up in the end, and works."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(
        0,
        lambda: (
            b.schedule_on(t, 1),
            b.machine.cpu_down(1),
            b.machine.cpu_up(1, fails=True),
            b.machine.cpu_up(1),
            b.schedule_on(u, 1),
        ),
    )
    b.cpu(1, lambda: b.until_offline(1))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 1)


@program(cpus=3, hotplug=True)
def dies_and_another_is_notified(b: Testbed) -> None:
    """The notifying CPU is CPU 2, not the one that has booted the machine."""
    t, u = b.tasklet("t"), b.tasklet("u")
    scheduled = b.flag("scheduled")
    b.cpu(2, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), b.schedule(u), scheduled.write(1), b.until_offline(1)))
    b.expect_cpus(t, 2)
    b.expect_cpus(u, 2)


@program(SENT, cpus=3, hotplug=True)
def dies_with_fed_and_another_is_notified(b: Testbed) -> None:
    """The same, with one that was sent."""
    t = b.tasklet()
    b.cpu(2, lambda: (b.schedule_on(t, 1), b.machine.cpu_down(1)))
    b.cpu(1, lambda: b.until_offline(1))
    b.expect_cpus(t, 2)


@program(hotplug=True)
def dies_next_to_pending(b: Testbed) -> None:
    """CPU 0, which is notified, has one of each kind pending itself."""
    t = b.tasklet()
    own = [b.tasklet(f"own {kind}", kind=kind) for kind in (SOFTIRQ, VCPU)]
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: ([b.schedule(each) for each in own], b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until_offline(1)))
    for each in (t, *own):
        b.expect_cpus(each, 0)


@program(hotplug=True)
def dies_while_interrupted(b: Testbed) -> None:
    """An interrupt on CPU 0 schedules another one before, while or after that CPU gets what was pending."""
    t, u = b.tasklet("t"), b.tasklet("u")
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until_offline(1)))
    b.device(lambda: (b.until(b.machine.dead[1]), b.interrupt(0, lambda: b.schedule(u))))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 0)


@program(SENT, cpus=3, hotplug=True)
def dies_while_another_interrupt_sends(b: Testbed) -> None:
    """The interrupt on CPU 0 sends the other one to CPU 2, which runs a guest until then."""
    t, u = b.tasklet("t"), b.tasklet("u")
    scheduled, sent = b.flag("scheduled"), b.flag("sent")
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until_offline(1)))
    b.cpu(2, lambda: b.until(sent))
    b.device(lambda: (b.until(b.machine.dead[1]), b.interrupt(0, lambda: (b.schedule_on(u, 2), sent.write(1)))))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 2)


def at_death(b: Testbed, action: Action) -> None:
    """Have another notifier do `action` at CPU_DEAD, before the tasklets' own is called; then boot."""

    def notified(what: str, _: int) -> None:
        if what == CPU_DEAD:
            action()

    b.machine.register_cpu_notifier(notified)
    b.boot()


@program(hotplug=True, booted=False)
def killed_at_death(b: Testbed) -> None:
    """A notifier that is called first kills one that is pending on the dead CPU between two others."""
    at_death(b, lambda: kill_for_good(b, victim))
    before, victim, behind = b.tasklet("before"), mortal(b), b.tasklet("behind")
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)))
    b.cpu(1, lambda: ([b.schedule(t) for t in (before, victim, behind)], scheduled.write(1), b.until_offline(1)))
    b.expect_cpus(before, 0)
    b.expect_cpus(behind, 0)


@program(SENT, hotplug=True, booted=False)
def killed_at_death_when_fed(b: Testbed) -> None:
    """The same, of three that were sent to that CPU."""
    at_death(b, lambda: kill_for_good(b, victim))
    before, victim, behind = b.tasklet("before"), mortal(b), b.tasklet("behind")
    b.cpu(0, lambda: ([b.schedule_on(t, 1) for t in (before, victim, behind)], b.machine.cpu_down(1)))
    b.cpu(1, lambda: b.until_offline(1))
    b.expect_cpus(before, 0)
    b.expect_cpus(behind, 0)


@program(hotplug=True)
def dies_twice(b: Testbed) -> None:
    """CPU 1 dies with a tasklet pending, comes up, schedules it again and dies."""
    t = b.tasklet(marks=START)
    scheduled = b.flag("scheduled")

    def again() -> None:
        b.machine.cpu_up(1)
        b.until(scheduled, 2)
        b.machine.cpu_down(1)

    b.cpu(0, lambda: (b.until(scheduled), b.machine.cpu_down(1)), again)
    # The second time it may run before its CPU goes offline.
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until_offline(1)), lambda: (b.schedule(t), scheduled.write(2)))
    b.expect_runs(t, 2)


@program(SENT, hotplug=True)
def dies_with_static(b: Testbed) -> None:
    """CPU 1 dies with two statically declared ones pending: one that it has scheduled itself, and one that was sent."""
    dies_with_own_and_sent(b, b.declared("t"), b.declared("u"))


CLAUSE = clause(
    "hotplug",
    "After CPU_DEAD, whatever was pending for the dead CPU (its lists and anything fed to it), with any history of scheduling "
    "and running before, runs exactly once on the notifying CPU, next to what that has pending itself; a kill by a notifier that is "
    "called before the tasklets' own returns; the dead CPU can come up again and work.",
    (
        dies_with_own,
        dies_with_three,
        dies_at_any_time,
        dies_with_fed,
        dies_while_fed,
        dies_with_both,
        dies_with_one_that_ran,
        dies_with_one_that_ran_here,
        dies_with_rescheduled,
        dies_while_running_another,
        dies_with_moved,
        dies_with_handed_over,
        dies_with_killed,
        dies_while_killed,
        comes_up_again,
        comes_up_and_is_fed,
        up_cancelled,
        dies_and_another_is_notified,
        dies_with_fed_and_another_is_notified,
        dies_next_to_pending,
        dies_while_interrupted,
        dies_while_another_interrupt_sends,
        killed_at_death,
        killed_at_death_when_fed,
        dies_twice,
        dies_with_static,
    ),
    ALL,
)
