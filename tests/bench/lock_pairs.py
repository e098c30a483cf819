"""How fast the timed engine is: contended lock/unlock pairs per second, against the same model written in SimPy, in one run.

Both sides simulate CPUs that think, take one test-and-test-and-set lock, hold it and release it, over the same cache-line model; SimPy
does so transfer by transfer, with the line as a server. Both must give the same acquisitions: the same CPUs at the same times in the same
order. Rates are of CPU time. Usage: `python -m tests.bench.lock_pairs [CPUS [PAIRS PER CPU]]`.
"""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict
from time import process_time
from typing import Any, cast

import simpy

from harness.machine.engine import Process
from harness.machine.memory import Memory
from harness.measure.costs import CostTable
from harness.timed.caches import Line, LineCosts, TopologyCaches
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import Hypervisor, SpinLock

# Time is in 128ths of a cycle: so much for a cycle, for a critical section, and between two.
UNIT = 128
CRITICAL = 200 * UNIT
THINK = 2000 * UNIT
SEED = 1
TARGET = 5.0
REPEATS = 5

Acquisition = tuple[int, int]


def aligned(now: int, least: int, cpu: int) -> int:
    """The least time from `now`, `least` or more, that ends at a 128th of a cycle that is this CPU's.

    All other times are multiples of a cycle, so nothing that one CPU does coincides with what another does, or with a transfer for it: the
    order of events never depends on how an engine orders what is simultaneous.
    """
    return least + (cpu - now - least) % UNIT


def memory() -> TopologyCaches:
    """The cache lines of the default machine."""
    caches = CostTable("westmere-ex-8s").caches()
    costs = asdict(caches.costs)
    scaled = {name: tuple(c * UNIT for c in cost) if isinstance(cost, tuple) else cost * UNIT for name, cost in costs.items()}
    return TopologyCaches(caches.topology, LineCosts(**scaled))


def with_engine(cpus: int, pairs: int) -> list[Acquisition]:
    """The model on the timed engine; what a CPU does is a plain function."""
    engine = TimedEngine(memory(), {}, SEED)
    lock = SpinLock(cast(Hypervisor, Memory(engine, cpus)), "lock")
    acquisitions: list[Acquisition] = []

    def body(cpu: int) -> None:
        process = engine.current
        for _ in range(pairs):
            engine.advance(aligned(process.clock, THINK, cpu))
            engine.acquire(lock, False)
            now = process.clock
            acquisitions.append((now, cpu))
            engine.advance(aligned(now, CRITICAL, cpu))
            engine.release(lock)

    for cpu in range(cpus):
        process = Process(f"CPU{cpu}", lambda cpu=cpu: body(cpu))  # type: ignore[misc]
        process.number = cpu
        engine.add(process)
    engine.run()
    assert engine.failure is None, engine.failure
    return acquisitions


class SimpyLine:
    """The lock's cache line as a server that does one transfer after the other, in the order in which they are asked for."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.caches = memory()
        self.line = Line("lock")
        self.queue: deque[tuple[Iterator[int], simpy.Event | None]] = deque()
        self.idle: simpy.Event | None = None
        env.process(self.serve())

    def serve(self) -> Generator[simpy.Event, Any, None]:
        """What the line does all its life."""
        env, queue = self.env, self.queue
        while True:
            if not queue:
                self.idle = env.event()
                yield self.idle
            transfers, done = queue.popleft()
            for cycles in transfers:
                yield env.timeout(cycles)
            if done is not None:
                done.succeed()

    def ask(self, transfers: Iterator[int], done: simpy.Event | None = None) -> None:
        """Queue transfers; `done` happens when the last is over."""
        self.queue.append((transfers, done))
        if self.idle is not None:
            self.idle.succeed()
            self.idle = None

    def access(self, cpu: int, write: bool, atomic: bool) -> Iterator[int]:
        """One CPU reads or writes."""
        yield self.caches.access(self.line, cpu, int(self.env.now), write, atomic)

    def attempt(self, cpu: int, waiters: Sequence[Process]) -> Iterator[int]:
        """A failed attempt; those that spin read again, unless a write is queued after which they would have to do so once more."""
        yield from self.access(cpu, True, True)
        if not self.queue:
            yield from self.read_all([waiter.number for waiter in waiters if waiter.number != cpu])

    def read_all(self, numbers: list[int]) -> Iterator[int]:
        """Everybody who spins reads again."""
        for number in sorted(numbers):
            yield self.caches.access(self.line, number, int(self.env.now), False, False)

    def handover(self, numbers: list[int], read: list[int], winner: int, grant: simpy.Event) -> Iterator[int]:
        """Reads, the attempt that succeeds, those that fail, the reads of the rest."""
        for number in read:
            yield from self.access(number, False, False)
        yield from self.access(numbers[winner], True, True)
        grant.succeed()
        for number in read:
            if number != numbers[winner]:
                yield from self.access(number, True, True)
        yield from self.read_all([number for i, number in enumerate(numbers) if i != winner and number != self.line.owner])


class SimpySpinlock:
    """The same lock for SimPy, transfer by transfer; an operation takes effect when it is reached and is over when it has been served."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.line = SimpyLine(env)
        self.held = False
        self.waiters: list[Process] = []
        self.grants: dict[Process, simpy.Event] = {}
        self.random = random.Random(SEED).random

    def acquire(self, process: Process) -> simpy.Event:
        """Take the lock if it is free, else wait to be handed it."""
        event = self.env.event()
        if self.held:
            self.line.ask(self.line.attempt(process.number, self.waiters))
            self.waiters.append(process)
            self.grants[process] = event
        else:
            self.held = True
            self.line.ask(self.line.access(process.number, True, True), event)
        return event

    def release(self, process: Process) -> simpy.Event:
        """Hand the lock to a waiter, if there is one; returns when the store is done."""
        event = self.env.event()
        self.line.ask(self.line.access(process.number, True, False), event)
        self.held = bool(self.waiters)
        if self.held:
            numbers = [waiter.number for waiter in self.waiters]
            read, winner = self.line.caches.lottery(process.number, numbers, self.random)
            grant = self.grants[self.waiters.pop(winner)]
            self.line.ask(self.line.handover(numbers, read, winner, grant))
        return event


def with_simpy(cpus: int, pairs: int) -> list[Acquisition]:
    """The model on SimPy; what a CPU does is a process."""
    env = simpy.Environment()
    lock = SimpySpinlock(env)
    acquisitions: list[Acquisition] = []

    def body(cpu: int) -> Generator[simpy.Event, Any, None]:
        process = Process(f"CPU{cpu}", lambda: None)
        process.number = cpu
        for _ in range(pairs):
            yield env.timeout(aligned(int(env.now), THINK, cpu))
            yield lock.acquire(process)
            now = int(env.now)
            acquisitions.append((now, cpu))
            yield env.timeout(aligned(now, CRITICAL, cpu))
            yield lock.release(process)

    for cpu in range(cpus):
        env.process(body(cpu))
    env.run()
    return acquisitions


def best(run: Callable[[int, int], list[Acquisition]], cpus: int, pairs: int) -> tuple[float, list[Acquisition]]:
    """Pairs per second in the best of a few runs, and what happened (the same each time)."""
    rate = 0.0
    for _ in range(REPEATS):
        began = process_time()
        acquisitions = run(cpus, pairs)
        rate = max(rate, cpus * pairs / (process_time() - began))
    return rate, acquisitions


def main(arguments: list[str]) -> int:
    """Print both rates and their ratio; 0 if the acquisitions are the same and the ratio is good enough."""
    cpus = int(arguments[0]) if arguments else 40
    pairs = int(arguments[1]) if len(arguments) > 1 else 40_000 // cpus
    ours, expected = best(with_engine, cpus, pairs)
    theirs, found = best(with_simpy, cpus, pairs)
    same = sorted(expected) == found
    print(f"{cpus} CPUs, {pairs} lock/unlock pairs each")
    print(f"timed engine  {ours:10,.0f} pairs/s")
    print(f"SimPy {simpy.__version__}   {theirs:10,.0f} pairs/s")
    print(f"ratio         {ours / theirs:10.2f}   (at least {TARGET:g})")
    print(f"acquisitions  {'the same, in the same order' if same else 'DIFFERENT'}")
    return 0 if same and ours >= TARGET * theirs else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
