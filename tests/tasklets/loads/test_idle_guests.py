"""The scenario `idle-guests`: its paths on scenes small enough to count, and what its figures mean."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import pytest

from harness.machine.scheduler import BLOCKED, RUNNABLE, RUNNING
from harness.measure.costs import CostTable
from harness.measure.figures import IDLE_OVERHEAD
from harness.measure.measured_run import MeasuredRun, MeasurementError, spread
from harness.measure.settings import Settings
from harness.measure.workload import Workload, usual_workload
from harness.tasklets.loads.guests import Guest, Host, TimerSource, VirtualFunction
from harness.tasklets.loads.idle_guests import IdleGuests
from harness.timed.accounting import AccountingMachine
from harness.timed.timed_engine import TimedEngine
from stages import FIXED
from tests.tasklets.loads.measured import measure

STAGES = [stage.module for stage in FIXED.stages]
BASELINE = STAGES[0]

# A few events, no crowd.
SMALL = Workload("idle-guests", IdleGuests(busy_vfs=(1,), idle_vfs=(1,), vcpus_per_guest=1, device_hz=2000, warmup_us=500, length_us=4000))


class Once:
    """An arrival process of given times, in µs."""

    def __init__(self, costs: CostTable, *times: int) -> None:
        self.times = [costs.from_us(time) for time in times]
        self.now = 0

    def __call__(self) -> int:
        """The cycles to the next time; the last is never."""
        if not self.times:
            return 1 << 60
        gap, self.now = self.times[0] - self.now, self.times[0]
        self.times.pop(0)
        return gap


def scene(module: str, end_us: int) -> tuple[Host, CostTable]:
    """A host with no guests yet."""
    costs = CostTable("uniform")
    engine = TimedEngine(costs.caches(), costs.cycles, end=costs.from_us(end_us))
    return Host(AccountingMachine(engine, 2), importlib.import_module(module), costs.cycles), costs  # type: ignore[arg-type]


def played(host: Host) -> Host:
    """Run the scene to its end."""
    engine = host.machine.timed
    engine.run()
    engine.close()
    assert engine.failure is None
    host.machine.settle([vcpu for guest in host.guests for vcpu in guest.vcpus], engine.end)
    return host


@pytest.mark.parametrize("module", STAGES)
def test_timer_event_of_a_blocked_vcpu(module: str) -> None:
    """Woken by the event-channel tasklet, it is RUNNABLE shortly, RUNNING for its work and the switch, BLOCKED the rest of the time."""
    host, costs = scene(module, 1000)
    guest = Guest(host, "idle", [0], busy=False)
    TimerSource(guest.vcpus[0], Once(costs, 100))
    played(host)
    times = guest.vcpus[0].times
    assert host.runs == 1
    assert guest.vcpus[0].runstate == BLOCKED
    assert 0 < times[RUNNABLE] < 4000
    # 40 µs of work, a switch to it, VM entry and exit, and a few accesses.
    assert 40_000 + 2500 + 2000 < times[RUNNING] < 40_000 + 2500 + 2000 + 1500
    # It was not RUNNING while there was tasklet work to do.
    assert host.machine.stage_time.get(guest.vcpus[0], 0) == 0


def test_event_while_running_is_charged() -> None:
    """An event that arrives while the vCPU works is tasklet time of its RUNNING time, locks included, interrupts' own costs not."""
    host, costs = scene(BASELINE, 1000)
    guest = Guest(host, "idle", [0], busy=False)
    TimerSource(guest.vcpus[0], Once(costs, 100))
    TimerSource(guest.vcpus[0], Once(costs, 120))
    played(host)
    charged = host.machine.stage_time[guest.vcpus[0]]
    assert host.runs == 2
    assert guest.vcpus[0].times[RUNNING] > 2 * 40_000
    # The function (400) and some tens of accesses that hit; far from the 1000 of an interrupt handler on top.
    assert 400 < charged < 1400


def test_interrupt_in_tasklet_code_is_not_charged() -> None:
    """An unrelated interrupt in the middle of a tasklet's function costs the vCPU its handler, but is no tasklet time."""

    def charged(disturbed_at: int | None) -> tuple[int, int]:
        host, costs = scene(BASELINE, 200)
        guest = Guest(host, "busy", [0], busy=True)
        host.machine.start_vcpu(guest.vcpus[0])
        VirtualFunction(guest.vcpus[0], Once(costs, 50))
        if disturbed_at is not None:
            host.interrupt(0, lambda: None, disturbed_at)
        played(host)
        return host.machine.stage_time[guest.vcpus[0]], 50_000 + host.irq_latencies[0]

    time, injected_at = charged(None)
    assert time > 1500
    assert charged(injected_at - 500)[0] == time


def test_pending_event_is_not_sent_again() -> None:
    """A timer that expires before the guest has seen its last event adds nothing."""
    host, costs = scene(BASELINE, 1000)
    guest = Guest(host, "idle", [0], busy=False)
    blocker = TimerSource(guest.vcpus[0], Once(costs, 100))
    source = TimerSource(guest.vcpus[0], Once(costs, 110, 120))
    played(host)
    assert not source.pending
    assert not blocker.pending
    assert host.runs == 2


@pytest.mark.parametrize("module", STAGES)
def test_device_interrupt_of_a_busy_guest(module: str) -> None:
    """One interrupt: one run, one injection, after handler, tasklet_schedule and injection; then 10 µs of work with the vector masked."""
    host, costs = scene(module, 200)
    guest = Guest(host, "busy", [0], busy=True)
    host.machine.start_vcpu(guest.vcpus[0])
    vf = VirtualFunction(guest.vcpus[0], Once(costs, 50))
    played(host)
    assert host.runs == 1
    assert not vf.masked
    # VM exit, handler, tasklet_schedule, injection; and the stage's own accesses.
    assert 1000 + 1000 + 800 + 1500 < host.irq_latencies[0] < 1000 + 1000 + 800 + 1500 + 3500
    assert guest.vcpus[0].times[RUNNING] == 200_000


def test_masked_interrupts_are_one() -> None:
    """What a device raises while its vector is masked is one interrupt, when the guest has handled the first."""
    host, costs = scene(BASELINE, 200)
    guest = Guest(host, "busy", [0], busy=True)
    host.machine.start_vcpu(guest.vcpus[0])
    VirtualFunction(guest.vcpus[0], Once(costs, 50, 52, 54, 56))
    played(host)
    assert len(host.irq_latencies) == 2


def test_vcpu_on_another_cpu_is_kicked() -> None:
    """A tasklet that runs for two VFs gives each vCPU its interrupt, one by IPI."""
    host, costs = scene(STAGES[1], 300)
    guest = Guest(host, "busy", [0, 1], busy=True)
    for vcpu in guest.vcpus:
        host.machine.start_vcpu(vcpu)
    first, second = (VirtualFunction(vcpu, Once(costs, 50)) for vcpu in guest.vcpus)
    played(host)
    assert len(host.irq_latencies) == 2
    assert not first.masked
    assert not second.masked
    assert host.machine.counts["ipi event-check"] >= 1


def test_three_acquisitions_per_run() -> None:
    """Baseline, one VF per guest: exactly three acquisitions of the global lock per run; from stage 1 on none."""
    for module in STAGES:
        found = measure(importlib.import_module(module), seeds=2, workload=SMALL)
        # Tasklets that are between two of the three at either end of the time observed.
        assert found.figures["locks_per_run"] == pytest.approx(3 if module == BASELINE else 0, abs=0.1)


def with_extra_lock() -> ModuleType:
    """The baseline with one more acquisition in `tasklet_schedule`."""
    module = ModuleType("broken")
    source = importlib.import_module(BASELINE)
    vars(module).update(vars(source))

    class TaskletSubsystem(source.TaskletSubsystem):  # type: ignore[misc,name-defined]
        def tasklet_schedule(self, t: Any) -> None:
            self.hv.spin_unlock_irqrestore(self.tasklet_lock, self.hv.spin_lock_irqsave(self.tasklet_lock))
            super().tasklet_schedule(t)

    module.TaskletSubsystem = TaskletSubsystem  # type: ignore[attr-defined]
    return module


def test_extra_acquisition_shows() -> None:
    """A stage that takes its lock once more has one more acquisition per run."""
    found = measure(with_extra_lock(), seeds=2, workload=SMALL)
    assert found.figures["locks_per_run"] == pytest.approx(4, abs=0.15)


def test_reported_symptoms() -> None:
    """At the default rate the baseline loses about a tenth of the idle guests' time, and a good part to steal; stage 1 loses neither."""
    baseline, first = (measure(importlib.import_module(module)) for module in STAGES[:2])
    assert 6 < baseline.figures["idle_overhead_pct"] < 14
    assert 20 < baseline.figures["idle_steal_pct"] < 55
    assert first.figures["idle_overhead_pct"] < 0.5
    assert first.figures["idle_steal_pct"] < 2
    assert first.figures["irq_p99_us"] * 5 < baseline.figures["irq_p99_us"]
    assert first.differs(IDLE_OVERHEAD, baseline)
    assert first.figures["locks_per_run"] == 0


def test_same_seed_same_figures() -> None:
    """A measurement is repeated to the digit, and another seed gives another."""
    module: Any = importlib.import_module(BASELINE)
    load = Workload("idle-guests", IdleGuests(length_us=2000, warmup_us=500))
    assert measure(module, 3, 2, load).to_json() == measure(module, 3, 2, load).to_json()
    assert measure(module, 3, 2, load).figures != measure(module, 5, 2, load).figures


def test_json() -> None:
    """The object has the documented keys, the spread of the same shape, and the resolved configuration."""
    found = measure(importlib.import_module(BASELINE), seeds=2, workload=SMALL).to_json()
    figures = {
        "locks_per_run",
        "lock_wait_us_mean",
        "lock_wait_us_max",
        "idle_overhead_pct",
        "idle_steal_pct",
        "irq_latency_us",
        "run_latency_us",
        "tasklets_per_s",
    }
    assert set(found["spread"]) == figures
    assert set(found) == figures | {"spread", "locks", "configuration"}
    assert set(found["irq_latency_us"]) == {"p50", "p99", "max"}
    assert found["configuration"]["parameters"]["device_hz"] == 2000
    assert found["locks"][0]["name"] == "tasklet_lock"


def test_every_stage_sees_the_same_arrivals() -> None:
    """The stages differ in what they do, not in what happens to them: without a crowd, as many runs on each."""
    runs = {measure(importlib.import_module(module), seeds=2, workload=SMALL).figures["tasklets_per_s"] for module in STAGES}
    assert len(runs) == 1


def test_runstates_add_up() -> None:
    """Each idle vCPU's runstates add up to the time observed."""
    parameters = IdleGuests(length_us=2000)
    run = MeasuredRun(parameters, Settings(), 0)
    clients = usual_workload().row.build(run, importlib.import_module(BASELINE), parameters)
    run.observe(clients, ())
    for vcpu in run.observed:
        assert sum(vcpu.times.values()) == pytest.approx(2000 * 2130, abs=5000)


def test_broken_stage_is_an_error() -> None:
    """A stage that crashes under load is a measurement error that names the place."""
    module = with_extra_lock()

    def broken(self: Any, t: Any) -> None:
        raise KeyError(t.name)

    module.TaskletSubsystem.tasklet_schedule = broken  # type: ignore[attr-defined]
    with pytest.raises(MeasurementError, match="KeyError"):
        measure(module, seeds=2, workload=SMALL)


def test_stage_that_exits_when_built_is_an_error() -> None:
    """What comes out of a stage while it is set up does not end the harness."""
    module = with_extra_lock()

    def leave(self: Any, hv: Any) -> None:
        raise SystemExit(3)

    module.TaskletSubsystem.__init__ = leave  # type: ignore[attr-defined]
    with pytest.raises(MeasurementError, match="SystemExit"):
        measure(module, seeds=2, workload=SMALL)


def test_too_many_vcpus() -> None:
    """VCPUs that do not fit on the sockets are an error, not a second vCPU on a CPU."""
    topology = CostTable("westmere-ex-8s").topology
    assert spread(6, topology, range(4)) == [0, 10, 11, 20, 30, 31]
    with pytest.raises(ValueError, match="do not fit"):
        spread(41, topology, range(4))


def test_one_seed_has_no_spread() -> None:
    """A single run cannot say how far it can be trusted."""
    with pytest.raises(ValueError, match="two seeds"):
        measure(importlib.import_module(BASELINE), seeds=1, workload=SMALL)
