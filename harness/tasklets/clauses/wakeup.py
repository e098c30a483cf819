"""Programs in which a CPU that is about to sleep, or has just been woken, gets something to do."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, BOTH, VCPU, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


@program((VCPU,))
def woken_by_interrupt(b: Testbed) -> None:
    """A tasklet runs, or is about to, or has just run, when an interrupt schedules another."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: b.schedule(u))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 0)


@program((VCPU,))
def woken_by_cpu(b: Testbed) -> None:
    """A tasklet runs, or is about to, or has just run, when another CPU sends another."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule_on(u, 0))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 0)


@program((VCPU,))
def woken_by_function(b: Testbed) -> None:
    """The function of a tasklet schedules another one."""
    u = b.tasklet("u")
    t = b.tasklet("t", lambda _: b.schedule(u))
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(u, 0)


@program((VCPU,))
def woken_twice(b: Testbed) -> None:
    """Two CPUs send one tasklet each to a third, which sleeps or has just been woken."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.interrupts(1, lambda: b.schedule(u))
    b.expect_cpus(t, 1)
    b.expect_cpus(u, 1)


@program((VCPU,))
def woken_again(b: Testbed) -> None:
    """A tasklet runs, or is about to, or has just run, when an interrupt schedules it again."""
    t = b.tasklet(marks=BOTH)
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: expect_start(b, t))


@program((VCPU,))
def woken_while_running(b: Testbed) -> None:
    """The tasklet is in the middle of its run when an interrupt schedules it again."""
    started, done = b.flag("started"), b.flag("done")
    t = b.tasklet(function=lambda t: (started.write(1), b.given(done)) if t.started == 1 else None, marks=BOTH)
    b.cpu(0, lambda: b.schedule(t))
    b.device(lambda: (b.given(started), b.interrupt(0, lambda: (b.schedule(t), done.write(1)))))
    b.expect_runs(t, 2)


def expect_start(b: Testbed, t: TaskletUnderTest) -> None:
    """Schedule `t` on the CPU on which it runs: it must start after that."""
    before = t.started
    b.schedule(t)
    b.afterwards(lambda: b.expect(t.started > before, f"{t.name} was scheduled after start {before}, and has not started since"))


CLAUSE = clause(
    "wakeup",
    "A VCPU-kind tasklet scheduled at any point around `do_tasklet` (local interrupt, other CPU) still runs; no queue is left "
    "with entries while its CPU sleeps.",
    (
        woken_by_interrupt,
        woken_by_cpu,
        woken_by_function,
        woken_twice,
        woken_again,
        woken_while_running,
    ),
    ALL,
)
