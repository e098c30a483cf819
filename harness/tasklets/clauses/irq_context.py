"""Programs that schedule from interrupt handlers, and with interrupts off."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.clauses.interrupts_off import expect_off, irqs_off
from harness.tasklets.tasklet_under_test import ALL, SENT
from harness.tasklets.testbed import Testbed, program


@program()
def from_an_interrupt(b: Testbed) -> None:
    """An interrupt handler schedules on its own CPU."""
    t = b.tasklet()
    b.interrupts(0, lambda: (b.schedule(t), expect_off(b)))
    b.expect_cpus(t, 0)


@program()
def with_interrupts_off(b: Testbed) -> None:
    """A hypercall schedules with interrupts off."""
    t = b.tasklet()
    b.cpu(0, lambda: irqs_off(b, lambda: b.schedule(t)))
    b.expect_cpus(t, 0)


@program()
def interrupted_while_scheduling(b: Testbed) -> None:
    """A hypercall schedules one tasklet and is interrupted by a handler that schedules another."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: (b.schedule(u), expect_off(b)))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 0)


@program(SENT)
def sent_from_an_interrupt(b: Testbed) -> None:
    """An interrupt handler schedules on another CPU."""
    t = b.tasklet()
    b.interrupts(0, lambda: (b.schedule_on(t, 1), expect_off(b)))
    b.expect_cpus(t, 1)


@program(SENT)
def sent_while_sending(b: Testbed) -> None:
    """A hypercall sends one tasklet to another CPU and is interrupted by a handler that sends another one there."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.interrupts(0, lambda: (b.schedule_on(u, 1), expect_off(b)))
    b.expect_cpus(t, 1)
    b.expect_cpus(u, 1)


@program(SENT)
def sent_both_ways(b: Testbed) -> None:
    """Two CPUs with interrupts off send each other a tasklet."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: irqs_off(b, lambda: b.schedule_on(t, 1)))
    b.cpu(1, lambda: irqs_off(b, lambda: b.schedule_on(u, 0)))
    b.expect_cpus(t, 1)
    b.expect_cpus(u, 0)


CLAUSE = clause(
    "irq-context",
    "Scheduling locally, and on another CPU, works from interrupt handlers and with interrupts off.",
    (
        from_an_interrupt,
        with_interrupts_off,
        interrupted_while_scheduling,
        sent_from_an_interrupt,
        sent_while_sending,
        sent_both_ways,
    ),
    ALL,
)
