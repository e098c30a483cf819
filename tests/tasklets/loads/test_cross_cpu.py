"""The loads between CPUs, on scenes small enough to count."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import pytest

from harness.machine.scheduler import BLOCKED, RUNNABLE, RUNNING
from harness.measure.measured_run import Scene
from harness.measure.settings import LOCKS, Settings
from harness.measure.summary import Load, measure
from harness.suite.parameters import Window
from harness.tasklets.loads.cross_cpu import Caller, CrossCpu, StopMachine, VcpuTasklets, Walk, add_callers, build_cross_cpu
from harness.tasklets.loads.scenarios import SCENARIOS
from stages import FIXED

STAGES = [stage.module for stage in FIXED.stages]
SETTINGS = Settings("uniform")


def scene(module: str, length_us: int = 1000) -> Scene:
    """A scene without a load and without a warm-up."""
    return Scene(importlib.import_module(module), Window(0, length_us), SETTINGS, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("module", STAGES)
def test_a_caller_waits_for_its_continuation(module: str) -> None:
    """As many runs as hypercalls; the vCPU is blocked meanwhile, for the flight of two IPIs and more each time."""
    made = scene(module)
    caller = Caller(made, 0, [1], 50)
    made.observed.append(caller.vcpu)
    found = made.observe()
    runs = found.tasklets_per_s / 1000
    assert 5 < runs < 20
    assert made.host.machine.cpus[1].idle.runstate == RUNNING
    assert 2000 * runs < caller.vcpu.times[BLOCKED] < 20_000 * runs


def test_a_caller_on_every_cpu() -> None:
    """Eighty CPUs that all have work from the start are no deeper a stack than one."""
    found = measure(importlib.import_module(STAGES[0]), seeds=2, load=Load("cross-cpu", CrossCpu(callers=80, warmup_us=0, length_us=100)))  # type: ignore[arg-type]
    assert (found.figures["tasklets_per_s"] or 0) > 0


def test_callers_share_cpus() -> None:
    """Two callers on each CPU, each with thoughts of its own; neither is lost."""
    made = scene(STAGES[0])
    made.window = replace(made.window, vcpus_per_cpu=2)
    add_callers(made, 6, 50, [0], "other")
    made.observe()
    assert [vcpu.cpu for vcpu in made.observed] == [0, 1, 2] * 2
    assert [vcpu.name for vcpu in made.observed][::3] == ["caller0v0", "caller0.1v0"]
    assert all(vcpu.times[RUNNABLE] > 0 and vcpu.times[BLOCKED] > 0 for vcpu in made.observed)


def test_a_caller_that_continues_at_home_blocks_too() -> None:
    """On its own CPU the function runs in the idle vCPU, so the caller must have left."""
    made = scene(STAGES[0])
    caller = Caller(made, 3, [3], 50)
    made.observed.append(caller.vcpu)
    assert made.observe().tasklets_per_s > 0
    assert caller.vcpu.times[BLOCKED] > 0


@pytest.mark.parametrize("module", STAGES)
@pytest.mark.parametrize("number", [0, 1])
def test_a_walk_visits_the_cpus_in_turn(module: str, number: int) -> None:
    """Both kinds of walk, the initialised and the declared tasklet, go round all CPUs."""
    made = scene(module)
    visited: list[int] = []

    class Noted(Walk):
        def visit(self, data: object) -> None:
            visited.append(made.machine.smp_processor_id())
            super().visit(data)

    Noted(made, number, 2, [0, 1, 2, 3])
    made.observe()
    first = 2 * number
    assert len(visited) > 20
    assert visited == [(first + step) % 4 for step in range(len(visited))]


@pytest.mark.parametrize("module", STAGES)
def test_stop_machine_stops_everybody(module: str) -> None:
    """When the work is done all other CPUs have arrived, with their interrupts off, and they all leave."""
    made = scene(module, 3000)
    stopped: list[int] = []

    class Noted(StopMachine):
        def stop(self, data: object) -> None:
            super().stop(data)
            stopped.append(made.machine.smp_processor_id())

        def _await(self, word: Any, value: int) -> None:
            super()._await(word, value)
            if word is self.arrived:
                assert not any(made.machine.cpus[other].irqs_on for other in self.others)

    Noted(made, 0, 1000)
    made.observe()
    assert len(stopped) >= 79
    assert sorted(stopped[:79]) == list(range(1, 80))


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("module", [STAGES[0], STAGES[-1]])
def test_every_scenario_runs_on_both_ends_of_the_series(name: str, module: str) -> None:
    """There is work, there are observed vCPUs, and the same seeds give the same figures."""
    load = Load(name, SCENARIOS[name].parameters(warmup_us=200, length_us=1500))
    found = measure(importlib.import_module(module), seeds=2, load=load)  # type: ignore[arg-type]
    assert (found.figures["tasklets_per_s"] or 0) > 0
    assert found.figures["run_p99_us"] is not None
    assert found.runstates
    assert found.to_json() == measure(importlib.import_module(module), seeds=2, load=load).to_json()  # type: ignore[arg-type]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_lock_flavour_runs(lock: str) -> None:
    """Flavours are settings: the same load, other waits."""
    load = Load("cross-cpu", CrossCpu(warmup_us=200, length_us=1000, think_us=20), Settings(lock=lock))
    found = measure(importlib.import_module(STAGES[0]), seeds=2, load=load)  # type: ignore[arg-type]
    assert found.configuration["lock"] == lock
    assert (found.figures["lock_wait_us_mean"] or 0) > 0


def test_fewer_sockets_have_fewer_callers() -> None:
    """The load per socket stays the same."""
    for sockets, callers in ((1, 5), (2, 10), (0, 40)):
        made = Scene(importlib.import_module(STAGES[0]), Window(0, 1), Settings(), 0)  # type: ignore[arg-type]
        build_cross_cpu(made, CrossCpu(sockets=sockets))
        assert len(made.observed) == callers
        assert max(vcpu.cpu for vcpu in made.observed) < (sockets or 8) * 10


def test_stop_machine_can_be_left_out() -> None:
    """With no rate there is no vCPU for it."""
    load = Load("vcpu-tasklets", VcpuTasklets(warmup_us=100, length_us=500, stop_hz=0))
    assert measure(importlib.import_module(STAGES[-1]), seeds=2, load=load).figures["tasklets_per_s"]  # type: ignore[arg-type]
