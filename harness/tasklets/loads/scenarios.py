"""The loads that a stage is measured under, as rows: what each shows, whom the guests' figures are about, parameters, how it is set up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.measure.measured_run import Scene
from harness.suite.parameters import CYCLES, LIST, Parameters, Window, parameter
from harness.tasklets.loads.cross_cpu import CrossCpu, Mixed, VcpuTasklets, build_cross_cpu, build_mixed, build_vcpu_tasklets
from harness.tasklets.loads.idle_guests import IdleGuests, TimerOnly, build_idle_guests, build_timer_only


@dataclass(frozen=True)
class Scenario:
    """A load. `observed` says whose RUNNING and RUNNABLE time counts."""

    name: str
    shows: str
    observed: str
    parameters: type[Window]
    build: Callable[[Scene, Any], None]


SCENARIOS = {
    row.name: row
    for row in (
        Scenario(
            "idle-guests",
            "the reported case: what the device interrupts of busy guests cost idle ones on other sockets",
            "the idle guests",
            IdleGuests,
            build_idle_guests,
        ),
        Scenario(
            "timer-only",
            "whether VIRQ_TIMER alone, on nearly all CPUs, crowds the lock: without devices it hardly does",
            "all guests",
            TimerOnly,
            build_timer_only,
        ),
        Scenario(
            "cross-cpu",
            "continuations and walks: what it costs when many CPUs feed each other, under whichever lock the stage has for it",
            "the callers",
            CrossCpu,
            build_cross_cpu,
        ),
        Scenario(
            "vcpu-tasklets",
            "tasklets of VCPU kind: continuations on the caller's own CPU, and stop_machine",
            "the callers",
            VcpuTasklets,
            build_vcpu_tasklets,
        ),
        Scenario(
            "mixed",
            "half of the interrupts of idle-guests, next to continuations and a walk: what one load does to the other",
            "the idle guests",
            Mixed,
            build_mixed,
        ),
    )
}


@dataclass(frozen=True)
class LockLadder(Parameters):
    """The scenario without a stage: CPUs that do nothing but take one lock."""

    cpus: tuple[int, ...] = parameter((1, 5, 10, 20, 30, 40, 60, 80), LIST, "how many CPUs hammer the lock", 1)
    between: int = parameter(50_000, CYCLES, "mean time of a CPU between two acquisitions, exponential", 1)
    critical: int = parameter(200, CYCLES, "the critical section, about that of a tasklet's enqueuing", 1)
    length: int = parameter(100_000_000, CYCLES, "one run, of which a quarter is thrown away", 1000)


LADDER = "lock-ladder"
LADDER_SHOWS = (
    "the collapse of a lock, without a stage: acquisitions against CPUs for each flavour, beside the birth-death model (topology: uniform)"
)
