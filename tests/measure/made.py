"""Measurements made by hand."""

from __future__ import annotations

from harness.jobs.stage_loading import Target
from harness.measure.figures import figures_of
from harness.measure.loads_of_suite import loads_named
from harness.measure.performance import Performance
from stages.api import DEFAULT_SUITE

ROWS = figures_of(loads_named(DEFAULT_SUITE).values())
BY_NAME = {row.name: row for row in ROWS}


def performance(spread: float = 0.1, usual: float | None = 1.0, runs: int = 2, **figures: float | None) -> Performance:
    """A result with these figures, `usual` for all others, each with the same spread."""
    values: dict[str, float | None] = {**dict.fromkeys(BY_NAME, usual), **figures}
    return Performance(ROWS, values, dict.fromkeys(BY_NAME, spread), (), (), (), tuple(range(runs)), {})


def target(index: int, series: str = "fixed") -> Target:
    """A stage of that number."""
    return Target(index, f"patch {index}", "module", "path", series)
