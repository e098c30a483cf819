"""One run of one stage under one load, for one seed: the machine that the load is put on, and what was observed of it.

It implements `harness.suite.load.MeasuredMachine`; it knows no load by name, and no figure.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from harness.machine.diagnosis import Mistake
from harness.machine.scheduler import Vcpu
from harness.machine.spectator import Spectator
from harness.measure.settings import Settings
from harness.suite.arrivals import ARRIVALS, Gaps
from harness.suite.figure import Clients, Figure, Tally, percentile
from harness.suite.parameters import ParameterError, Window
from harness.suite.program import SuiteMistake
from harness.timed.accounting import AccountingMachine, LockProfile, Runstates
from harness.timed.timed_engine import TimedEngine
from harness.timed.topology import Topology

T = TypeVar("T")

# Shares, in per cent, at which a run's latencies are kept for the plot of their distribution.
QUANTILES = (*range(100), 99.5, 99.9, 100)


class MeasurementError(Exception):
    """The stage cannot be measured: it broke down under the load. One line that says how."""


@dataclass(frozen=True)
class Observation:
    """One run: its figures by name, before they are averaged (None where there was nothing to measure), and what they come from."""

    figures: Mapping[str, float | None]
    locks: tuple[LockProfile, ...]
    runstates: tuple[Runstates, ...]
    # From the call that asks for a run to the run, in µs, at QUANTILES.
    latencies: tuple[float, ...]


def spread(count: int, topology: Topology, nodes: Sequence[int], taken: frozenset[int] | set[int] = frozenset()) -> list[int]:
    """Choose `count` CPUs of `nodes` that are not `taken`, as evenly as possible, node by node."""
    chosen: list[int] = []
    for index, node in enumerate(nodes):
        share = count * (index + 1) // len(nodes) - count * index // len(nodes)
        free = [cpu for cpu in topology.cpus_of(node) if cpu not in taken]
        if share > len(free):
            raise ParameterError(f"{count} vCPUs do not fit on {len(nodes)} sockets or dies of {topology.cpus_per_node} CPUs")
        chosen += free[:share]
    return chosen


class MeasuredRun:
    """A machine, at first without stage and load. The load puts both on it, and says which vCPUs are `observed`; then `observe` runs it."""

    def __init__(self, window: Window, settings: Settings, seed: int, spectator: Spectator | None = None) -> None:
        self.window = window
        self.seed = seed
        self.costs = costs = settings.table()
        self.warmup = costs.from_us(window.warmup_us)
        self.end = self.warmup + costs.from_us(window.length_us)
        self.engine = TimedEngine(costs.caches(), costs.cycles, seed, max_steps=window.max_steps, end=self.end, lock=settings.lock)
        self.engine.spectator = spectator
        # Arrivals draw from a source of their own, so that every stage sees the same ones.
        self.uniform: Callable[[], float] = random.Random(f"arrivals {seed}").random
        self.machine = AccountingMachine(self.engine, costs.topology.nr_cpus, costs.from_us(window.ratelimit_us))
        self.observed: list[Vcpu] = []
        self.taken: set[int] = set()

    def nodes(self, sockets: int) -> range:
        every = self.costs.topology.nodes
        if sockets > every:
            raise ParameterError(f"sockets is at most {every} on {self.costs.topology.name}")
        return range(sockets or every)

    def part(self, items: Sequence[T], nodes: Sequence[int]) -> Sequence[T]:
        every = self.costs.topology.nodes
        return items[: -(-len(items) * len(nodes) // every)]

    def place(self, count: int, nodes: Sequence[int]) -> list[int]:
        chosen = spread(count, self.costs.topology, nodes, self.taken)
        self.taken.update(chosen)
        return chosen

    def seats(self, count: int, nodes: Sequence[int], per_cpu: int) -> list[int]:
        cpus = self.place(-(-count // per_cpu), nodes)
        return [cpus[number % len(cpus)] for number in range(count)]

    def gaps(self, arrivals: str, hz: int) -> Gaps:
        return ARRIVALS[arrivals](self.costs.period(hz), self.uniform)

    def observe(self, clients: Clients, figures: Sequence[Figure]) -> Observation:
        """Run, and work out the figures."""
        self.engine.at(self.warmup, lambda: self._start_observing(clients))
        self.engine.run()
        self.engine.close()
        if isinstance(self.engine.failure, Mistake):
            raise SuiteMistake(self.engine.failure.message)
        if self.engine.failure is not None:
            raise MeasurementError(str(self.engine.failure))
        self.machine.settle(self.observed, self.end)
        tally = self._tally(clients)
        return Observation({figure.name: figure.of(tally) for figure in figures}, tally.locks, tally.runstates, _quantiles(tally))

    def _start_observing(self, clients: Clients) -> None:
        self.machine.reset(self.observed, self.warmup)
        clients.reset()

    def _tally(self, clients: Clients) -> Tally:
        return Tally(
            locks=tuple(self.machine.profile()),
            runstates=tuple(self.machine.runstates(vcpu) for vcpu in self.observed),
            runs=clients.runs,
            irq_latencies=tuple(sorted(clients.irq_latencies)),
            run_latencies=tuple(sorted(clients.run_latencies)),
            length_us=self.window.length_us,
            mhz=self.costs.mhz,
        )


def _quantiles(tally: Tally) -> tuple[float, ...]:
    run = tally.run_latencies
    return tuple(percentile(run, share / 100) / tally.mhz for share in QUANTILES) if run else ()
