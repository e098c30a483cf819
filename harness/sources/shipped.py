"""The series that ship with the harness: their stages are modules of the package `stages`."""

from __future__ import annotations

from harness.sources.target import Target, read_source
from stages.api import Series, Stage


def targets_of_series(series: Series) -> list[Target]:
    """The targets for all stages of a series."""
    return [_target(series, stage) for stage in series.stages]


def _target(series: Series, stage: Stage) -> Target:
    path = str(stage.path)
    source, problem = read_source(path)
    return Target(stage.index, stage.title, stage.module, path, series.name, series.suite, source, problem)
