"""The series that ship with the harness: their stages are modules of the package `stages`, or C files in it."""

from __future__ import annotations

from dataclasses import replace
from textwrap import fill

from harness.sources.file_trees import DiskTree
from harness.sources.made_of import StageFiles, made_with
from harness.sources.native_settings import NativeSettings
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target, read_source
from stages.api import Series, Stage

# Leaves room for the four columns by which `git log` indents.
LINE = 72


def shipped_series(series: Series, native: NativeSettings | None = None) -> SourcedSeries:
    """A series by its record; `native` says how its stages are compiled, if they are in C."""
    headers = tuple(dict.fromkeys(header for stage in series.stages for header in stage.headers))
    targets, messages = tuple(targets_of_series(series, native)), tuple(map(message_of, series.stages))
    return SourcedSeries(series.name, series.suite, targets, messages, series.accepted, series.file, headers, patches=False)


def message_of(stage: Stage) -> str:
    """The commit message: the patch's title, and below it what the stage's record says, in lines as git shows them best."""
    paragraphs = [fill(paragraph, LINE, break_long_words=False, break_on_hyphens=False) for paragraph in stage.message.split("\n\n")]
    return "\n\n".join([stage.subject or stage.title, *filter(None, paragraphs)]) + "\n"


def targets_of_series(series: Series, native: NativeSettings | None = None) -> list[Target]:
    """The targets for all stages of a series; `native` says how those in C are compiled."""
    return [_target(series, stage, native or NativeSettings()) for stage in series.stages]


def _target(series: Series, stage: Stage, native: NativeSettings) -> Target:
    path = str(stage.path)
    source, problem = read_source(path)
    found = Target(stage.index, stage.title, stage.module, path, series.name, series.suite, source, problem)
    if problem or not found.is_c:
        return found
    files = StageFiles((stage.path.name,), native=replace(native, headers=stage.headers))
    made = made_with(DiskTree(stage.path.parent), files, source)
    return replace(found, source=made.source, problem=made.problem, beside=made.beside, native=files.options)
