"""The series that ship with the harness: their stages are modules of the package `stages`."""

from __future__ import annotations

from textwrap import fill

from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target, read_source
from stages.api import Series, Stage

# Leaves room for the four columns by which `git log` indents.
LINE = 72


def shipped_series(series: Series) -> SourcedSeries:
    """A series by its record."""
    targets, messages = tuple(targets_of_series(series)), tuple(map(message_of, series.stages))
    return SourcedSeries(series.name, series.suite, targets, messages, series.accepted, series.file, patches=False)


def message_of(stage: Stage) -> str:
    """The commit message: the patch's title, and below it what the stage's record says, in lines as git shows them best."""
    paragraphs = [fill(paragraph, LINE, break_long_words=False, break_on_hyphens=False) for paragraph in stage.message.split("\n\n")]
    return "\n\n".join([stage.subject or stage.title, *filter(None, paragraphs)]) + "\n"


def targets_of_series(series: Series) -> list[Target]:
    """The targets for all stages of a series."""
    return [_target(series, stage) for stage in series.stages]


def _target(series: Series, stage: Stage) -> Target:
    path = str(stage.path)
    source, problem = read_source(path)
    return Target(stage.index, stage.title, stage.module, path, series.name, series.suite, source, problem)
