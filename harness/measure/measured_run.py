"""A machine with a stage on it, set up for one seed: scenarios put their loads on it, then it runs and is observed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from harness.machine.scheduler import BLOCKED, RUNNABLE, RUNNING, Vcpu
from harness.measure.settings import LOCKS, Settings
from harness.measure.statistics import percentile
from harness.suite.arrivals import ARRIVALS, Gaps
from harness.suite.parameters import ParameterError, Window
from harness.tasklets.loads.guests import Host
from harness.timed.accounting import LockProfile, MeteredMachine
from harness.timed.timed_engine import TimedEngine
from harness.timed.topology import Topology
from stages.api import StageModule

T = TypeVar("T")

# Shares, in per cent, at which a run's latencies are kept for the plot of their distribution.
QUANTILES = (*range(100), 99.5, 99.9, 100)


class MeasurementError(Exception):
    """The stage cannot be measured: it broke down under the load. One line that says how."""


@dataclass(frozen=True)
class Runstates:
    """What an observed vCPU did with its time, in cycles."""

    vcpu: str
    running: int
    runnable: int
    blocked: int
    tasklets: int


@dataclass(frozen=True)
class Observation:
    """One run: plain figures, before they are averaged; None where there was nothing to measure."""

    locks_per_run: float | None
    lock_wait_us_mean: float | None
    lock_wait_us_max: float
    idle_overhead_pct: float | None
    idle_steal_pct: float | None
    irq_p50_us: float | None
    irq_p99_us: float | None
    irq_max_us: float | None
    run_p50_us: float | None
    run_p99_us: float | None
    run_max_us: float | None
    tasklets_per_s: float
    locks: tuple[LockProfile, ...]
    runstates: tuple[Runstates, ...]
    # From `tasklet_schedule` to the run, in µs, at QUANTILES.
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


class Scene:
    """One run of one stage. Loads are put on it with `place`, `gaps` and `host`; what counts as observed is theirs to say."""

    def __init__(self, module: StageModule, window: Window, settings: Settings, seed: int) -> None:
        self.window = window
        self.seed = seed
        self.costs = costs = settings.table()
        self.warmup = costs.from_us(window.warmup_us)
        self.end = self.warmup + costs.from_us(window.length_us)
        # Another flavour is another argument; an engine of the usual one is made as everywhere else.
        flavour: dict[str, Any] = {} if settings.lock == LOCKS[0] else {"lock": settings.lock}
        self.engine = TimedEngine(costs.caches(), costs.cycles, seed, max_steps=window.max_steps, end=self.end, **flavour)
        # Arrivals draw from a source of their own, so that every stage sees the same ones.
        self.uniform: Callable[[], float] = random.Random(f"arrivals {seed}").random
        self.machine = MeteredMachine(self.engine, costs.topology.nr_cpus, costs.from_us(window.ratelimit_us))
        self.host = Host(self.machine, module, costs.cycles)
        self.observed: list[Vcpu] = []
        self.taken: set[int] = set()

    def nodes(self, sockets: int) -> range:
        """The first so many sockets (or dies), all for 0."""
        every = self.costs.topology.nodes
        if sockets > every:
            raise ParameterError(f"sockets is at most {every} on {self.costs.topology.name}")
        return range(sockets or every)

    def part(self, items: Sequence[T], nodes: Sequence[int]) -> Sequence[T]:
        """What falls to `nodes` of something that is spread over the whole machine, rounded up."""
        every = self.costs.topology.nodes
        return items[: -(-len(items) * len(nodes) // every)]

    def place(self, count: int, nodes: Sequence[int]) -> list[int]:
        """Take `count` free CPUs, evenly spread over `nodes`."""
        chosen = spread(count, self.costs.topology, nodes, self.taken)
        self.taken.update(chosen)
        return chosen

    def seats(self, count: int, nodes: Sequence[int], per_cpu: int) -> list[int]:
        """The CPUs of `count` vCPUs, so many on each, those that share one far from each other in the list."""
        cpus = self.place(-(-count // per_cpu), nodes)
        return [cpus[number % len(cpus)] for number in range(count)]

    def gaps(self, arrivals: str, hz: int) -> Gaps:
        """An arrival process of `hz` events a second."""
        return ARRIVALS[arrivals](self.costs.period(hz), self.uniform)

    def observe(self) -> Observation:
        """Run, and work out the figures."""
        self.engine.at(self.warmup, self._start_observing)
        self.engine.run()
        self.engine.close()
        if self.engine.failure is not None:
            raise MeasurementError(str(self.engine.failure))
        self.machine.settle(self.observed, self.end)
        return self._figures()

    def _start_observing(self) -> None:
        self.machine.reset(self.observed, self.warmup)
        self.host.reset()

    def _figures(self) -> Observation:
        host, us = self.host, self.costs.to_us
        locks = self.machine.profile()
        taken = sum(lock.lock_count for lock in locks)
        runstates = [self._runstates(vcpu) for vcpu in self.observed]
        running = sum(each.running for each in runstates)
        runnable = sum(each.runnable for each in runstates)
        irq, run = sorted(host.latencies), sorted(host.run_latencies)
        return Observation(
            locks_per_run=_share(taken, host.runs),
            lock_wait_us_mean=us(sum(lock.block_time for lock in locks) / max(taken, 1)),
            lock_wait_us_max=us(max((lock.max_block for lock in locks), default=0)),
            idle_overhead_pct=_share(100 * sum(each.tasklets for each in runstates), running),
            idle_steal_pct=_share(100 * runnable, runnable + running),
            irq_p50_us=self._us_at(irq, 50),
            irq_p99_us=self._us_at(irq, 99),
            irq_max_us=self._us_at(irq, 100),
            run_p50_us=self._us_at(run, 50),
            run_p99_us=self._us_at(run, 99),
            run_max_us=self._us_at(run, 100),
            tasklets_per_s=host.runs * 1_000_000 / self.window.length_us,
            locks=tuple(locks),
            runstates=tuple(runstates),
            latencies=tuple(us(percentile(run, share / 100)) for share in QUANTILES) if run else (),
        )

    def _runstates(self, vcpu: Vcpu) -> Runstates:
        return Runstates(vcpu.name, vcpu.times[RUNNING], vcpu.times[RUNNABLE], vcpu.times[BLOCKED], self.machine.tasklet_time.get(vcpu, 0))

    def _us_at(self, ordered: list[int], share: float) -> float | None:
        return self.costs.to_us(percentile(ordered, share / 100)) if ordered else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
