"""Stages with figures that are made up."""

from __future__ import annotations

from dataclasses import replace

from harness.measure.measured_run import QUANTILES
from harness.measure.performance import Performance
from harness.suite.figure import NotMeasured
from harness.verify.verdicts import StageResult
from tests.measure import made

CONFIGURATION = {"scenario": "idle-guests", "lock": "ttas", "machine": {"profile": "westmere-ex-8s"}, "mhz": 2130}
PROBLEM = "raised BUG: CPU0: <all> is lost"


def measured(index: int) -> Performance:
    """The baseline is slow, and all patches after it are the same."""
    slow = 40.0 if index == 0 else 1.0
    figures = {"idle_overhead_pct": slow / 4, "idle_steal_pct": 0.0 if index else 30.0, "irq_p50_us": slow, "irq_p99_us": 3 * slow}
    latencies = tuple(slow * (share + 1) / 100 for share in QUANTILES)
    found = made.performance(0.3, 1.0, 8, **figures)
    return replace(found, latencies=latencies, latency_spread=tuple(each / 10 for each in latencies), configuration=CONFIGURATION)


def stages(count: int = 4, broken: int | None = None) -> list[StageResult]:
    """The stages of a series, one of which could not be measured if it is `broken`."""
    found = [NotMeasured(PROBLEM) if index == broken else measured(index) for index in range(count)]
    return [StageResult(index, f"tasklet: Patch number {index}.", "module", performance=each) for index, each in enumerate(found)]
