"""The page of `--html`: the results of a run, with what it takes to make them again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from harness.cli.carry_out import Run, memory_model
from harness.jobs.deciding_code import deciding_modules, native_files
from harness.measure.ladder_curves import LadderCurves
from harness.measure.performance import Performance
from harness.report.run_markdown import Reported
from harness.sources.sourced_series import SourcedSeries
from harness.suite.registry import suites
from harness.suite.suite import Suite
from harness.verify.conclusions import count_of
from harness.verify.deepening import Effort

# Digits of a hash.
DIGITS = 10
# What the command on the page writes, whatever the file is called: the same results are the same bytes.
FILE = "report.html"
COVERED = (
    "all code of the harness that decides about a verdict or a figure, and of the suites that come with it; "
    "not of what only shows them, nor of Python and libraries"
)


def page_of(reported: Reported, series: SourcedSeries, done: Run, words: Sequence[str], ladder: LadderCurves | None = None) -> str:
    """The whole document; `words` are what to type behind `harness` to have the same results."""
    # Templates take their time to load, and other files do without.
    from harness.report.html.html_report import RunOnPage, html_report
    from harness.report.html.rendering import to_html

    settings = tuple(settings_of(series, reported.reviewed.suite, done))
    command = ("harness", *words, "--html", FILE)
    return to_html(html_report(RunOnPage(reported, series, done.targets, command, settings, done.unchanged, ladder)))


def settings_of(series: SourcedSeries, suite: Suite, done: Run) -> Iterator[tuple[str, str]]:
    """What there is to say of how a series was tested, each with its name."""
    budget, effort = done.plan.budget, done.plan.budget.effort
    yield "Series", f"{series.name}, {count_of(len(series.targets), 'stage')}"
    yield "Suite", f"{suite.name}{_version(suite)}: {count_of(len(suite.clauses), 'clause')}, kinds {', '.join(suite.kinds)}"
    yield "Harness", f"version {version('series-harness')}"
    yield "Deciding code", f"{_deciding_code()}, of {COVERED}"
    yield "Memory models", memory_model(done.plan).removeprefix(", memory model").removeprefix("s").strip()
    yield "Each search of a program", _search(effort)
    yield "Virtual time", f"{count_of(budget.timed_seeds, 'seed')} a program, from {budget.seed} on"
    measured = next((stage.performance for stage in done.stages if isinstance(stage.performance, Performance)), None)
    if measured is not None:
        seeds = ", ".join(map(str, measured.seeds))
        yield "Performance", f"load {measured.configuration['scenario']}, lock {measured.configuration['lock']}, seeds {seeds}"
    for target in done.targets:
        yield f"Stage {target.index}", f"SHA-256 {target.content_hash}" if target.content_hash else f"no source: it {target.problem}"


def _search(effort: Effort) -> str:
    bounds = f"then within up to {count_of(effort.preemptions, 'preemption')}, {effort.accept_bound} of which are enough to pass"
    samples = count_of(effort.samples, "sample")
    return f"{count_of(effort.executions, 'execution')}, {bounds}; {samples}; at most {effort.steps} operations each"


def _version(suite: Suite) -> str:
    """Of a suite that is installed; of one of the user's own, the hash of what it contains."""
    if suite.reference:
        return f" (content {suite.reference.rpartition('#')[2]})"
    entry = suites().get(suite.name)
    if entry is None:
        return ""
    return "" if entry.dist is None else f" {entry.dist.version} ({entry.dist.name})"


def _deciding_code() -> str:
    """The beginning of a hash of all code of the harness that decides verdicts, whichever Python executes it."""
    digest = hashlib.sha256()
    for name, path in sorted({**deciding_modules(), **native_files()}.items()):
        digest.update(b"\0".join([name.encode(), path.read_bytes()]))
    return digest.hexdigest()[:DIGITS]
