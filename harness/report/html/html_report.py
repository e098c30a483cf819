"""What is on the page: a model of plain, frozen records, made of the results of a run. How it looks is a matter of the templates."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from harness.measure.ladder_curves import LadderCurves
from harness.report.core_report import core_text
from harness.report.failures_table import excused_lines, not_run_lines, step_lines, undecided_lines, untestable_lines
from harness.report.html.anchors import Anchors
from harness.report.html.contract_matrix import ContractMatrix, contract_matrix
from harness.report.html.failures_on_page import FailureOnPage, each_once, failures_on_page
from harness.report.html.patch_section import Neighbours, PatchSection, patch_section
from harness.report.html.report_plots import UNDRAWN, PlotOnPage, report_plots
from harness.report.html.short_answer import Linked, ShortAnswer, linked_line, patch_anchor, short_answer
from harness.report.html.verdict_words import MEANING
from harness.report.interrupted_words import TESTS_LACKING
from harness.report.patches_table import patches_rows
from harness.report.performance_line import performance_line
from harness.report.review import BEYOND, tested
from harness.report.run_markdown import Reported
from harness.report.tables import OPEN_ENDS, every_interleaving, open_ends_rows, stages_rows
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target
from harness.verify.conclusions import Conclusion, count_of

GOOD, BAD, UNSURE = "good", "bad", "unsure"
PLAIN = "simple"
# The column whose cells lead to the sections of the patches.
PATCH = "patch"


@dataclass(frozen=True)
class RunOnPage:
    """What a page is made of. `command`: the words that make it again; `settings`: what else there is to say of how it was tested.

    `unchanged`: the patches that change no code. `ladder`: a lock ladder, if there is one to show.
    """

    reported: Reported
    series: SourcedSeries
    targets: Sequence[Target]
    command: Sequence[str]
    settings: Sequence[tuple[str, str]] = ()
    unchanged: Sequence[int] = ()
    ladder: LadderCurves | None = None


@dataclass(frozen=True)
class TableOnPage:
    """Headers and cells; in the column `linked`, the cell of a row leads to the place in `links`."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    links: tuple[str, ...] = ()
    linked: int = -1


@dataclass(frozen=True)
class Remarks:
    """Lines under a heading."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class HtmlReport:
    """The page. `state`: `GOOD`, `BAD` or `UNSURE`, which is how good the `answer` is.

    `did`: what each patch does, in lines. `undrawn`: why there is no plot, where there could be.
    """

    heading: str
    answer: ShortAnswer
    performance_answer: str
    state: str
    tested: str
    series: TableOnPage
    did: tuple[tuple[Linked, ...], ...]
    meanings: tuple[tuple[str, str], ...]
    matrix: ContractMatrix
    patches: tuple[PatchSection, ...]
    failures: tuple[FailureOnPage, ...]
    core: str
    command: str
    settings: tuple[tuple[str, str], ...]
    plots: tuple[PlotOnPage, ...]
    undrawn: str
    open_ends: TableOnPage | None
    remarks: tuple[Remarks, ...]


def html_report(run: RunOnPage) -> HtmlReport:
    """Put everything in its place."""
    reported, reviewed = run.reported, run.reported.reviewed
    stages, conclusion = reviewed.stages, reviewed.conclusion
    failures = failures_on_page(reviewed, {target.index: target for target in run.targets}, Anchors())
    matrix = contract_matrix(reviewed, failures)
    excused = excused_lines(conclusion) if reported.new_only else []
    nothing = [f"patch {index} changes no code" for index in run.unchanged]
    plots = tuple(report_plots(stages, run.ladder))
    did = (*step_lines(conclusion), *nothing, *excused)
    indices, baseline = [stage.index for stage in stages], min(conclusion.selection.every_stage, default=0)
    return HtmlReport(
        reported.heading,
        short_answer(conclusion),
        performance_line([(stage.index, stage.performance) for stage in stages]) if reported.performance else "",
        BAD if (conclusion.newly_bad if reported.new_only else conclusion.bad) else UNSURE if conclusion.undecided else GOOD,
        tested(reviewed),
        _series(run),
        tuple(linked_line(line, indices, baseline) for line in did),
        tuple(MEANING.items()),
        matrix,
        tuple(_sections(run, each_once(failures))),
        tuple(each_once(failures)),
        core_text(stages, PLAIN, reviewed.source),
        shlex.join(run.command),
        tuple(run.settings),
        plots,
        UNDRAWN if plots and find_spec("matplotlib") is None else "",
        _open_ends(run),
        tuple(remark for remark in _remarks(run) if remark.lines),
    )


def _series(run: RunOnPage) -> TableOnPage:
    reported, reviewed = run.reported, run.reported.reviewed
    rows_of = patches_rows if run.series.patches else stages_rows
    headers, rows = rows_of(reviewed.stages, reported.performance, reviewed.conclusion)
    links = tuple(patch_anchor(stage.index) for stage in reviewed.stages)
    return TableOnPage(tuple(headers), tuple(tuple(map(str, row)) for row in rows), links, headers.index(PATCH))


def _sections(run: RunOnPage, failures: Sequence[FailureOnPage]) -> list[PatchSection]:
    reviewed = run.reported.reviewed
    tested_stages = {stage.index: stage for stage in reviewed.stages}
    sources = {target.index: target for target in run.series.targets}
    return [
        patch_section(
            Neighbours(stage, target, tested_stages.get(stage.index - 1), sources.get(stage.index - 1)),
            run.series,
            reviewed,
            failures,
            run.reported.problems.get(stage.index, ""),
            stage.index in run.unchanged,
        )
        for stage, target in zip(reviewed.stages, run.targets, strict=True)
    ]


def _open_ends(run: RunOnPage) -> TableOnPage | None:
    rows = open_ends_rows(run.reported.reviewed.stages)
    return TableOnPage(OPEN_ENDS, tuple(tuple(row) for row in rows)) if rows else None


def _remarks(run: RunOnPage) -> list[Remarks]:
    """What was not searched, and why."""
    reported, reviewed = run.reported, run.reported.reviewed
    stages = reviewed.stages
    loaded = [stage for stage in stages if stage.index not in reported.problems]
    seen = [] if open_ends_rows(stages) else [every_interleaving(stages)]
    return [
        Remarks("Left out", tuple(_left_out(reviewed.conclusion)) or tuple([reported.lacking] * bool(reported.lacking))),
        Remarks("How far", (reviewed.effort, *seen)),
        Remarks("Undecided", tuple(undecided_lines(stages))),
        Remarks("Cannot be tested", (*untestable_lines(stages, reported.problems), *not_run_lines(loaded))),
        Remarks("Where the series comes from", run.series.remarks),
        Remarks("What no run of this kind shows", (BEYOND,)),
    ]


def _left_out(conclusion: Conclusion) -> list[str]:
    """What there is and was not asked for."""
    selection = conclusion.selection
    lines = [TESTS_LACKING] if conclusion.interrupted else []
    clauses = [name for name, _ in selection.every_clause if name not in dict(selection.clauses)]
    if clauses:
        lines.append(f"{count_of(len(clauses), 'clause')} not asked for: {', '.join(clauses)}")
    stages = [str(index) for index in selection.every_stage if index not in selection.stages]
    if stages:
        lines.append(f"{count_of(len(stages), 'stage')} not tested: {', '.join(stages)}")
    return lines
