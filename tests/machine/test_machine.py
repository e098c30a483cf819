"""The whole machine: installing a stage, CPU hotplug, timers, and looking at a machine that stands still."""

from __future__ import annotations

from typing import Any

import pytest

from harness.machine.diagnosis import PRECONDITION
from harness.machine.scheduler import Vcpu
from harness.tasklets.installation import install
from stages import s0_baseline
from stages.hypervisor import CPU_DEAD, CPU_UP_CANCELED, CPU_UP_PREPARE, RCU_SOFTIRQ
from tests.machine.machines import Bench, at_random, explored


def _notes(bench: Any) -> None:
    """Turn hotplug on, and have a notifier note the action, the CPU, who calls, and whether that CPU is dead and online."""
    m = bench.machine
    m.hotplug = True
    m.register_cpu_notifier(
        lambda action, cpu: bench.log.append((action, cpu, m.smp_processor_id(), m.dead[cpu].value, m.cpus[cpu].online.value))
    )


def test_boot_brings_the_other_cpus_up(bench: Any) -> None:
    """CPU 0 initialises the subsystem, which is then told of every other CPU before that runs anything."""
    m = bench.machine
    api = install(m, s0_baseline)
    actions = []
    api.cpu_callback = lambda action, cpu: actions.append((action, cpu))
    m.boot(api.tasklet_subsys_init)
    assert actions == [(CPU_UP_PREPARE, 0), (CPU_UP_PREPARE, 1)]
    assert [source.run for source in m.work_sources] == [api.do_tasklet]
    assert api.hv is m


def test_a_cpu_goes_down_and_comes_up(bench: Any) -> None:
    """The notifier is called on the CPU that stays: CPU_DEAD when the other one is gone, CPU_UP_PREPARE before it comes."""
    m = bench.machine
    _notes(bench)
    m.open_softirq(RCU_SOFTIRQ, lambda: bench.log.append("softirq"))

    def program() -> None:
        m.cpu_down(1)
        bench.log.append("down")
        m.cpu_up(1)
        bench.log.append("up")
        m.cpu_raise_softirq(1, RCU_SOFTIRQ)

    bench.on(0, program)
    assert bench.run() is None
    assert bench.log == [(CPU_DEAD, 1, 0, 1, 0), "down", (CPU_UP_PREPARE, 1, 0, 1, 0), "up", "softirq"]


def test_a_cpu_that_does_not_come_up(bench: Any) -> None:
    """PREPARE is followed by CANCELED, the CPU stays down, and a machine with a CPU that is down has no fault."""
    m = bench.machine
    _notes(bench)
    bench.on(0, lambda: (m.cpu_down(1), m.cpu_up(1, fails=True)))
    assert bench.run() is None
    assert [entry[0] for entry in bench.log] == [CPU_DEAD, CPU_UP_PREPARE, CPU_UP_CANCELED]
    assert m.cpus[1].online.value == 0


def test_a_dead_cpu_runs_no_softirqs(bench: Any) -> None:
    """What is raised on a CPU that is down is handled when it is up again, not before."""
    m = bench.machine
    _notes(bench)
    m.open_softirq(RCU_SOFTIRQ, lambda: bench.log.append("softirq"))

    def program() -> None:
        m.cpu_down(1)
        m.cpu_raise_softirq(1, RCU_SOFTIRQ)
        for _ in range(20):
            m.cpu_online(1)
        bench.log.append("comes up")
        m.cpu_up(1)

    bench.on(0, program)
    assert bench.run() is None
    assert [entry for entry in bench.log if isinstance(entry, str)] == ["comes up", "softirq"]


def test_softirqs_stop_on_a_cpu_that_goes_offline(bench: Any) -> None:
    """`do_softirq` looks before each handler: what is pending on a CPU that has gone offline stays pending."""
    m = bench.machine
    _notes(bench)

    def first() -> None:
        bench.log.append("first")
        m.cpus[1].online.write(0)

    m.open_softirq(RCU_SOFTIRQ, first)
    m.open_softirq(RCU_SOFTIRQ + 1, lambda: bench.log.append("second"))
    bench.on(1, lambda: (m.raise_softirq(RCU_SOFTIRQ), m.raise_softirq(RCU_SOFTIRQ + 1)))
    assert bench.run() is None
    assert bench.log == ["first"]
    assert m.cpus[1].softirqs.value >> RCU_SOFTIRQ + 1 & 1


def test_a_cpu_with_a_guest_goes_down(many: Any) -> None:
    """Whenever a CPU is taken down, its guest runs no more often than it should, and the CPU dies and comes up."""
    for bench in many():
        m = bench.machine
        m.hotplug = True
        runs: list[str] = []

        def run(vcpu: Vcpu, m: Any = m, runs: list[str] = runs) -> None:
            runs.append(vcpu.name)
            m.vcpu_block(vcpu)

        m.start_vcpu(Vcpu("guest", 1, run))
        bench.on(0, lambda m=m: (m.cpu_down(1), m.cpu_up(1)))
        assert bench.run() is None
        assert len(runs) == 1
        assert m.cpus[1].online.value == 1
        assert m.unquiet() == []


def test_a_cpu_goes_offline_where_it_takes_interrupts(many: Any) -> None:
    """In a section with interrupts off, a CPU that is about to be taken down is online from beginning to end, or offline all the time."""
    found = set()
    for bench in many():
        m = bench.machine
        m.hotplug = True
        seen: list[list[bool]] = []

        def section(m: Any = m, seen: list[list[bool]] = seen) -> None:
            m.local_irq_disable()
            seen.append([m.cpu_online(1) for _ in range(3)])
            m.local_irq_enable()

        bench.on(1, section)
        bench.on(0, lambda m=m: m.cpu_down(1))
        assert bench.run() is None
        assert seen in ([[True] * 3], [[False] * 3])
        found.add(seen[0][0])
    assert found == {True, False}


def test_no_function_call_is_on_its_way_to_a_cpu_that_goes_offline() -> None:
    """Whoever calls a function on a CPU that is taken down meets it online, or the call leaves that CPU out; either way it returns."""
    found = set()
    for seed in range(100):
        bench = Bench(explored(at_random(seed)), 3)
        m, log = bench.machine, bench.log
        m.hotplug = True

        def call(m: Any = m, log: list[Any] = log) -> None:
            m.on_selected_cpus([1], lambda _: log.append((m.smp_processor_id(), m.cpus[1].online.value)), None, wait=True)
            log.append("returned")

        bench.on(0, lambda m=m: m.cpu_down(1))
        bench.on(2, call)
        assert bench.run() is None
        found.add(tuple(log))
    assert found == {((1, 1), "returned"), ("returned",)}


@pytest.mark.parametrize("call", ["cpu_down", "cpu_up"])
def test_hotplug_needs_a_machine_with_hotplug(bench: Any, call: str) -> None:
    """A machine that was not told is not prepared for it, and says so."""
    bench.on(0, lambda: getattr(bench.machine, call)(1))
    failure = bench.run()
    assert failure.kind == PRECONDITION
    assert failure.message == f"CPU0: {call}(1) on a machine without CPU hotplug"


@pytest.mark.parametrize("call", ["cpu_down", "cpu_up"])
def test_a_cpu_cannot_take_itself_down(bench: Any, call: str) -> None:
    """Notifiers run on a CPU that stays."""
    bench.machine.hotplug = True
    bench.on(1, lambda: getattr(bench.machine, call)(1))
    failure = bench.run()
    assert failure.kind == PRECONDITION
    assert failure.message.startswith(f"CPU1: {call} of the CPU that calls, at test_machine.py:")


def test_a_one_shot_timer_fires_once_in_its_softirq(bench: Any) -> None:
    """On its own CPU, outside interrupts, with interrupts on."""
    m = bench.machine
    m.timer(1, lambda: bench.log.append((m.smp_processor_id(), m.in_irq(), m.local_irq_is_enabled())), 5000)
    assert bench.run() is None
    assert bench.log == [(1, False, True)]


def test_a_periodic_timer_fires_at_its_period(timed_bench: Any) -> None:
    """`count` times, `delay` cycles apart, give or take the way to the softirq."""
    m = timed_bench.machine
    m.timer(0, lambda: timed_bench.log.append(timed_bench.engine.now()), 100_000, count=3)
    assert timed_bench.run() is None
    assert [round(time, -4) for time in timed_bench.log] == [100_000, 200_000, 300_000]


def test_two_timers_of_one_cpu_both_fire(many: Any) -> None:
    """Expiries that fall into one TIMER softirq are all run."""
    for bench in many():
        m, log = bench.machine, bench.log
        for name in ("a", "b"):
            m.timer(0, lambda log=log, name=name: log.append(name), 1000, count=2)
        assert bench.run() is None
        assert sorted(log) == ["a", "a", "b", "b"]


def test_unquiet_says_what_is_left(bench: Any) -> None:
    """Held locks, raised softirqs and work bits of online CPUs are reported; a machine at rest has none."""
    m = bench.machine
    work = bench.work()
    assert m.unquiet() == []
    m.spin_lock(m.spinlock("lock"))
    m.cpus[1].softirqs.set_bit(RCU_SOFTIRQ)
    work.words[1].write(1)
    assert m.unquiet() == ["lock is held by CPU0", "softirqs 0x8 stay raised on CPU1", "work bits 0x1 stay set on CPU1"]
    m.cpus[1].online.write(0)
    assert m.unquiet() == ["lock is held by CPU0"]
