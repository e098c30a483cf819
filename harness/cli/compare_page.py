"""The page of `compare --html`: two versions of a series, clause by clause and patch by patch, with what shows that they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.cli.carry_out import Run, effort
from harness.cli.executing_again import executed_again
from harness.cli.html_page import FILE, settings_of
from harness.report.html.judged_cases import judged_cases
from harness.report.review import Reviewed
from harness.report.versions_table import NAMES, Sides
from harness.sources.target import Target
from harness.suite.suite import Suite
from harness.verify.executions import Executions
from harness.verify.versions import Versions

# What settings of a version begin with that are not the same for both.
OF_A_VERSION = ("Series", "Stage ")


@dataclass(frozen=True)
class ComparedRuns:
    """Two versions that were tested. `sources`: for each of them the options that name it; `lines`: what there is to say of both."""

    sides: Sides
    versions: Versions
    runs: Sequence[Run]
    suite: Suite
    sources: tuple[tuple[str, ...], tuple[str, ...]]
    lines: tuple[str, ...]
    # What to type behind `harness` to have the same again.
    command: tuple[str, ...]


def page_of_versions(done: ComparedRuns, jobs: int) -> tuple[str, bool]:
    """The whole document, and whether somebody did not want to wait for what is executed again for it."""
    # Templates take their time to load, and other commands do without.
    from harness.report.html.rendering import VERSIONS, to_html
    from harness.report.html.versions_report import VersionsOnPage, versions_report

    (old, interrupted), (new, interrupted_too) = (_executed(done, side, jobs) for side in range(2))
    page = VersionsOnPage(
        done.sides,
        done.versions,
        (_reviewed(done, 0, old), _reviewed(done, 1, new)),
        (_by_number(done.runs[0]), _by_number(done.runs[1])),
        done.lines,
        ("harness", *done.command, "--html", FILE),
        tuple(_settings(done)),
    )
    return to_html(versions_report(page), VERSIONS), interrupted or interrupted_too


def _executed(done: ComparedRuns, side: int, jobs: int) -> tuple[Executions, bool]:
    from harness.report.html.versions_report import executions_of_versions

    run, conclusion = done.runs[side], done.sides.conclusions[side]
    replays = {
        (case.stage.index, (case.result.clause, case.result.kind, case.model)): case.violation.replay
        for case in judged_cases(run.stages, conclusion)
        if case.violation is not None
    }
    again = executed_again(run.targets, executions_of_versions(done.versions, side, replays), jobs)
    return again.found, again.interrupted


def _reviewed(done: ComparedRuns, side: int, executions: Executions) -> Reviewed:
    run, conclusion = done.runs[side], done.sides.conclusions[side]
    return Reviewed(run.stages, conclusion, done.suite, effort(run.plan), done.sources[side], {}, executions=executions)


def _by_number(run: Run) -> Mapping[int, Target]:
    return {target.index: target for target in run.targets}


def _settings(done: ComparedRuns) -> Iterator[tuple[str, str]]:
    """What is the same for both versions once, and the rest for each."""
    for side, (name, series) in enumerate(zip(NAMES, done.sides.series, strict=True)):
        for setting, value in settings_of(series, done.suite, done.runs[side]):
            if setting.startswith(OF_A_VERSION):
                yield f"{name}: {setting[0].lower()}{setting[1:]}", value
            elif side == 0:
                yield setting, value
