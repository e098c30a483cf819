"""What the page says of one patch: its message, its lines, what it breaks and repairs, and how the stage differs from the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.measure.performance import Performance
from harness.report.behaviour_rows import behaviour_rows
from harness.report.failures_table import lacking_lines, undecided_lines
from harness.report.figure_cells import figure_text, marked_text
from harness.report.html.failures_on_page import FailureOnPage
from harness.report.html.passing import Passing, Through, passing
from harness.report.html.patch_diff import FileDiff, patch_diff, visits
from harness.report.html.short_answer import patch_anchor
from harness.report.html.verdict_words import ACCEPTED
from harness.report.review import Reviewed
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target
from harness.suite.figure import NotMeasured
from harness.verify.faults import untestable
from harness.verify.steps import Step
from harness.verify.verdicts import StageResult


@dataclass(frozen=True)
class BesideBefore:
    """Rows about the stage and the one before, or why there are none, in a sentence."""

    rows: tuple[tuple[str, str, str], ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class PatchSection:
    """A stage. `files`: what its patch changes; None where nobody knows the stage before. `failures`: of the stage, in the order of
    their numbers in `DiffLine.visits`; `passing`: those that go through lines of the patch, by the file and these numbers.
    """

    anchor: str
    index: int
    title: str
    commit: str
    author: str
    message: str
    files: tuple[FileDiff, ...] | None
    unchanged: bool
    problem: str
    undecided: tuple[str, ...]
    failures: tuple[FailureOnPage, ...]
    passing: Mapping[Through, Passing]
    repairs: tuple[Step, ...]
    behaviour: BesideBefore
    figures: BesideBefore

    @property
    def breaks(self) -> list[FailureOnPage]:
        """What the patch breaks, or may have."""
        return [each for each in self.failures if each.new and each.word != ACCEPTED]

    @property
    def accepted(self) -> list[FailureOnPage]:
        """What is violated and accepted."""
        return [each for each in self.failures if each.word == ACCEPTED]

    @property
    def still_broken(self) -> list[FailureOnPage]:
        """What was violated before."""
        return [each for each in self.failures if not each.new and each.word != ACCEPTED]


@dataclass(frozen=True)
class Neighbours:
    """A stage, and the one before it in the series, as they were tested and as they are; None where it was not."""

    stage: StageResult
    target: Target
    tested_before: StageResult | None
    before: Target | None


def patch_section(
    of: Neighbours,
    series: SourcedSeries,
    reviewed: Reviewed,
    failures: Sequence[FailureOnPage],
    problem: str,
    unchanged: bool,
) -> PatchSection:
    """The section of one stage; `failures` are those of the whole run."""
    stage, target = of.stage, of.target
    own = tuple(sorted((each for each in failures if each.stage == stage.index), key=lambda each: not each.new))
    visited = visits([each for each in own if each.new])
    name = target.module if series.patches else series.file
    files = None if of.before is None else tuple(patch_diff(of.before, target, name, visited))
    anchor = patch_anchor(stage.index)
    return PatchSection(
        anchor,
        stage.index,
        stage.title,
        stage.commit,
        _of_stage(series, series.authors, target),
        _of_stage(series, series.messages, target).strip("\n"),
        files,
        unchanged,
        problem or untestable([stage]).get(stage.index, ""),
        (*lacking_lines([stage]), *undecided_lines([stage])),
        own,
        passing(anchor, files or (), own),
        tuple(step for step in reviewed.conclusion.steps.mends if step.patch == stage.index),
        _behaviour(reviewed, of),
        _figures(of),
    )


def _of_stage(series: SourcedSeries, texts: Sequence[str], target: Target) -> str:
    """Of texts that the stages of a series have, that of one of them; nothing if there is none."""
    return next((text for each, text in zip(series.targets, texts, strict=False) if each.index == target.index), "")


def _behaviour(reviewed: Reviewed, of: Neighbours) -> BesideBefore:
    now, before = of.stage.behaviour, of.tested_before
    if before is None:
        return BesideBefore(problem="the stage before is not in this run" if of.stage.index else "")
    if isinstance(now, NotMeasured) or isinstance(before.behaviour, NotMeasured):
        return BesideBefore(problem=f"not measured: {_why(now, before.behaviour)}")
    if not now or not before.behaviour:
        # The suite has no probes, or somebody has interrupted the run.
        return BesideBefore(problem="not measured in this run")
    rows = behaviour_rows(reviewed.suite.probes, before.behaviour, now)
    return BesideBefore(tuple(rows), "" if rows else "no measured behaviour differs")


def _why(*found: Mapping[str, object] | NotMeasured) -> str:
    return next(each.problem for each in found if isinstance(each, NotMeasured))


def _figures(of: Neighbours) -> BesideBefore:
    now, before = of.stage.performance, None if of.tested_before is None else of.tested_before.performance
    if isinstance(now, NotMeasured):
        return BesideBefore(problem=f"not measured: {now.problem}")
    if not isinstance(now, Performance):
        return BesideBefore(problem="performance was not measured in this run")
    return BesideBefore(tuple((row.title, figure_text(row, before), marked_text(row, now, before)) for row in now.rows))
