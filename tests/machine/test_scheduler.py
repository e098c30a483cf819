"""The scheduler: the tasklet-work protocol, the idle loop, vCPUs and their runstates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.machine.diagnosis import NO_PROGRESS
from harness.machine.machine import Machine
from harness.machine.scheduler import BLOCKED, OFFLINE, RUNNABLE, RUNNING, Vcpu
from stages.hypervisor import SCHEDULE_SOFTIRQ

ENQUEUED, SCHEDULED = 1, 2
BOTH = ENQUEUED | SCHEDULED


@pytest.mark.parametrize(
    ("before", "after", "idle"),
    [
        (ENQUEUED, BOTH, True),
        (BOTH, BOTH, True),
        (SCHEDULED, 0, False),
        (0, 0, False),
    ],
)
def test_the_scheduler_looks_at_the_work_word_first(timed_bench: Any, before: int, after: int, idle: bool) -> None:
    """The table of the two work bits: what the SCHEDULE softirq makes of them, and whether the idle vCPU is on for tasklet work."""
    m = timed_bench.machine
    work = timed_bench.work()
    guest = timed_bench.on(0, lambda: None)
    work.words[0].write(before)
    m.schedule()
    assert work.words[0].value == after
    assert m.cpus[0].current is (m.cpus[0].idle if idle else guest)
    assert guest.runstate == (RUNNABLE if idle else RUNNING)


def test_vcpu_work_goes_by_way_of_the_idle_vcpu(bench: Any) -> None:
    """Bit set, SCHEDULE softirq, switch to the idle vCPU, the work with both bits set; then the guest is on again."""
    m = bench.machine
    work = bench.work()
    entered = bench.word("entered")

    def do_work() -> None:
        if work.words[0].value == BOTH and m.smp_processor_id() == 0:
            bench.log.append(("work", m.cpus[0].current.name, m.local_irq_is_enabled()))
            work.words[0].clear_bit(0)
            m.raise_softirq(SCHEDULE_SOFTIRQ)

    work.run = do_work

    def run(vcpu: Vcpu) -> None:
        bench.log.append((vcpu.name, work.words[0].value))
        if len(bench.log) == 1:
            entered.write(1)
            bench.wait(entered, 2)
        else:
            m.vcpu_block(vcpu)

    def handler() -> None:
        work.words[0].set_bit(0)
        m.raise_softirq(SCHEDULE_SOFTIRQ)
        entered.write(2)

    def device() -> None:
        bench.wait(entered)
        m.interrupt(0, handler)

    m.start_vcpu(Vcpu("guest", 0, run))
    bench.device(device)
    assert bench.run() is None
    assert bench.log == [("guest", 0), ("work", "idle0", True), ("guest", 0)]
    assert m.unquiet() == []


def test_work_that_is_only_enqueued_is_not_done(bench: Any) -> None:
    """Without a SCHEDULE softirq the idle loop calls the work with one bit set only: the CPU spins, and that is diagnosed."""
    m = bench.machine
    work = bench.work()
    seen = set()
    work.run = lambda: seen.add(work.words[m.smp_processor_id()].value)
    work.words[1].write(ENQUEUED)
    failure = bench.run()
    assert failure.kind == NO_PROGRESS
    assert BOTH not in seen


@pytest.mark.parametrize("how", [lambda m: m.raise_softirq(3), lambda m: m.cpu_raise_softirq(1, 3)], ids=["here", "by number"])
def test_an_interrupt_on_the_way_to_sleep_is_not_slept_through(many: Any, how: Callable[[Machine], None]) -> None:
    """Wherever an interrupt lands in the idle loop, the softirq that it raises is handled without another interrupt."""
    for bench in many():
        m, log = bench.machine, bench.log
        bench.work()
        m.open_softirq(3, lambda log=log: log.append("softirq"))
        bench.device(lambda m=m: m.interrupt(1, lambda: how(m)))
        assert bench.run() is None
        assert log == ["softirq"]
        assert m.unquiet() == []


def test_a_wake_up_makes_a_blocked_vcpu_run(bench: Any) -> None:
    """A vCPU blocks and runs again when it is woken from another CPU; waking one that is not blocked changes nothing."""
    m = bench.machine
    blocked = bench.word("blocked")

    def run(vcpu: Vcpu) -> None:
        bench.log.append("runs")
        m.vcpu_block(vcpu)
        blocked.add(1)

    guest = Vcpu("guest", 1, run)
    m.start_vcpu(guest)

    def waker() -> None:
        bench.wait(blocked)
        m.vcpu_wake(guest)
        m.vcpu_wake(guest)

    bench.on(0, waker)
    assert bench.run() is None
    assert bench.log == ["runs", "runs"]
    assert guest.runstate == BLOCKED


def test_vcpus_of_one_cpu_take_turns(bench: Any) -> None:
    """Each SCHEDULE softirq puts the current vCPU behind those that are ready."""
    m = bench.machine

    def run(vcpu: Vcpu) -> None:
        bench.log.append(vcpu.name)
        if bench.log.count(vcpu.name) == 3:
            m.vcpu_block(vcpu)
        else:
            m.raise_softirq(SCHEDULE_SOFTIRQ)

    m.start_vcpu(Vcpu("a", 0, run))
    m.cpus[0].runnable.append(Vcpu("b", 0, run, RUNNABLE))
    assert bench.run() is None
    assert bench.log == ["a", "b"] * 3


def test_runstates_add_up(timed_bench: Any) -> None:
    """Every cycle up to the last change is in exactly one runstate, and running, waiting and blocking are told apart."""
    m, engine = timed_bench.machine, timed_bench.engine
    work, pause = 50_000, 200_000

    def run(vcpu: Vcpu) -> None:
        for _ in range(work // 2500):
            engine.spend("context_switch")
        m.vcpu_block(vcpu)

    first = Vcpu("first", 0, run)
    second = Vcpu("second", 0, run, RUNNABLE)
    m.start_vcpu(first)
    m.cpus[0].runnable.append(second)

    def device() -> None:
        engine.sleep(pause)
        m.interrupt(0, lambda: m.vcpu_wake(first))

    timed_bench.device(device)
    assert timed_bench.run() is None
    slack = 10_000
    for vcpu in (first, second, m.cpus[0].idle):
        assert sum(vcpu.times.values()) == vcpu.since
        assert vcpu.times[OFFLINE] == 0
    assert 2 * work <= first.times[RUNNING] < 2 * work + slack
    assert work <= second.times[RUNNING] < work + slack
    # While the first one runs, the second one is ready but not on: steal.
    assert work <= second.times[RUNNABLE] < work + slack
    assert pause - work <= first.times[BLOCKED] < pause - work + slack
    assert first.times[RUNNABLE] < slack


def test_a_vcpu_that_waits_behind_tasklet_work_is_runnable(timed_bench: Any) -> None:
    """While the idle vCPU does idle work, the guest is charged steal, not running time."""
    m, engine = timed_bench.machine, timed_bench.engine
    work = timed_bench.work()
    length = 100_000

    def do_work() -> None:
        if work.words[m.smp_processor_id()].value == BOTH:
            for _ in range(length // 2500):
                engine.spend("context_switch")
            work.words[0].clear_bit(0)
            m.raise_softirq(SCHEDULE_SOFTIRQ)

    work.run = do_work
    turns = []

    def run(vcpu: Vcpu) -> None:
        turns.append(m.smp_processor_id())
        if len(turns) == 1:
            work.words[0].set_bit(0)
            m.raise_softirq(SCHEDULE_SOFTIRQ)
        else:
            m.vcpu_block(vcpu)

    guest = Vcpu("guest", 0, run)
    m.start_vcpu(guest)
    assert timed_bench.run() is None
    assert length <= guest.times[RUNNABLE] < length + 10_000
    assert guest.times[RUNNING] < 10_000
