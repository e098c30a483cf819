"""What holds of every load of tasklets, with its usual parameters for a short time."""

from __future__ import annotations

import importlib
from dataclasses import replace

import pytest

from harness.measure.measured_run import MeasuredRun
from harness.measure.settings import Settings
from harness.tasklets.loads.scenarios import LOADS
from stages import FIXED

# All stages that differ in who runs a tasklet, and how it gets there.
STAGES = [FIXED.stages[index].module for index in (0, 1, 2)]


@pytest.mark.parametrize("module", STAGES)
@pytest.mark.parametrize("load", LOADS)
def test_latencies_are_above_zero(load: str, module: str) -> None:
    """No run begins before it is asked for, and no interrupt is injected before it comes, though CPUs are executed ahead of each other."""
    window = replace(LOADS[load].parameters(), warmup_us=500, length_us=1500)
    run = MeasuredRun(window, Settings(), 0)
    host = LOADS[load].build(run, importlib.import_module(module), window)
    run.observe(host, ())
    assert min(host.run_latencies) > 0
    assert min(host.irq_latencies, default=1) > 0
