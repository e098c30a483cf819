"""Scenario `lock-ladder`: n CPUs hammer one lock. It shows how a lock's throughput rises with the CPUs, and where and how it collapses.

Each CPU computes for a time that is exponential with mean `a`, takes the lock, computes for `E` cycles and releases it. The system is
closed: one that waits does not ask again. The critical section touches nothing but the lock.

Correspondence to the model of `harness.measure.lock_model`, on a machine where each transfer costs t:

========================  ==================================================================================================
model                     emulator
========================  ==================================================================================================
c                         2 t, a queue lock's handover (see there); nothing is fitted
ticket, c / 2 per waiter  t for each waiter's read; the reads after the next holder's delay its release if E is shorter than they
ticket, no other cost     the release's store, t, and an attempt's atomic add, t, which the line serves between reads
E, exponential            E, constant; the accesses of acquiring a free lock are no part of it, nor of what others wait for
arrivals, (n − k) / a     the same, closed; an attempt that finds the lock free takes t more
state, start              the model is stationary; the emulator starts twice, with everybody computing and with everybody asking at once,
                          and gives the mean of both. Near the cliff, where both go on for a long time, they differ: that is the bistability
========================  ==================================================================================================
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import cast

from harness.machine.engine import Process
from harness.machine.memory import Memory
from harness.measure.costs import CostTable
from harness.suite.arrivals import exponential
from harness.suite.parameters import CYCLES, LIST, Parameters, parameter
from harness.timed.caches import TopologyCaches
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import Hypervisor, SpinLock

LADDER = "lock-ladder"
LADDER_SHOWS = (
    "the collapse of a lock, without a stage: acquisitions against CPUs for each flavour, beside the birth-death model (topology: uniform)"
)

# Cycles of one run, and the share of them that is thrown away.
LENGTH = 20_000_000
WARMUP = 0.25


@dataclass(frozen=True)
class LockLadder(Parameters):
    """The scenario without a stage: CPUs that do nothing but take one lock."""

    cpus: tuple[int, ...] = parameter((1, 5, 10, 20, 30, 40, 60, 80), LIST, "how many CPUs hammer the lock", 1)
    between: int = parameter(50_000, CYCLES, "mean time of a CPU between two acquisitions, exponential", 1)
    critical: int = parameter(200, CYCLES, "the critical section, about as long as queuing a piece of work", 1)
    length: int = parameter(100_000_000, CYCLES, "one run, of which a quarter is thrown away", 1000)


@dataclass(frozen=True)
class Rung:
    """What a lock does under n CPUs: acquisitions per million cycles, mean wait and mean handover in cycles.

    A handover is the time from a release's store to the moment at which the next holder, which waited, has the lock; NaN if nobody waited.
    `from_idle` and `from_crowd` are the throughputs after the two starts.
    """

    throughput: float
    mean_wait: float
    mean_handover: float
    from_idle: float
    from_crowd: float


class Ladder:
    """One run, on one engine."""

    def __init__(self, n: int, a: int, E: int, flavour: str, caches: TopologyCaches, seed: int, crowd: bool, length: int) -> None:
        self.a, self.E = a, E
        self.engine = TimedEngine(caches, {}, seed, end=length, lock=flavour)
        self.lock = SpinLock(cast(Hypervisor, Memory(self.engine, n)), "hammered")
        self.uniform = random.Random(f"lock-ladder {seed}").random
        self.crowd = crowd
        self.released = -1
        self.handovers: list[int] = []
        for number in range(n):
            process = Process(f"CPU{number}", self._body(number))
            process.number = number
            self.engine.add(process)
        self.engine.at(int(length * WARMUP), self._observe)

    def _body(self, number: int) -> Callable[[], None]:
        return lambda: self.hammer(number)

    def _observe(self) -> None:
        self.engine.statistics(self.lock).reset()
        self.handovers.clear()

    def hammer(self, number: int) -> None:
        """What one CPU does for ever."""
        engine, lock, uniform = self.engine, self.lock, self.uniform
        state = engine.statistics(lock)
        pause = number if self.crowd else int(exponential(uniform) * self.a)
        while True:
            engine.sleep(pause)
            blocked = state.block_count
            engine.acquire(lock, False)
            if state.block_count > blocked and self.released >= 0:
                self.handovers.append(engine.now() - self.released)
            engine.sleep(self.E)
            self.released = engine.now()
            engine.release(lock)
            pause = int(exponential(uniform) * self.a)

    def run(self) -> Ladder:
        """Run to the end."""
        self.engine.run()
        self.engine.close()
        if self.engine.failure is not None:
            raise self.engine.failure
        return self

    @property
    def throughput(self) -> float:
        """Acquisitions per million cycles."""
        taken: int = self.engine.statistics(self.lock).lock_count
        return 1_000_000 * taken / (self.engine.end - int(self.engine.end * WARMUP))


def lock_ladder(
    n: int,
    a: int,
    E: int,
    flavour: str = "ticket",
    topology: str | TopologyCaches = "uniform",
    seed: int = 0,
    length: int = LENGTH,
) -> Rung:
    """Measure one rung: `a`, `E` and `length` in cycles; `topology` is the name of a profile or a memory. On `uniform`, c = 320."""
    if min(n, a, E, length) < 1:
        raise ValueError("n, a, E and length must be positive")
    caches = CostTable(topology).caches() if isinstance(topology, str) else topology
    if n > caches.topology.nr_cpus:
        raise ValueError(f"{n} CPUs on a machine of {caches.topology.nr_cpus}")
    runs = [Ladder(n, a, E, flavour, caches, seed, crowd, length).run() for crowd in (False, True)]
    states = [run.engine.statistics(run.lock) for run in runs]
    handovers = [time for run in runs for time in run.handovers]
    taken = sum(state.lock_count for state in states)
    return Rung(
        throughput=sum(run.throughput for run in runs) / 2,
        mean_wait=sum(state.block_time for state in states) / taken if taken else nan,
        mean_handover=sum(handovers) / len(handovers) if handovers else nan,
        from_idle=runs[0].throughput,
        from_crowd=runs[1].throughput,
    )


def handover_cost(caches: TopologyCaches, distance: int = 0) -> int:
    """The `c` of a machine for handovers over one distance class: the release's store and the successor's read."""
    return caches.costs.store_modified[distance] + caches.costs.load_modified[distance]
