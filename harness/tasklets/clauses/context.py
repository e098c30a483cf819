"""Programs that look at where a function runs: from which handler, in which vCPU, with interrupts on."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.clauses.callers import caller_checked
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


def context_checked(b: Testbed) -> TaskletUnderTest:
    """A tasklet that checks all of its context in each run."""
    machine, look = b.machine, caller_checked(b)

    def function(t: TaskletUnderTest) -> None:
        b.expect(not machine.in_irq(), f"{t.name} runs in an interrupt")
        b.expect(machine.local_irq_is_enabled(), f"{t.name} runs with interrupts off")
        look(t)

    return b.tasklet(function=function)


@program()
def context_here(b: Testbed) -> None:
    """Scheduled by a hypercall."""
    t = context_checked(b)
    b.cpu(0, lambda: b.schedule(t))


@program()
def context_interrupt(b: Testbed) -> None:
    """Scheduled by an interrupt while a guest runs."""
    t = context_checked(b)
    b.cpu(0, lambda: None)
    b.interrupts(0, lambda: b.schedule(t))


@program(SENT)
def context_sent(b: Testbed) -> None:
    """Sent to a CPU that runs a guest."""
    t = context_checked(b)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: None)


CLAUSE = clause(
    "context",
    "Softirq kind: in the softirq, interrupts on, not in an interrupt. VCPU kind: from `do_tasklet`, with the idle vCPU "
    "current and both work bits set.",
    (
        context_here,
        context_interrupt,
        context_sent,
    ),
    ALL,
)
