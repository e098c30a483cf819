"""Who calls a tasklet's function. Shared by the clauses that say where a tasklet runs, whether it was initialised or declared."""

from __future__ import annotations

from collections.abc import Callable

from harness.tasklets.tasklet_under_test import VCPU, TaskletUnderTest
from harness.tasklets.testbed import Testbed
from stages.hypervisor import TASKLET_ENQUEUED, TASKLET_SCHEDULED


def caller_checked(b: Testbed) -> Callable[[TaskletUnderTest], None]:
    """A function that checks who calls it, and that the idle vCPU is current where it must be."""
    machine = b.machine
    inside = [""] * len(machine.cpus)

    def entered(name: str, call: Callable[[], None]) -> Callable[[], None]:
        def handler() -> None:
            cpu = machine.this_cpu().number
            outer, inside[cpu] = inside[cpu], name
            call()
            inside[cpu] = outer

        return handler

    b.handlers(entered)

    def look(t: TaskletUnderTest) -> None:
        cpu = machine.this_cpu()
        where = "do_tasklet" if t.kind == VCPU else "softirq"
        b.expect(inside[cpu.number] == where, f"{t.name} runs from {inside[cpu.number] or 'elsewhere'}, not from {where}")
        if t.kind == VCPU:
            bits = machine.work_sources[0].words[cpu.number].value
            b.expect(cpu.current is cpu.idle, f"{t.name} runs while {cpu.current.name} is current")
            b.expect(bits == 1 << TASKLET_ENQUEUED | 1 << TASKLET_SCHEDULED, f"{t.name} runs with work bits {bits:#x}")

    return look
