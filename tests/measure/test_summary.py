"""Putting runs together: means, spreads, and figures of things that did not happen."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import pytest

from harness.machine.diagnosis import Mistake
from harness.measure.figures import IRQ_P99
from harness.measure.settings import Settings
from harness.measure.summary import check_parameters, observe, summarise
from harness.measure.workload import Workload, usual_workload
from harness.suite.parameters import ParameterError
from harness.suite.program import SuiteMistake
from harness.tasklets.loads.idle_guests import TimerOnly
from stages import FIXED

LOAD = Workload("timer-only", TimerOnly(guests=2, vcpus_per_guest=1, warmup_us=100, length_us=2000))


def test_means_and_largest() -> None:
    """The mean of two runs, but the larger of two maxima; sums of the locks' counts; nothing for what did not happen."""
    run = observe(importlib.import_module(FIXED.stages[0].module), LOAD, 0)
    usual = run.figures["run_p50_us"] or 0
    other = replace(run, figures={**run.figures, "run_p50_us": usual + 2, "run_max_us": 1000.0})
    found = summarise(LOAD, (0, 1), [run, other])
    assert found.figures["run_p50_us"] == pytest.approx(usual + 1, abs=1e-3)
    assert found.spread["run_p50_us"] == pytest.approx(12.706, abs=1e-3)
    assert found.figures["run_max_us"] == 1000
    assert found.figures["irq_p99_us"] is None
    assert found.spread["irq_p99_us"] is None
    assert not found.differs(IRQ_P99, found)
    assert found.locks[0]["lock_count"] == 2 * run.locks[0].lock_count
    assert found.runstates[0]["running"] == 2 * run.runstates[0].running
    assert list(found.figures) == [row.name for row in LOAD.figures]
    assert found.configuration["parameters"]["tick_hz"] == 1000


def test_check_is_without_a_run() -> None:
    """A load whose vCPUs do not fit is found out; shared CPUs make room."""
    check_parameters(LOAD)
    with pytest.raises(ParameterError, match="144 vCPUs do not fit"):
        check_parameters(Workload("timer-only", TimerOnly(vcpus_per_guest=12)))
    check_parameters(Workload("timer-only", TimerOnly(vcpus_per_guest=12, vcpus_per_cpu=2)))


def test_estimates_are_those_of_the_table() -> None:
    """What is read in a source is not varied."""
    names = {cost.name for cost in usual_workload(settings=Settings()).estimates}
    assert {"inject", "ipi", "tick_work", "continuation"} <= names
    assert not names & {"vm_exit_entry", "time_slice", "load_shared"}


def load_of(build: Any) -> Workload:
    """A load of a suite that somebody has made."""
    row = replace(LOAD.row, build=build)
    return type("Own", (Workload,), {"row": property(lambda _: row)})("timer-only", LOAD.parameters)


def test_a_load_that_is_wrong_is_nobody_elses_fault() -> None:
    """One that returns no clients, and one that does not come back: its line is said, and no stage is to blame."""
    module = importlib.import_module(FIXED.stages[0].module)
    for fails in (lambda: check_parameters(load_of(nothing)), lambda: observe(module, load_of(nothing), 0)):
        with pytest.raises(
            SuiteMistake, match=r"^suite test_summary.py:\d+: load 'timer-only' has to return its clients, and .* has no runs$"
        ):
            fails()

    def stuck(run: Any, module: Any, parameters: Any) -> Any:
        raise Mistake("suite x.py:5: does not come back")

    for fails in (lambda: check_parameters(load_of(stuck)), lambda: observe(module, load_of(stuck), 0)):
        with pytest.raises(SuiteMistake, match=r"^suite x.py:5: does not come back$"):
            fails()


def nothing(run: Any, module: Any, parameters: Any) -> Any:
    """Builds nothing."""
