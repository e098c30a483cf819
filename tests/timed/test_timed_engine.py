"""The timed engine: cases that can be calculated by hand, to the cycle, on a machine where every transfer costs 100 and every hit 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from harness.machine.diagnosis import DEADLOCK, LOCK_MISUSE, NO_PROGRESS
from harness.machine.engine import Process
from harness.machine.memory import Memory
from harness.timed.caches import UniformCaches
from harness.timed.lock_state import LockState
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import Hypervisor, SpinLock, Word

COSTS = {"irqs": 10, "ipi_send": 300, "ipi": 1000, "device": 0, "handler": 1000, "relax": 60, **{f"{n}": n for n in (0, 40, 50, 250, 1000)}}


class Bench:
    """A few CPUs, each with a plain function to run, and one lock."""

    def __init__(self, *bodies: Callable[[Bench], None], end: int | None = None, seed: int = 0, max_steps: int | None = None) -> None:
        caches = UniformCaches(hit=1, transfer=100)
        self.engine = TimedEngine(caches, COSTS, seed, max_steps=max_steps, **({} if end is None else {"end": end}))
        self.memory = Memory(self.engine, len(bodies))
        self.lock = SpinLock(cast(Hypervisor, self.memory), "lock")
        self.word = Word(cast(Hypervisor, self.memory), "word")
        self.log: list[tuple[str, int]] = []
        for number, body in enumerate(bodies):
            process = Process(f"CPU{number}", lambda body=body: body(self))  # type: ignore[misc]
            process.number = number
            self.engine.add(process)

    def run(self) -> Bench:
        """Run, and release the greenlets."""
        self.engine.run()
        self.engine.close()
        return self

    def note(self) -> None:
        """Remember who is where, and when."""
        self.log.append((self.engine.current.name, self.engine.now()))

    def section(self, hold: str) -> None:
        """Take the lock, hold it for a time, release it."""
        self.engine.acquire(self.lock, False)
        self.note()
        self.engine.spend(hold)
        self.engine.release(self.lock)
        self.note()

    @property
    def statistics(self) -> LockState:
        """The lock's profile."""
        return self.engine.statistics(self.lock)


def test_one_cpu_alone() -> None:
    """The first attempt brings the line from memory (100), the store that releases is a hit, and so is all of the second time."""
    bench = Bench(lambda b: (b.section("50"), b.section("50"))).run()  # type: ignore[arg-type,return-value]
    assert bench.log == [("CPU0", 100), ("CPU0", 151), ("CPU0", 152), ("CPU0", 203)]
    s = bench.statistics
    assert (s.lock_count, s.hold_time, s.block_count, s.block_time, s.max_block) == (2, 102, 0, 0, 0)


def test_two_cpus() -> None:
    """The second waits: its attempt fails behind the first's (200); the release takes the line back; then a read and an attempt."""

    def second(b: Bench) -> None:
        b.engine.spend("40")
        b.section("50")

    bench = Bench(lambda b: b.section("250"), second).run()
    # CPU0 has the lock at 100 and releases at 350: a transfer, for CPU1 tried at 40, was served from 100 to 200.
    # CPU1 reads (550), takes (650), holds until 700, and its store is a hit.
    assert bench.log == [("CPU0", 100), ("CPU0", 450), ("CPU1", 650), ("CPU1", 701)]
    s = bench.statistics
    assert (s.lock_count, s.hold_time, s.block_count, s.block_time, s.max_block) == (2, 350 + 51, 1, 610, 610)


def test_three_cpus() -> None:
    """Of two waiters one reads, or both do, before one has it: the handover takes two transfers or three, and the next is later for it."""
    outcomes = set()
    for seed in range(20):
        bench = Bench(*[lambda b: b.section("1000")] * 3, seed=seed).run()
        first, released, second = (time for _, time in bench.log[:3])
        # Attempts at 0: served by 100, 200, 300; CPU2's failure makes CPU1 read again (400); the release is asked for at 1100.
        assert (first, released) == (100, 1200)
        third = bench.log[4][1]
        outcomes.add((second - released, third - second))
    # One read, or two: (1400 or 1500). The loser then reads (100), or fails (100). The second holds for 1000, its release takes the line
    # back (100), and the third reads and takes (200).
    assert outcomes == {(200, 1300), (300, 1300)}


def test_release_waits_for_failed_attempts() -> None:
    """With no time in between, a release waits until the line has served those who failed."""
    bench = Bench(*[lambda b: b.section("0")] * 2).run()
    # CPU0 has it at 100, and its release waits for CPU1's attempt, which is served until 200.
    assert bench.log[:3] == [("CPU0", 100), ("CPU0", 300), ("CPU1", 500)]


def test_interrupt_takes_a_waiter_out_of_the_race() -> None:
    """A waiter that accepts interrupts runs the handler while the lock is handed to another, and then tries again."""

    def waiter(b: Bench) -> None:
        b.engine.current.irqs_on = True
        b.section("50")

    bench = Bench(lambda b: b.section("1000"), waiter)
    cpu = bench.engine.processes[1]

    def deliver() -> None:
        cpu.attention = True

    def handle() -> None:
        cpu.attention = False
        bench.log.append(("interrupt", bench.engine.now()))
        bench.engine.spend("1000")

    cpu.take_interrupt = handle
    bench.engine.at(500, lambda: bench.engine.post(cpu, deliver, 500))
    bench.run()
    # The handler ends at 1500, long after the release (asked for at 1100, done at 1200): the lock is free, an attempt is one transfer.
    assert bench.log == [("CPU0", 100), ("interrupt", 500), ("CPU0", 1200), ("CPU1", 1600), ("CPU1", 1651)]
    assert (bench.statistics.block_count, bench.statistics.block_time) == (1, 1600)


def test_interrupts_off_wait_for_the_lock() -> None:
    """A waiter that does not accept interrupts gets the lock first."""
    bench = Bench(lambda b: b.section("1000"), lambda b: b.section("50"))
    cpu = bench.engine.processes[1]
    bench.engine.at(500, lambda: bench.engine.post(cpu, lambda: setattr(cpu, "attention", True), 500))
    bench.run()
    assert bench.log == [("CPU0", 100), ("CPU0", 1200), ("CPU1", 1400), ("CPU1", 1451)]


def test_sleep_ends_at_an_interrupt() -> None:
    """A sleep is over when its time is, or when an interrupt arrives; the old appointment is void then."""

    def body(b: Bench) -> None:
        b.engine.sleep(1000)
        b.note()
        b.engine.current.attention = False
        b.engine.sleep(1000)
        b.note()

    bench = Bench(body)
    cpu = bench.engine.processes[0]
    bench.engine.at(300, lambda: bench.engine.post(cpu, lambda: setattr(cpu, "attention", True), 300))
    assert bench.run().log == [("CPU0", 300), ("CPU0", 1300)]


def test_end_stops_a_cpu_that_runs_alone() -> None:
    """Nobody works past the end, not even a CPU that nobody waits for, and being stopped is no failure."""

    def body(b: Bench) -> None:
        while True:
            b.word.add(1)

    bench = Bench(body, end=1000).run()
    # One transfer, then hits: operations begin at 0, 100, 101, … up to the end.
    assert bench.engine.failure is None
    assert bench.word.value == 1 + (1000 - 100) + 1


def test_max_steps() -> None:
    """Operations without an end are a violation."""

    def body(b: Bench) -> None:
        while True:
            b.engine.relax()

    failure = Bench(body, max_steps=50).run().engine.failure
    assert failure is not None
    assert failure.kind == NO_PROGRESS


def test_deadlock() -> None:
    """Two CPUs that wait for each other are found when nothing else can happen."""

    def body(first: int, b: Bench) -> None:
        locks = [b.lock, other]
        b.engine.acquire(locks[first], False)
        b.engine.spend("1000")
        b.engine.acquire(locks[1 - first], False)

    bench = Bench(lambda b: body(0, b), lambda b: body(1, b))
    other = SpinLock(cast(Hypervisor, bench.memory), "other")
    failure = bench.run().engine.failure
    assert failure is not None
    assert failure.kind == DEADLOCK


def test_recursion() -> None:
    """Taking a lock that one holds is a violation, not a wait."""
    failure = Bench(lambda b: (b.engine.acquire(b.lock, False), b.engine.acquire(b.lock, False))).run().engine.failure  # type: ignore[arg-type,return-value,func-returns-value]
    assert failure is not None
    assert failure.kind == LOCK_MISUSE


@pytest.mark.parametrize("seed", [0, 7])
def test_same_seed_same_execution(seed: int) -> None:
    """Two executions with the same seed are the same, cycle by cycle."""

    def body(b: Bench) -> None:
        for _ in range(20):
            b.section("40")

    first, again, other = (Bench(*[body] * 6, seed=s).run().log for s in (seed, seed, seed + 1))
    assert first == again
    assert first != other
