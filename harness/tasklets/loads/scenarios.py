"""The loads that a stage is measured under, as rows: what each shows, whom the guests' figures are about, parameters, how it is set up.

The first one is the one that is measured if nothing else is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from harness.suite.figure import Clients
from harness.suite.load import Load, MeasuredMachine
from harness.suite.parameters import Window
from harness.tasklets.loads.cross_cpu import CrossCpu, Mixed, VcpuTasklets, put_cross_cpu, put_mixed, put_vcpu_tasklets
from harness.tasklets.loads.guests import Host
from harness.tasklets.loads.idle_guests import IdleGuests, TimerOnly, put_idle_guests, put_timer_only
from harness.tasklets.loads.no_stage import NO_STAGE
from harness.tasklets.loads.tasklet_figures import TASKLET_FIGURES
from stages.api import StageModule


def _load(name: str, shows: str, observed: str, parameters: type[Window], put: Callable[[MeasuredMachine, Host, Any], None]) -> Load:
    """A row; `put` puts the load on a host."""

    def build(run: MeasuredMachine, stage: ModuleType | None, values: Any) -> Clients:
        host = Host(run.machine, cast(StageModule, stage) if stage else NO_STAGE, run.costs.cycles)
        put(run, host, values)
        return host

    return Load(name, shows, observed, parameters, build, "tasklet", TASKLET_FIGURES)


LOADS = {
    row.name: row
    for row in (
        _load(
            "idle-guests",
            "the reported case: what the device interrupts of busy guests cost idle ones on other sockets",
            "the idle guests",
            IdleGuests,
            put_idle_guests,
        ),
        _load(
            "timer-only",
            "whether VIRQ_TIMER alone, on nearly all CPUs, crowds the lock: without devices it hardly does",
            "all guests",
            TimerOnly,
            put_timer_only,
        ),
        _load(
            "cross-cpu",
            "continuations and walks: what it costs when many CPUs feed each other, under whichever lock the stage has for it",
            "the callers",
            CrossCpu,
            put_cross_cpu,
        ),
        _load(
            "vcpu-tasklets",
            "tasklets of VCPU kind: continuations on the caller's own CPU, and stop_machine",
            "the callers",
            VcpuTasklets,
            put_vcpu_tasklets,
        ),
        _load(
            "mixed",
            "half of the interrupts of idle-guests, next to continuations and a walk: what one load does to the other",
            "the idle guests",
            Mixed,
            put_mixed,
        ),
    )
}
