"""Spinlock flavours, to the cycle, on a machine where every transfer costs 100 and every hit 1 (`ttas` has more cases in test_timed)."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from harness.machine.engine import Process
from harness.machine.memory import Memory
from harness.measure.costs import CostTable
from harness.measure.lock_ladder import lock_ladder
from harness.timed.caches import UniformCaches
from harness.timed.lock_flavours import FLAVOURS
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import Hypervisor, SpinLock

Log = list[tuple[str, int]]


class Bench:
    """CPUs that take one lock: each of them `starts` at a time and then holds it for so many cycles, as often as it says."""

    def __init__(self, flavour: str, *plans: tuple[int, list[int]], seed: int = 0) -> None:
        self.engine = TimedEngine(UniformCaches(hit=1, transfer=100), {"handler": 0}, seed, lock=flavour)
        self.lock = SpinLock(cast(Hypervisor, Memory(self.engine, len(plans))), "lock")
        self.log: Log = []
        # What CPUs ask for: `spin_lock` or `spin_lock_irqsave`.
        self.irqs_off = False
        for number, (start, holds) in enumerate(plans):
            process = Process(f"CPU{number}", self._body(start, holds))
            process.number = number
            self.engine.add(process)

    def _body(self, start: int, holds: list[int]) -> Callable[[], None]:
        def body() -> None:
            self.engine.sleep(start)
            for hold in holds:
                self.engine.acquire(self.lock, self.irqs_off)
                self.note("has")
                self.engine.sleep(hold)
                self.engine.release(self.lock)
                self.note("released")

        return body

    def note(self, what: str) -> None:
        """Remember what happened on which CPU, and when."""
        self.log.append((f"{self.engine.current.name} {what}", self.engine.now()))

    def interrupt(self, number: int, at: int, length: int) -> None:
        """An interrupt of CPU `number`, which accepts them, at a time; its handler takes so many cycles."""
        cpu = self.engine.processes[number]
        cpu.irqs_on = True

        def handle() -> None:
            cpu.attention = cpu.irqs_on = False
            self.note("interrupted")
            self.engine.sleep(length)
            cpu.irqs_on = True

        cpu.take_interrupt = handle
        self.engine.at(at, lambda: self.engine.post(cpu, lambda: setattr(cpu, "attention", True), at))

    def run(self) -> Log:
        """Run; return what happened in the order of time."""
        self.engine.run()
        self.engine.close()
        assert self.engine.failure is None
        return sorted(self.log, key=lambda entry: entry[1])


def test_ticket_alone() -> None:
    """One CPU: the first add brings the line from memory (100), all else are hits, as with `ttas`."""
    # 0 + 100; hold 50; store 1; add 1; hold 50; store 1.
    expected = [("CPU0 has", 100), ("CPU0 released", 151), ("CPU0 has", 152), ("CPU0 released", 203)]
    assert Bench("ticket", (0, [50, 50])).run() == Bench("ttas", (0, [50, 50])).run() == expected


def test_ticket_two_cpus() -> None:
    """Two CPUs: the release is a transfer, and so is the read with which the other has the lock."""
    # CPU1's add waits for CPU0's (0 to 100) and is served by 200. CPU0 releases at 100 + 250 = 350: a store, 450. CPU1 reads: 550.
    # It releases at 550 + 50 = 600: both have copies, so the store is a transfer: 700.
    assert Bench("ticket", (0, [250]), (40, [50])).run() == [
        ("CPU0 has", 100),
        ("CPU0 released", 450),
        ("CPU1 has", 550),
        ("CPU1 released", 700),
    ]


def test_ticket_three_cpus() -> None:
    """Three CPUs, first come first served: the next one reads first or second, and a handover takes two transfers or three."""
    found = set()
    for seed in range(20):
        log = Bench("ticket", (0, [1000]), (10, [1000]), (20, [1000]), seed=seed).run()
        # Adds are served by 100, 200, 300; the last takes CPU1's copy, which it reads again by 400. Release: 1100 to 1200.
        assert [what for what, _ in log] == [f"CPU{n} {what}" for n in range(3) for what in ("has", "released")]
        times = [time for _, time in log]
        assert times[:2] == [100, 1200]
        # CPU1 reads by 1300 or 1400, holds for 1000 and stores for 100. CPU2 is alone then: 100. Its store ends it: 1000 and 100.
        first = times[2]
        assert times[3:] == [first + 1100, first + 1200, first + 2300]
        found.add(first)
    assert found == {1300, 1400}


def test_ticket_reads_once_after_two_writes() -> None:
    """A ticket drawn while a release is being served comes before the reads: the next holder reads once, after both."""
    # As with two CPUs, and CPU2 adds at 400, in the midst of the release (350 to 450): served by 550. CPU1 reads by 650, and CPU2 has
    # its copy from its add. CPU1 releases at 650 + 50: 700 to 800; CPU2 reads by 900; it releases at 950 to 1050.
    assert Bench("ticket", (0, [250]), (40, [50]), (400, [50])).run() == [
        ("CPU0 has", 100),
        ("CPU0 released", 450),
        ("CPU1 has", 650),
        ("CPU1 released", 800),
        ("CPU2 has", 900),
        ("CPU2 released", 1050),
    ]


def test_ttas_reads_once_after_two_writes() -> None:
    """An attempt that fails while a release is asked for: those that spin read once, after both."""
    # CPU1 fails at 40 (100 to 200). CPU2 fails at 340: 340 to 440. CPU0 releases at 100 + 250 = 350: served by 540, so CPU1 has not read
    # meanwhile. Then one of the two reads, or both, before one has it: two transfers or three.
    log = Bench("ttas", (0, [250]), (40, [50]), (340, [50])).run()
    assert log[:2] == [("CPU0 has", 100), ("CPU0 released", 540)]
    assert log[2][1] in (740, 840)
    # If CPU2 fails at 150 instead (200 to 300), nothing else is asked for by then: CPU1 reads by 400, and the release waits: 400 to 500.
    assert Bench("ttas", (0, [250]), (40, [50]), (150, [50])).run()[1] == ("CPU0 released", 500)


def test_mcs_alone() -> None:
    """One CPU: its node and the lock's line from memory (200); then hits: its node and the line, at each end."""
    # Hold 50; look at the node 1, take the lock's line back 1; store to the node 1, exchange 1; hold 50; 1 and 1.
    assert Bench("mcs", (0, [50, 50])).run() == [("CPU0 has", 200), ("CPU0 released", 252), ("CPU0 has", 254), ("CPU0 released", 306)]


def test_mcs_two_cpus() -> None:
    """Two CPUs: the release looks for the link, stores to the other's node, and the other reads that."""
    # CPU1: node by 140, exchange behind CPU0's (100 to 200) by 300, link in CPU0's node by 400.
    # CPU0 releases at 200 + 250: its node is CPU1's now, 550; store to CPU1's node, 650. CPU1 reads: 750.
    # It releases at 800: its node 1, and the lock's line has been its own since the exchange: 1.
    assert Bench("mcs", (0, [250]), (40, [50])).run() == [
        ("CPU0 has", 200),
        ("CPU0 released", 650),
        ("CPU1 has", 750),
        ("CPU1 released", 802),
    ]


def test_mcs_three_cpus() -> None:
    """Three CPUs, first come first served; a handover is two transfers, and a look at the link a third if it is not known yet."""
    # Nodes by 100, 110, 120; exchanges by 200, 300, 400. CPU1 links itself to CPU0 by 400, CPU2 to CPU1 by 500: CPU1 reads its node, 600.
    # CPU0 releases at 1200: looks at its node, 1300, stores to CPU1's, 1400. CPU1 reads it, 1500, and sees the link with it.
    # CPU1 releases at 2500: looks, 2501, stores, 2601. CPU2 reads: 2701. It releases at 3701: looks 1, takes the line back 1.
    assert Bench("mcs", (0, [1000]), (10, [1000]), (20, [1000])).run() == [
        ("CPU0 has", 200),
        ("CPU0 released", 1400),
        ("CPU1 has", 1500),
        ("CPU1 released", 2601),
        ("CPU2 has", 2701),
        ("CPU2 released", 3703),
    ]


def test_mcs_release_waits_for_the_link() -> None:
    """A release that finds a successor on its way waits until it has linked itself."""
    # CPU1 exchanges at 140 (by 300) and links by 400. CPU0 releases at 200: looks, 201, sees that it is not the last, waits until 400,
    # looks again, 500, and stores, 600. CPU1 reads: 700.
    assert Bench("mcs", (0, [0]), (40, [50])).run()[:3] == [("CPU0 has", 200), ("CPU0 released", 600), ("CPU1 has", 700)]


@pytest.mark.parametrize(("flavour", "has"), [("ticket", 1300), ("mcs", 1500)])
def test_a_place_is_kept_during_an_interrupt(flavour: str, has: int) -> None:
    """With interrupts on, a waiter handles one in its place: it is handed the lock meanwhile and has it when the handler ends."""
    bench = Bench(flavour, (0, [1000]), (40, [50]), (60, [50]))
    bench.interrupt(1, at=600, length=5000)
    log = bench.run()
    # CPU2 does not overtake it, though the lock is handed on at `has` or a transfer later.
    assert log[1] == ("CPU1 interrupted", 600)
    assert [entry for entry in log if " has" in entry[0]][1] == ("CPU1 has", 5600)
    assert has < 5600 < log[-2][1]


@pytest.mark.parametrize("flavour", ["ticket", "mcs"])
def test_irqsave_keeps_interrupts_off_while_queued(flavour: str) -> None:
    """A waiter that has asked with `irqsave` takes no interrupt until it lets interrupts in again; `ttas` takes it while it waits."""

    def interrupted(flavour: str) -> list[str]:
        bench = Bench(flavour, (0, [1000]), (40, [50]))
        bench.irqs_off = True
        bench.interrupt(1, at=600, length=10)
        return [what for what, _ in bench.run() if what.startswith("CPU1")]

    assert interrupted(flavour) == ["CPU1 has", "CPU1 released"]
    assert interrupted("ttas") == ["CPU1 interrupted", "CPU1 has", "CPU1 released"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_nobody_is_forgotten(flavour: str) -> None:
    """Nine CPUs each get the lock as often as they ask, one at a time; the profile counts it."""
    bench = Bench(flavour, *[(7 * n, [30, 0, 200, 5] * 5) for n in range(9)])
    log = bench.run()
    assert len(log) == 2 * 9 * 20
    # (A release takes effect before it is served, so the next may have the lock when the releasing CPU goes on: held, not overlapping.)
    held = [time for what, time in log if what.endswith("has")]
    assert len(set(held)) == len(held)
    state = bench.engine.statistics(bench.lock)
    assert state.lock_count == 180
    assert 0 < state.block_count <= 180
    assert state.max_block <= state.block_time
    assert not state.waiters


@pytest.mark.parametrize("flavour", ["ticket", "mcs"])
def test_first_come_first_served(flavour: str) -> None:
    """CPUs get the lock in the order in which they asked."""
    log = Bench(flavour, *[(1000 - 100 * n, [5000]) for n in range(8)]).run()
    assert [what for what, _ in log if what.endswith("has")] == [f"CPU{n} has" for n in reversed(range(8))]


def test_unknown_flavour() -> None:
    """A flavour that does not exist is an error that names those that do."""
    with pytest.raises(ValueError, match=r"no such lock flavour: tas \(there are ttas, ticket, mcs\)"):
        TimedEngine(lock="tas")


@pytest.mark.parametrize("n", [3, 5, 8, 10, 12, 16, 20])
def test_queue_lock_hands_over_as_measured(n: int) -> None:
    """On the default machine, a queue lock hands over in 100 to 200 ns for 3 to 20 threads that hammer it (Linux 405963b6a57c: 150)."""
    rung = lock_ladder(n, 200, 200, "mcs", "westmere-ex-8s", length=1_000_000)
    assert 100 <= 1000 * CostTable("westmere-ex-8s").to_us(rung.mean_handover) <= 200
