"""Programs in which a tasklet is killed that is pending on a CPU which can do nothing before the kill has returned."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT
from harness.tasklets.testbed import Action, Testbed, program


def spin_for_the_killer(b: Testbed, kill: Action, before: Action) -> None:
    """CPU 0 does `kill` with a lock held; CPU 1 does `before` and then, with interrupts on, spins for that lock."""
    lock = b.machine.spinlock("lock of the killer")
    taken, ready = b.flag("taken"), b.flag("ready")

    def spin() -> None:
        before()
        b.until(taken)
        ready.write(1)
        b.machine.spin_lock(lock)
        b.machine.spin_unlock(lock)

    def kill_with_the_lock() -> None:
        b.machine.spin_lock(lock)
        taken.write(1)
        b.until(ready)
        kill()
        b.machine.spin_unlock(lock)

    b.cpu(0, kill_with_the_lock)
    b.cpu(1, spin)


def stop_for_the_killer(b: Testbed, kill: Action, before: Action) -> None:
    """CPU 0 does `kill`; CPU 1 does `before` and then waits, with interrupts off, until that has returned, as in stop_machine."""
    stopped, killed = b.flag("stopped"), b.flag("killed")

    def stop() -> None:
        before()
        b.machine.local_irq_disable()
        stopped.write(1)
        b.until(killed)
        b.machine.local_irq_enable()

    b.cpu(0, lambda: (b.until(stopped), kill(), killed.write(1)))
    b.cpu(1, stop)


@program()
def its_cpu_spins(b: Testbed) -> None:
    """That CPU has scheduled it, and spins for a lock that the killer holds."""
    t = b.tasklet()
    spin_for_the_killer(b, lambda: b.kill(t), lambda: b.schedule(t))
    b.expect_runs(t, 0)


@program(SENT)
def its_cpu_spins_and_is_fed(b: Testbed) -> None:
    """The killer has sent it to that CPU, which spins for a lock that the killer holds."""
    t = b.tasklet()
    spin_for_the_killer(b, lambda: (b.schedule_on(t, 1), b.kill(t)), lambda: None)
    b.expect_runs(t, 0)


@program()
def its_cpu_is_stopped(b: Testbed) -> None:
    """That CPU has scheduled it, and waits in stop_machine."""
    t = b.tasklet()
    stop_for_the_killer(b, lambda: b.kill(t), lambda: b.schedule(t))
    b.expect_runs(t, 0)


@program(SENT)
def its_cpu_is_stopped_and_is_fed(b: Testbed) -> None:
    """The killer has sent it to that CPU, which waits in stop_machine."""
    t = b.tasklet()
    stop_for_the_killer(b, lambda: (b.schedule_on(t, 1), b.kill(t)), lambda: None)
    b.expect_runs(t, 0)


CLAUSE = clause(
    "kill-independent",
    "`tasklet_kill` of a tasklet that is pending on another CPU returns without that CPU's help: also while that CPU spins for a "
    "lock that the killer holds, or waits in stop_machine.",
    (
        its_cpu_spins,
        its_cpu_spins_and_is_fed,
        its_cpu_is_stopped,
        its_cpu_is_stopped_and_is_fed,
    ),
    ALL,
)
