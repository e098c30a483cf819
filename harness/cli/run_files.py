"""The files that `run` writes besides its tables: which, whether they can be written, and what goes into them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.cli.brief_ladder import brief_ladder
from harness.cli.carry_out import Run, effort
from harness.cli.executing_again import executed_again
from harness.cli.github import report_to_github, require_github
from harness.cli.html_page import page_of
from harness.cli.selection import file_errors
from harness.cli.series_source import SourceRequest
from harness.measure.ladder_curves import LadderCurves
from harness.report.files import STDOUT, require_distinct, require_writable, write_atomically
from harness.report.html.judged_cases import executions_on_page
from harness.report.interrupted_words import EXECUTIONS_LACKING, TESTS_LACKING
from harness.report.json_file import to_json
from harness.report.junit import executions_told, to_junit
from harness.report.review import Reviewed
from harness.report.run_markdown import Reported, executions_shown, to_markdown
from harness.sources.sourced_series import SourcedSeries
from harness.suite.suite import Suite
from harness.verify.conclusions import Conclusion
from harness.verify.executions import ExecutedAgain, Key


@dataclass(frozen=True)
class RunFiles:
    """Which files were asked for; `github`: also what GitHub shows."""

    json: str | None
    junit: str | None
    markdown: str | None
    html: str | None
    github: bool

    @property
    def named(self) -> dict[str, str | None]:
        """The files by their options."""
        return {"--json": self.json, "--junit": self.junit, "--markdown": self.markdown, "--html": self.html}

    @property
    def told(self) -> list[str]:
        """What a message calls those that there are."""
        return ["stdout" if path == STDOUT else path for path in self.named.values() if path]

    @property
    def showing(self) -> list[str]:
        """Those of them that show executions."""
        return [path for path in (self.junit, self.markdown, self.html) if path]

    @property
    def to_stdout(self) -> bool:
        """Whether one goes to stdout, which it has for itself then."""
        return STDOUT in self.named.values()

    def require(self) -> None:
        """See that all of them can be written; raises `UsageError`."""
        with file_errors():
            require_distinct(self.named)
            for path in self.named.values():
                if path is not None:
                    require_writable(path)
        if self.github:
            require_github()


@dataclass(frozen=True)
class Tested:
    """A run, and what it was about. `source` is what names the series to others; `suite_words` the option that named the suite."""

    series: SourcedSeries
    source: SourceRequest
    suite: Suite
    done: Run
    conclusion: Conclusion
    new_only: bool = False
    # What to type to have the same again.
    command: tuple[str, ...] = ()
    suite_words: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The options that name the series and the suite to others."""
        return (*self.source.words, *self.suite_words)

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to know about where the series comes from, and where it ends."""
        return (*([f"The series ends early: {self.series.ends_early}"] if self.series.ends_early else []), *self.series.notes)


def write_run_files(files: RunFiles, tested: Tested, jobs: int) -> bool:
    """Write them; what they show of executions is executed again. Whether somebody did not want to wait for that; raises `UsageError`."""
    done, conclusion = tested.done, tested.conclusion
    again = _executed(files, tested, jobs)
    ladder, interrupted = _ladder(files, tested, again, jobs)
    with file_errors():
        if files.json is not None:
            write_atomically(files.json, to_json(done.stages, conclusion))
        if files.junit is not None:
            write_atomically(files.junit, to_junit(done.stages, conclusion, tested.suite, again.found, tested.words))
        reported = _reported(tested, again)
        if files.markdown is not None:
            write_atomically(files.markdown, to_markdown(reported))
        if files.html is not None:
            write_atomically(files.html, page_of(reported, tested.series, done, tested.command, ladder))
    if files.github:
        report_to_github(reported, tested.series.targets, tested.source)
    return interrupted


def _reported(tested: Tested, again: ExecutedAgain) -> Reported:
    done, conclusion, words = tested.done, tested.conclusion, tested.words
    reviewed = Reviewed(done.stages, conclusion, tested.suite, effort(done.plan), words, {}, tested.notes, executions=again.found)
    heading = f"Series {tested.series.name}"
    lacking = TESTS_LACKING if done.interrupted else EXECUTIONS_LACKING * again.interrupted
    return Reported(reviewed, heading, conclusion.sentence, done.problems_by_stage, done.plan.performance, tested.new_only, lacking)


def _executed(files: RunFiles, tested: Tested, jobs: int) -> ExecutedAgain:
    """Nobody who has interrupted a run waits for more."""
    if tested.done.interrupted:
        return ExecutedAgain()
    return executed_again(tested.done.targets, _wanted(files, tested), jobs)


def _ladder(files: RunFiles, tested: Tested, again: ExecutedAgain, jobs: int) -> tuple[LadderCurves | None, bool]:
    """A lock ladder, for a page on which there is performance; and whether somebody did not want to wait for it, or for what was before."""
    if files.html is None or not tested.done.plan.performance or tested.done.interrupted or again.interrupted:
        return None, again.interrupted
    try:
        return brief_ladder(tested.done.plan.seed, jobs), False
    except KeyboardInterrupt:
        return None, True


def _wanted(files: RunFiles, tested: Tested) -> Iterator[Key]:
    stages, conclusion = tested.done.stages, tested.conclusion
    if files.junit is not None:
        yield from executions_told(stages, conclusion)
    if files.markdown is not None or files.github:
        yield from executions_shown(stages, conclusion)
    if files.html is not None:
        yield from executions_on_page(stages, conclusion)
