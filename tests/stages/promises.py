"""Small programs about what kills, hotplug and visibility promise; `test_promises.py` searches them on every stage of the series."""

# Calls strung together in a lambda are how programs are written down.
# mypy: disable-error-code="func-returns-value"

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from harness.machine.engine import LOCK, RMW
from harness.suite.program import Program
from harness.tasklets.tasklet_under_test import SENT, START, TaskletUnderTest
from harness.tasklets.testbed import Action, Testbed, program
from stages.hypervisor import CPU_DEAD, Cell, Hypervisor, ListHead


def cell(b: Testbed, name: str) -> Cell:
    """A plain location that starts as 0."""
    return Cell(cast(Hypervisor, b.machine), name, 0, name)


def free(b: Testbed, t: TaskletUnderTest) -> None:
    """What an owner may do once the kill has returned: write all of the memory. Whoever touches it later races, or finds rubbish."""
    for each in t.tasklet.cells:
        b.machine.store(each, None)
        if isinstance(each, ListHead):
            each.next_node = each.prev_node = None


def kill_and_free(b: Testbed, t: TaskletUnderTest) -> None:
    """Kill, then free."""
    b.kill(t)
    free(b, t)


def bystanders(b: Testbed) -> tuple[TaskletUnderTest, TaskletUnderTest, TaskletUnderTest]:
    """Three to be queued in this order: two that stay alive, and between them the victim, which must not run once it is killed."""
    before, victim, behind = (b.tasklet(name) for name in ("before", "victim", "behind"))
    for t in (before, behind):
        b.expect_runs(t, 1)
    b.expect_runs(victim, 0)
    return before, victim, behind


# visibility


@program()
def schedule_is_a_barrier(b: Testbed) -> None:
    """A CPU schedules it twice, another one once: every call performs a read-modify-write or takes a lock."""
    t = b.tasklet()
    engine: Any = b.machine.engine

    def schedule() -> None:
        begin, pid = len(engine.done), engine.current.pid
        b.schedule(t)
        kinds = {operation[1] for operation in engine.done[begin:] if operation[0] == pid}
        b.expect(not kinds.isdisjoint({RMW, LOCK}), f"nothing orders a schedule of {t.name}")

    b.cpu(0, lambda: (schedule(), schedule()))
    b.cpu(1, schedule)


@program()
def killer_sees_the_run(b: Testbed) -> None:
    """What the last run has written is read by the caller of the kill."""
    data = cell(b, "data")
    t = b.tasklet(function=lambda _: b.machine.store(data, 1))
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.kill(t), b.machine.load(data)))


# kill-independent


def spinning_for_the_killer(
    b: Testbed, queue: Callable[[TaskletUnderTest, TaskletUnderTest, TaskletUnderTest], object], here: bool
) -> None:
    """CPU 0 kills with a lock held for which CPU 1, where the victim is pending, spins."""
    before, victim, behind = bystanders(b)
    lock = b.machine.spinlock("the killer's")
    taken, queued = b.flag("taken"), b.flag("queued")

    def kill() -> None:
        b.machine.spin_lock(lock)
        taken.write(1)
        if here:
            queue(before, victim, behind)
        else:
            b.until(queued)
        b.kill(victim)
        b.machine.spin_unlock(lock)

    def spin() -> None:
        b.until(taken)
        if not here:
            queue(before, victim, behind)
            queued.write(1)
        b.machine.spin_lock(lock)
        b.machine.spin_unlock(lock)

    b.cpu(0, kill)
    b.cpu(1, spin)


@program()
def kill_one_whose_cpu_spins(b: Testbed) -> None:
    """The CPU on which the victim is queued, between two others, spins for a lock of the killer's."""
    spinning_for_the_killer(b, lambda *three: [b.schedule(t) for t in three], False)


@program(SENT)
def kill_one_sent_whose_cpu_spins(b: Testbed) -> None:
    """As before; the killer has sent all three there."""
    spinning_for_the_killer(b, lambda *three: [b.schedule_on(t, 1) for t in three], True)


@program()
def kill_one_whose_cpu_stands_still(b: Testbed) -> None:
    """The CPU on which the victim is queued waits, with interrupts off, for the killer, as in stop_machine."""
    t = b.tasklet()
    queued, killed = b.flag("queued"), b.flag("killed")

    def stand_still() -> None:
        b.schedule(t)
        b.machine.local_irq_disable()
        queued.write(1)
        b.until(killed)
        b.machine.local_irq_enable()

    b.cpu(0, lambda: (b.until(queued), b.kill(t), killed.write(1)))
    b.cpu(1, stand_still)
    b.expect_runs(t, 0)


@program(SENT)
def kill_one_sent_whose_cpu_stands_still(b: Testbed) -> None:
    """As before; the killer has sent it there, and that CPU has not looked yet."""
    t = b.tasklet()
    still, killed = b.flag("still"), b.flag("killed")

    def stand_still() -> None:
        b.machine.local_irq_disable()
        still.write(1)
        b.until(killed)
        b.machine.local_irq_enable()

    b.cpu(0, lambda: (b.until(still), b.schedule_on(t, 1), b.kill(t), killed.write(1)))
    b.cpu(1, stand_still)
    b.expect_runs(t, 0)


# kill, in other circumstances


@program(cpus=3)
def two_kill_one_of_a_third(b: Testbed) -> None:
    """Two CPUs kill one that is pending, or runs, on a third."""
    t = b.tasklet()
    queued = b.flag("queued")
    b.cpu(0, lambda: (b.schedule(t), queued.write(1)))
    for cpu in (1, 2):
        b.cpu(cpu, lambda: (b.until(queued), b.kill(t)))


@program()
def kill_in_a_softirq(b: Testbed) -> None:
    """The killer is in a softirq, and so may be the CPU where the victim is pending, which kills there too."""
    t, u = b.tasklet("t"), b.tasklet("u")
    queued = {t: b.flag("t is queued"), u: b.flag("u is queued")}

    def kill(own: TaskletUnderTest, other: TaskletUnderTest) -> Action:
        return lambda: (b.schedule(own), queued[own].write(1), b.until(queued[other]), b.kill(other))

    for cpu, own, other in ((0, t, u), (1, u, t)):
        b.cpu(cpu, lambda own=own, other=other: b.machine.expire(cast(Callable[[], None], kill(own, other))))


@program()
def freed_after_it_was_pending_elsewhere(b: Testbed) -> None:
    """The killer frees what was pending on, or run by, another CPU."""
    t, u = b.tasklet("t"), b.tasklet("u")
    queued = b.flag("queued")
    b.cpu(0, lambda: (b.until(queued), kill_and_free(b, t)))
    b.cpu(1, lambda: (b.schedule(t), b.schedule(u), queued.write(1)))
    b.expect_runs(u, 1)


@program(SENT)
def freed_after_it_was_sent(b: Testbed) -> None:
    """The killer frees what it has sent to another CPU, where another one is behind it."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: (b.schedule_on(t, 1), b.schedule_on(u, 1), kill_and_free(b, t)))
    b.expect_runs(u, 1)


@program()
def freed_after_it_rescheduled(b: Testbed) -> None:
    """The killer frees what schedules itself on another CPU."""
    t = b.tasklet(function=lambda t: b.schedule(t) if t.started == 1 else None)
    queued = b.flag("queued")
    b.cpu(0, lambda: (b.until(queued), kill_and_free(b, t)))
    b.cpu(1, lambda: (b.schedule(t), queued.write(1)))


# handover


@program(cpus=3, hotplug=True)
def scheduled_where_a_cpu_dies(b: Testbed) -> None:
    """It is scheduled on CPU 1 while it runs on CPU 0, and CPU 1 dies before the run has ended, or while it ends."""
    started, again = b.flag("started"), b.flag("again")
    t = b.tasklet(function=lambda t: (started.write(1), b.given(again)) if t.started == 1 else None, marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.given(started), b.schedule(t), again.write(1)))
    b.cpu(2, lambda: (b.until(again), b.machine.cpu_down(1)))
    b.expect_runs(t, 2)


@program(cpus=3, hotplug=True)
def scheduled_where_a_cpu_has_died(b: Testbed) -> None:
    """As before; CPU 1 is dead before the run ends."""
    started, again, died = b.flag("started"), b.flag("again"), b.flag("died")
    t = b.tasklet(function=lambda t: (started.write(1), b.given(died)) if t.started == 1 else None, marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.given(started), b.schedule(t), again.write(1)))
    b.cpu(2, lambda: (b.given(again), b.machine.cpu_down(1), died.write(1)))
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


# hotplug


def at_death(b: Testbed, action: Action) -> None:
    """Have a notifier do `action` at CPU_DEAD that is called before the tasklets' own, and boot."""
    b.machine.register_cpu_notifier(lambda what, _: cast(None, action()) if what == CPU_DEAD else None)
    b.boot()


@program(hotplug=True, booted=False)
def killed_at_death(b: Testbed) -> None:
    """An earlier notifier kills, and frees, what is pending on the dead CPU, between two others."""
    at_death(b, lambda: kill_and_free(b, victim))
    before, victim, behind = bystanders(b)
    queued = b.flag("queued")
    b.cpu(0, lambda: (b.until(queued), b.machine.cpu_down(1)))
    b.cpu(1, lambda: ([b.schedule(t) for t in (before, victim, behind)], queued.write(1), b.until_offline(1)))


@program(SENT, hotplug=True, booted=False)
def sent_and_killed_at_death(b: Testbed) -> None:
    """As before, of three that were sent to it."""
    at_death(b, lambda: kill_and_free(b, victim))
    before, victim, behind = bystanders(b)
    b.cpu(0, lambda: ([b.schedule_on(t, 1) for t in (before, victim, behind)], b.machine.cpu_down(1)))
    b.cpu(1, lambda: b.until_offline(1))


@program(cpus=3, hotplug=True)
def killed_while_it_dies(b: Testbed) -> None:
    """A third CPU kills, and frees, what is pending on a CPU that dies at any time."""
    t = b.tasklet()
    queued = b.flag("queued")
    b.cpu(0, lambda: (b.until(queued), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), queued.write(1)))
    b.cpu(2, lambda: (b.until(queued), kill_and_free(b, t)))


@program(cpus=3, hotplug=True)
def killed_where_it_goes(b: Testbed) -> None:
    """It schedules itself on a CPU that has gone offline in the middle of its run, and a third CPU kills it and frees it."""
    started = b.flag("started")

    def function(t: TaskletUnderTest) -> None:
        if t.started == 1:
            started.write(1)
            b.until_offline(1)
            b.schedule(t)

    t = b.tasklet(function=function)
    b.cpu(0, lambda: (b.given(started), b.machine.cpu_down(1)))
    b.cpu(1, lambda: b.schedule(t))
    b.cpu(2, lambda: (b.given(started), kill_and_free(b, t)))


@program(hotplug=True)
def dies_while_interrupted(b: Testbed) -> None:
    """The CPU that migrates has work of its own, and interrupts that schedule come at any time."""
    t, own = b.tasklet("t"), b.tasklet("own")
    v = b.tasklet("v")
    queued = b.flag("queued")
    b.cpu(0, lambda: (b.schedule(own), b.until(queued), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), queued.write(1), b.until_offline(1)))
    b.device(lambda: (b.until(queued), b.interrupt(0, lambda: b.schedule(v))))
    for each in (t, own, v):
        b.expect_cpus(each, 0)


@program(SENT, cpus=3, hotplug=True)
def dies_while_others_send(b: Testbed) -> None:
    """While CPU 0 migrates, CPU 2 sends it one that was pending on the dead CPU, and another."""
    t, v = b.tasklet("t"), b.tasklet("v")
    queued = b.flag("queued")
    b.cpu(0, lambda: (b.until(queued), b.machine.cpu_down(1)))
    b.cpu(1, lambda: (b.schedule(t), queued.write(1), b.until_offline(1)))
    b.cpu(2, lambda: (b.until_offline(1), b.schedule_on(v, 0), b.schedule_on(t, 0)))
    b.expect_runs(v, 1)
    b.afterwards(lambda: b.expect(1 <= t.ended <= 2, f"{t.name} ran {t.ended} times"))


@program(hotplug=True)
def dies_twice(b: Testbed) -> None:
    """CPU 1 dies with work, comes up, is given the same work, and dies again."""
    t = b.tasklet(marks=START)
    queued = b.flag("queued")

    def again() -> None:
        b.machine.cpu_up(1)
        b.interrupt(1, lambda: (b.schedule(t), queued.write(2)))
        b.until(queued, 2)
        b.machine.cpu_down(1)

    b.cpu(0, lambda: (b.until(queued), b.machine.cpu_down(1)), again)
    b.cpu(1, lambda: (b.schedule(t), queued.write(1), b.until_offline(1)))
    b.expect_runs(t, 2)


PROMISES: dict[str, tuple[Program, ...]] = {
    "visibility": (schedule_is_a_barrier, killer_sees_the_run),
    "kill-independent": (
        kill_one_whose_cpu_spins,
        kill_one_sent_whose_cpu_spins,
        kill_one_whose_cpu_stands_still,
        kill_one_sent_whose_cpu_stands_still,
    ),
    "kill-returns": (two_kill_one_of_a_third, kill_in_a_softirq),
    "kill-releases": (freed_after_it_was_pending_elsewhere, freed_after_it_was_sent, freed_after_it_rescheduled),
    "handover": (scheduled_where_a_cpu_dies, scheduled_where_a_cpu_has_died, scheduled_on_a_cpu_that_goes),
    "hotplug": (
        killed_at_death,
        sent_and_killed_at_death,
        killed_while_it_dies,
        killed_where_it_goes,
        dies_while_interrupted,
        dies_while_others_send,
        dies_twice,
    ),
}
