"""Programs in which interrupts are off for a while, which no CPU may wait for."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.clauses.interrupts_off import irqs_off
from harness.tasklets.tasklet_under_test import ALL, SENT, START, UNSEEN, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


def bounded(b: Testbed, name: str = "t", marks: int = UNSEEN) -> TaskletUnderTest:
    """A tasklet that looks at the interrupt flag when it starts and when it ends; and no CPU may have waited with interrupts off."""

    def look(t: TaskletUnderTest) -> None:
        b.expect(b.machine.local_irq_is_enabled(), f"{t.name} runs with interrupts off")

    t = b.tasklet(name, look, marks=marks)

    def check() -> None:
        for cpu in b.machine.cpus:
            b.expect(not cpu.waited_irqs_off, f"{cpu.name} waits with interrupts off, at {cpu.waited_irqs_off}")

    b.afterwards(check)
    return t


@program()
def bounded_here(b: Testbed) -> None:
    """Scheduled by a hypercall."""
    t = bounded(b)
    b.cpu(0, lambda: b.schedule(t))


@program()
def bounded_after_interrupt(b: Testbed) -> None:
    """Scheduled from an interrupt, next to one that a hypercall schedules."""
    t, u = bounded(b, "t"), bounded(b, "u")
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: b.schedule(u))


@program(SENT)
def bounded_both_ways(b: Testbed) -> None:
    """Two CPUs with interrupts off send each other a tasklet."""
    t, u = bounded(b, "t"), bounded(b, "u")
    b.cpu(0, lambda: irqs_off(b, lambda: b.schedule_on(t, 1)))
    b.cpu(1, lambda: irqs_off(b, lambda: b.schedule_on(u, 0)))


@program(SENT)
def bounded_interrupt_send(b: Testbed) -> None:
    """An interrupt handler sends a tasklet to another CPU, which has interrupts off."""
    t = bounded(b)
    b.interrupts(0, lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: irqs_off(b, lambda: None))


@program()
def bounded_kill(b: Testbed) -> None:
    """A tasklet is killed at any time around its run on another CPU."""
    t = bounded(b, marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.kill(t))


@program()
def bounded_running_elsewhere(b: Testbed) -> None:
    """A tasklet is scheduled while it runs on another CPU, with interrupts off."""
    t = bounded(b, marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: irqs_off(b, lambda: b.schedule(t)))


CLAUSE = clause(
    "irqs-off-bounded",
    "The function never runs with interrupts off; no CPU waits, with interrupts off, for another CPU other than for a spinlock.",
    (
        bounded_here,
        bounded_after_interrupt,
        bounded_both_ways,
        bounded_interrupt_send,
        bounded_kill,
        bounded_running_elsewhere,
    ),
    ALL,
)
