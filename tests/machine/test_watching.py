"""A spectator sees what a machine does, and changes nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.machine.machines import machine_on
from harness.machine.scheduler import Vcpu
from harness.machine.spectator import CYCLES, Recording
from harness.machine.watching import COUNTER, HOLD, INTERRUPT, RUN, RUNSTATE, SOFTIRQ, WAIT, Watch
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import SCHEDULE_SOFTIRQ

NR = 5


def executed(spectator: Watch | None) -> tuple[Any, int]:
    """Two guests that contend for a lock, a softirq that runs a function that was asked for, and an interrupt; when it ended."""
    engine = TimedEngine()
    engine.spectator = spectator
    m = machine_on(engine, 2)
    lock = m.spinlock("x")

    def function() -> None:
        if engine.spectator is not None:
            engine.spectator.begins("f")
        engine.spend("context_switch")
        if engine.spectator is not None:
            engine.spectator.ends("f")

    def guest(number: int) -> Callable[[Vcpu], None]:
        def run(vcpu: Vcpu) -> None:
            if engine.spectator is not None and number == 0:
                engine.spectator.asks("f")
                m.raise_softirq(NR)
                engine.spectator.has_asked("f")
            elif number == 0:
                m.raise_softirq(NR)
            m.spin_lock(lock)
            engine.spend("context_switch")
            m.spin_unlock(lock)
            m.vcpu_block(vcpu)

        return run

    m.open_softirq(NR, function)
    for number in range(2):
        m.start_vcpu(Vcpu(f"v{number}", number, guest(number)))
    m.device("device", lambda: m.interrupt(1, lambda: engine.spend("handler")))
    engine.run()
    engine.close()
    assert engine.failure is None
    return m, max(cpu.clock for cpu in m.cpus)


def watched() -> Recording:
    """What a spectator has seen of it."""
    watch = Watch(lambda process: process.clock)
    executed(watch)
    return watch.recording(CYCLES)


def test_what_is_seen() -> None:
    """The function within its softirq, the interrupt, who held the lock and who waited, what the vCPUs did, and from where to where."""
    seen = watched()
    kinds = {(each.track, each.category, each.name) for each in seen.slices}
    assert {("CPU0", RUN, "f"), ("CPU0", SOFTIRQ, f"softirq {NR}"), ("CPU1", INTERRUPT, "interrupt")} <= kinds
    assert {("lock x", HOLD, "held by CPU0"), ("lock x", HOLD, "held by CPU1"), ("vCPU v0", RUNSTATE, "RUNNING")} <= kinds
    (wait,) = (each for each in seen.slices if each.category == WAIT)
    first, second = sorted((each for each in seen.slices if each.category == HOLD), key=lambda each: each.start)
    assert wait.name == "waits for x"
    assert first.end >= wait.start >= first.start
    assert wait.end <= second.end
    assert 0 < first.start < first.end <= second.start
    (run,) = (each for each in seen.slices if each.category == RUN)
    (arrow,) = seen.arrows
    assert (arrow.name, arrow.source[0], arrow.target) == ("f", "CPU0", ("CPU0", run.start))
    assert [(level.counter, level.value) for level in seen.levels] == [(COUNTER, 1), (COUNTER, 0)]
    assert seen.tracks[:2] == ("CPU0", "CPU1")
    assert {each.track for each in seen.slices} <= set(seen.tracks)
    scheduled = (each for each in seen.slices if each.name == "softirq SCHEDULE")
    assert SCHEDULE_SOFTIRQ == 1
    assert any(scheduled)


def test_nothing_is_changed() -> None:
    """The same time passes, and the same things are counted, as without a spectator."""
    (alone, end), (together, same) = executed(None), executed(Watch(lambda process: process.clock))
    assert (end, alone.counts) == (same, together.counts)


def test_the_same_is_seen_again() -> None:
    """Down to the order."""
    assert watched() == watched()


def test_no_more_than_wanted() -> None:
    """The rest is counted."""
    watch = Watch(lambda process: process.clock, most=3)
    executed(watch)
    found = watch.recording(CYCLES)
    assert (len(found.slices), found.left_out) == (3, len(watched().slices) - 3)


def test_what_does_not_end() -> None:
    """It lasts to the end of the execution."""
    watch = Watch(lambda process: process.clock)
    m, _ = executed(watch)
    m.engine.current = m.cpus[0]
    watch.asks("g")
    m.cpus[1].clock += 5000
    last = max(cpu.clock for cpu in m.cpus)
    found = watch.recording(CYCLES, last)
    assert max(each.end for each in found.slices if each.name == "schedule g") == last
