"""The loads between CPUs, on scenes small enough to count."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import pytest

from harness.machine.scheduler import BLOCKED, RUNNABLE, RUNNING
from harness.measure.measured_run import MeasuredRun
from harness.measure.settings import LOCKS, Settings
from harness.measure.workload import Workload
from harness.suite.parameters import Window
from harness.tasklets.loads.cross_cpu import Caller, CrossCpu, StopMachine, VcpuTasklets, Walk, add_callers, put_cross_cpu
from harness.tasklets.loads.guests import Host
from harness.tasklets.loads.no_stage import NO_STAGE
from harness.tasklets.loads.scenarios import LOADS
from stages import FIXED
from tests.tasklets.loads.measured import measure

STAGES = [stage.module for stage in FIXED.stages]
SETTINGS = Settings("uniform")


def scene(module: str, length_us: int = 1000) -> tuple[MeasuredRun, Host]:
    """A machine with a stage on it, without a load and without a warm-up."""
    run = MeasuredRun(Window(0, length_us), SETTINGS, 0)
    return run, Host(run.machine, importlib.import_module(module), run.costs.cycles)  # type: ignore[arg-type]


@pytest.mark.parametrize("module", STAGES)
def test_a_caller_waits_for_its_continuation(module: str) -> None:
    """As many runs as hypercalls; the vCPU is blocked meanwhile, for the flight of two IPIs and more each time."""
    run, host = scene(module)
    caller = Caller(run, host, 0, [1], 50)
    run.observed.append(caller.vcpu)
    run.observe(host, ())
    runs = host.runs
    assert 5 < runs < 20
    assert host.machine.cpus[1].idle.runstate == RUNNING
    assert 2000 * runs < caller.vcpu.times[BLOCKED] < 20_000 * runs


def test_a_caller_on_every_cpu() -> None:
    """Eighty CPUs that all have work from the start are no deeper a stack than one."""
    found = measure(
        importlib.import_module(STAGES[0]), seeds=2, workload=Workload("cross-cpu", CrossCpu(callers=80, warmup_us=0, length_us=100))
    )  # type: ignore[arg-type]
    assert (found.figures["tasklets_per_s"] or 0) > 0


def test_callers_share_cpus() -> None:
    """Two callers on each CPU, each with thoughts of its own; neither is lost."""
    run, host = scene(STAGES[0])
    run.window = replace(run.window, vcpus_per_cpu=2)
    add_callers(run, host, 6, 50, [0], "other")
    run.observe(host, ())
    assert [vcpu.cpu for vcpu in run.observed] == [0, 1, 2] * 2
    assert [vcpu.name for vcpu in run.observed][::3] == ["caller0v0", "caller0.1v0"]
    assert all(vcpu.times[RUNNABLE] > 0 and vcpu.times[BLOCKED] > 0 for vcpu in run.observed)


def test_a_caller_that_continues_at_home_blocks_too() -> None:
    """On its own CPU the function runs in the idle vCPU, so the caller must have left."""
    run, host = scene(STAGES[0])
    caller = Caller(run, host, 3, [3], 50)
    run.observed.append(caller.vcpu)
    run.observe(host, ())
    assert host.runs > 0
    assert caller.vcpu.times[BLOCKED] > 0


@pytest.mark.parametrize("module", STAGES)
@pytest.mark.parametrize("number", [0, 1])
def test_a_walk_visits_the_cpus_in_turn(module: str, number: int) -> None:
    """Both kinds of walk, the initialised and the declared tasklet, go round all CPUs."""
    run, host = scene(module)
    visited: list[int] = []

    class Noted(Walk):
        def visit(self, data: object) -> None:
            visited.append(run.machine.smp_processor_id())
            super().visit(data)

    Noted(run, host, number, 2, [0, 1, 2, 3])
    run.observe(host, ())
    first = 2 * number
    assert len(visited) > 20
    assert visited == [(first + step) % 4 for step in range(len(visited))]


@pytest.mark.parametrize("module", STAGES)
def test_stop_machine_stops_everybody(module: str) -> None:
    """When the work is done all other CPUs have arrived, with their interrupts off, and they all leave."""
    run, host = scene(module, 3000)
    stopped: list[int] = []

    class Noted(StopMachine):
        def stop(self, data: object) -> None:
            super().stop(data)
            stopped.append(run.machine.smp_processor_id())

        def _await(self, word: Any, value: int) -> None:
            super()._await(word, value)
            if word is self.arrived:
                assert not any(run.machine.cpus[other].irqs_on for other in self.others)

    Noted(run, host, 0, 1000)
    run.observe(host, ())
    assert len(stopped) >= 79
    assert sorted(stopped[:79]) == list(range(1, 80))


@pytest.mark.parametrize("name", LOADS)
@pytest.mark.parametrize("module", [STAGES[0], STAGES[-1]])
def test_every_scenario_runs_on_both_ends_of_the_series(name: str, module: str) -> None:
    """There is work, there are observed vCPUs, and the same seeds give the same figures."""
    load = Workload(name, LOADS[name].parameters(warmup_us=200, length_us=1500))
    found = measure(importlib.import_module(module), seeds=2, workload=load)
    assert (found.figures["tasklets_per_s"] or 0) > 0
    assert found.figures["run_p99_us"] is not None
    assert found.runstates
    assert found.to_json() == measure(importlib.import_module(module), seeds=2, workload=load).to_json()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_lock_flavour_runs(lock: str) -> None:
    """Flavours are settings: the same load, other waits."""
    load = Workload("cross-cpu", CrossCpu(warmup_us=200, length_us=1000, think_us=20), Settings(lock=lock))
    found = measure(importlib.import_module(STAGES[0]), seeds=2, workload=load)
    assert found.configuration["lock"] == lock
    assert (found.figures["lock_wait_us_mean"] or 0) > 0


def test_fewer_sockets_have_fewer_callers() -> None:
    """The load per socket stays the same."""
    for sockets, callers in ((1, 5), (2, 10), (0, 40)):
        run = MeasuredRun(Window(0, 1), Settings(), 0)
        put_cross_cpu(run, Host(run.machine, NO_STAGE, run.costs.cycles), CrossCpu(sockets=sockets))
        assert len(run.observed) == callers
        assert max(vcpu.cpu for vcpu in run.observed) < (sockets or 8) * 10


def test_stop_machine_can_be_left_out() -> None:
    """With no rate there is no vCPU for it."""
    load = Workload("vcpu-tasklets", VcpuTasklets(warmup_us=100, length_us=500, stop_hz=0))
    assert measure(importlib.import_module(STAGES[-1]), seeds=2, workload=load).figures["tasklets_per_s"]
