"""What things cost, as data: every figure with its unit, how well it is known, and where it comes from.

How well: `R` read in the source named; `M` from the paper named, its table not read again; `E` an estimate, to be varied rather than
trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from harness.timed.caches import LineCosts, TopologyCaches
from harness.timed.topology import Topology, one_node, opteron_4s, westmere_ex_8s

R, M, E = "R", "M", "E"

CYCLES = "cycles"
MICROSECONDS = "µs"

SOSP = "David, Guerraoui, Trigonakis: Everything you always wanted to know about synchronization, SOSP 2013, table 2"
SPLITX = "Landau, Ben-Yehuda, Gordon: SplitX, WIOV 2011 (X5570, 2.93 GHz)"


@dataclass(frozen=True)
class Cost:
    """One figure; `value` has one number, or one per distance class."""

    name: str
    value: int | tuple[int, ...]
    unit: str
    known: str
    source: str


COSTS = (
    Cost("vm_exit_entry", 2000, CYCLES, R, f"external interrupt, direct cost, both ways; {SPLITX}"),
    Cost("ipi_send", 300, CYCLES, E, "writing the interrupt command register"),
    Cost("ipi", 1000, CYCLES, E, "flight time; one way 2000 to 3000 in all"),
    Cost("handler", 1000, CYCLES, E, "interrupt handler, entry and exit"),
    Cost("device", 0, CYCLES, E, "flight time of a device interrupt, which no figure here depends on"),
    Cost("irq_to_schedule", 800, CYCLES, E, "interrupt handler, from its entry to the call that asks for a run"),
    Cost("irqs", 10, CYCLES, E, "switching interrupts off, or on: 20 for both"),
    Cost("relax", 60, CYCLES, E, "one turn of a waiting loop other than a spinlock's"),
    Cost(
        "smp_mb", 30, CYCLES, E, "a full barrier (`mfence`) that finds the store buffer empty; the other barriers are no instruction on x86"
    ),
    Cost("context_switch", 2500, CYCLES, E, "to or from a vCPU, in the scheduler"),
    Cost("inject", 1500, CYCLES, E, "injecting one interrupt: the dpci function under its domain's lock"),
    Cost("event_channel", 400, CYCLES, E, "the event-channel function"),
    Cost("continuation", 4000, CYCLES, E, "what a hypercall does where it continues"),
    Cost("walk_step", 10_000, CYCLES, E, "what a walk over all CPUs does on each of them"),
    Cost("stopped", 20_000, CYCLES, E, "what is done while all other CPUs are stopped"),
    Cost("tick_work", 40, MICROSECONDS, E, "what an idle guest does per timer event"),
    Cost("device_work", 10, MICROSECONDS, E, "what a guest does per device interrupt"),
    Cost("time_slice", 30_000, MICROSECONDS, R, "credit scheduler"),
)

# Cycles by distance: same socket, one hop, two hops.
WESTMERE_LINES = (
    Cost("hit", 5, CYCLES, M, f"own L1; {SOSP}"),
    Cost("atomic_hit", 20, CYCLES, R, "atomic operation on a line that is owned; others measure 18"),
    Cost("load_modified", (109, 289, 400), CYCLES, M, SOSP),
    Cost("load_exclusive", (92, 273, 383), CYCLES, M, SOSP),
    Cost("load_shared", (44, 223, 334), CYCLES, M, SOSP),
    Cost("load_uncached", (355, 492, 601), CYCLES, M, SOSP),
    Cost("store_modified", (115, 320, 431), CYCLES, M, SOSP),
    Cost("store_shared", (116, 318, 428), CYCLES, M, SOSP),
    Cost("atomic_modified", (120, 324, 430), CYCLES, M, SOSP),
    Cost("atomic_shared", (113, 312, 423), CYCLES, M, SOSP),
)

# Cycles by distance: same die, same package, one hop, two hops.
OPTERON_LINES = (
    Cost("hit", 3, CYCLES, M, f"own L1; {SOSP}"),
    Cost("atomic_hit", 20, CYCLES, R, "atomic operation on a line that is owned; others measure 18"),
    Cost("load_modified", (81, 161, 172, 252), CYCLES, M, SOSP),
    Cost("load_exclusive", (83, 163, 175, 253), CYCLES, M, SOSP),
    Cost("load_shared", (83, 164, 176, 254), CYCLES, M, SOSP),
    Cost("load_uncached", (136, 237, 247, 327), CYCLES, M, SOSP),
    Cost("store_modified", (83, 172, 191, 273), CYCLES, M, SOSP),
    Cost("store_shared", (246, 255, 286, 296), CYCLES, M, SOSP),
    Cost("atomic_modified", (110, 197, 216, 296), CYCLES, M, SOSP),
    Cost("atomic_shared", (272, 283, 312, 332), CYCLES, M, SOSP),
)

UNIFORM_TRANSFER = "one cost for every transfer: a queue lock's handover, two of them, takes 320 cycles, as measured (Linux 405963b6a57c)"

UNIFORM_LINES = (
    Cost("hit", 5, CYCLES, E, "for hand calculation"),
    Cost("atomic_hit", 20, CYCLES, E, "for hand calculation"),
    *(Cost(name, (160,), CYCLES, E, UNIFORM_TRANSFER) for name in (f.name for f in fields(LineCosts)) if "hit" not in name),
)

# The model has one level of cache, and lines never leave it for lack of space: what the lower levels and memory cost has no row here.


@dataclass(frozen=True)
class Profile:
    """A machine: its clock, its topology and what a transfer of a cache line costs on it."""

    name: str
    mhz: int
    topology: Callable[[], Topology]
    lines: tuple[Cost, ...]


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("westmere-ex-8s", 2130, westmere_ex_8s, WESTMERE_LINES),
        Profile("opteron-4s", 2100, opteron_4s, OPTERON_LINES),
        Profile("uniform", 1000, partial(one_node, 80), UNIFORM_LINES),
    )
}


class CostTable:
    """The costs of one profile, with overrides by name, ready for an engine; `source` says where the overrides come from."""

    def __init__(
        self, profile: str | Profile, overrides: Mapping[str, int | tuple[int, ...]] | None = None, source: str = "override"
    ) -> None:
        self.profile = PROFILES[profile] if isinstance(profile, str) else profile
        self.topology = self.profile.topology()
        changed = dict(overrides or {})
        self.rows = [
            Cost(cost.name, changed.pop(cost.name), cost.unit, E, source) if cost.name in changed else cost
            for cost in (*COSTS, *self.profile.lines)
        ]
        if changed:
            raise ValueError(f"no such cost: {', '.join(sorted(changed))}")
        self._check()
        # Cycles by name.
        self.cycles = {cost.name: self._cycles(cost) for cost in self.rows if isinstance(cost.value, int)}
        self.cycles["vm_exit"] = self.cycles["vm_exit_entry"] // 2
        self.cycles["vm_entry"] = self.cycles["vm_exit_entry"] - self.cycles["vm_exit"]

    @property
    def mhz(self) -> int:
        """Cycles in a µs."""
        return self.profile.mhz

    def _check(self) -> None:
        classes = 1 + max(max(row) for row in self.topology.distance)
        for cost in self.rows:
            values = cost.value if isinstance(cost.value, tuple) else (cost.value,)
            if min(values) < 0:
                raise ValueError(f"{cost.name} is negative")
            if isinstance(cost.value, tuple) and len(values) != classes:
                raise ValueError(f"{cost.name} needs {classes} values, one per distance, and has {len(values)}")
            if cost.name == "time_slice" and min(values) < 1:
                raise ValueError(f"{cost.name} is less than 1 {cost.unit}")

    def _cycles(self, cost: Cost) -> int:
        assert isinstance(cost.value, int)
        return cost.value if cost.unit == CYCLES else self.from_us(cost.value)

    def from_us(self, microseconds: int) -> int:
        """Convert a time to cycles."""
        return microseconds * self.profile.mhz

    def to_us(self, cycles: float) -> float:
        """Convert cycles to µs."""
        return cycles / self.profile.mhz

    def period(self, hz: int) -> int:
        """The cycles between events at a rate per second."""
        return self.profile.mhz * 1_000_000 // hz

    def caches(self) -> TopologyCaches:
        """A memory with these costs, everything in it in no cache."""
        values: dict[str, Any] = {cost.name: cost.value for cost in self.rows}
        return TopologyCaches(self.topology, LineCosts(**{field.name: values[field.name] for field in fields(LineCosts)}))

    def machine(self) -> dict[str, Any]:
        """The topology as used."""
        topology = self.topology
        return {
            "profile": self.profile.name,
            "mhz": self.profile.mhz,
            "nodes": topology.nodes,
            "cpus_per_node": topology.cpus_per_node,
            "distance": [list(row) for row in topology.distance],
        }

    def to_json(self) -> list[dict[str, Any]]:
        """Every cost as used, with where it comes from."""
        return [
            {
                "name": cost.name,
                "value": list(cost.value) if isinstance(cost.value, tuple) else cost.value,
                "unit": cost.unit,
                "known": cost.known,
                "source": cost.source,
            }
            for cost in self.rows
        ]
