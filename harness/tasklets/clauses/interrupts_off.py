"""Scheduling with interrupts off. Shared by the clauses in which that is allowed and in which it is bounded."""

from __future__ import annotations

from harness.tasklets.testbed import Action, Testbed


def expect_off(b: Testbed) -> None:
    """Scheduling must not switch interrupts on."""
    b.expect(not b.machine.local_irq_is_enabled(), "scheduling has switched interrupts on")


def irqs_off(b: Testbed, schedule: Action) -> None:
    """Schedule with interrupts off."""
    flags = b.machine.local_irq_save()
    schedule()
    expect_off(b)
    b.machine.local_irq_restore(flags)
