"""The command `run`, which tests the contract on the stages of a series."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TextIO

from harness.cli.accepted import accepted_in
from harness.cli.carry_out import Plan, Run, carry_out, effort, say_interrupted, selection_of
from harness.cli.exit_codes import BAD, GOOD, UNDECIDED, UsageError
from harness.cli.remembered import remembered
from harness.cli.reply import print_reply
from harness.cli.run_counts import print_counts
from harness.cli.run_files import RunFiles, Tested, write_run_files
from harness.cli.run_search import Searching, run_search
from harness.cli.run_words import run_words
from harness.cli.search_request import ALL, HowToSearch
from harness.cli.selection import (
    BudgetRequest,
    budget_of,
    clauses_named,
    core_of,
    models_of,
    suite_called,
    targets_of_suite,
)
from harness.cli.series_source import SourceRequest, sourced, suite_words, with_project
from harness.report import tables
from harness.report.core_report import core_text
from harness.report.failures_table import (
    excused_lines,
    failures_text,
    not_run_lines,
    sc_line,
    step_lines,
    undecided_lines,
    untestable_lines,
)
from harness.report.fitted_text import fitted
from harness.report.patches_table import patches_table
from harness.report.performance_line import performance_line
from harness.sources.sourced_series import SourcedSeries
from harness.stopping import stopping
from harness.suite.figure import NotMeasured
from harness.suite.suite import Suite
from harness.verify.conclusions import Conclusion, bisectable, count_of


@dataclass(frozen=True)
class RunRequest:
    """What `harness run` was asked for."""

    source: SourceRequest
    suite: str | None
    stages: tuple[int, ...]
    check: tuple[str, ...]
    budget: BudgetRequest
    search: str
    accept: str | None
    no_perf: bool
    new_only: bool
    reply: bool
    jobs: int
    no_cache: bool
    tablefmt: str
    files: RunFiles

    @property
    def words(self) -> tuple[str, ...]:
        """The options that name the series and the suite again, from here."""
        return (*self.source.words, *suite_words(self.suite))


def run(request: RunRequest) -> int:
    """Test the contract on every stage and measure its performance.

    Exit code 0: no patch breaks a clause that the stage before it kept, and everything has a verdict. 1: a patch breaks one, and that is
    not accepted; something accepted does not happen; or the only stage tested violates a clause. 3: none of these, but something is
    undecided, or could not be tested. 2: wrong usage.
    """
    found = sourced(request.source, request.suite)
    series, asked = found.series, with_project(request.budget, found.project)
    suite = suite_called(request.suite or series.suite)
    targets = targets_of_suite(suite, series, request.stages)
    measured = suite.has_stages and bool(suite.loads) and not request.no_perf
    clauses, budget = clauses_named(suite, request.check), budget_of(asked)
    accepted = (*(series.accepted if suite.has_stages else ()), *accepted_in(request.accept, suite, series))
    if request.search != ALL:
        _require_whole(request)
        how = HowToSearch(request.search, request.budget, request.jobs, request.no_cache)
        return run_search(Searching(found, suite, clauses, accepted, how, request.words), request.tablefmt)
    plan = Plan(
        clauses,
        budget,
        models_of(asked, suite),
        asked.seed,
        behaviour=suite.has_stages,
        performance=measured,
        core=core_of(asked, suite),
    )
    if not suite.has_stages and len(plan.models) > 1:
        raise UsageError(f"the programs of suite {suite.name} are counted under one memory model at a time: name one")
    _require_patches(request, suite)
    request.files.require()
    with remembered(request.no_cache) as cache:
        done = carry_out(targets, plan, request.jobs, cache)
    conclusion = bisectable(done.stages, selection_of(series, suite, plan, targets), done.interrupted, accepted)
    lasting = replace(request, source=found.lasting)
    tested = Tested(series, found.lasting, suite, done, conclusion, request.new_only, run_command(lasting), suite_words(request.suite))
    try:
        late = write_run_files(request.files, tested, request.jobs)
    except KeyboardInterrupt:
        if done.interrupted:
            return say_interrupted(done, (), cache)
        return stopping.tell(f"interrupted; all is tested, but not all of {' and '.join(request.files.told) or 'this'} is written")
    if done.interrupted:
        return say_interrupted(done, request.files.told, cache)
    file = sys.stderr if request.files.to_stdout else sys.stdout
    if not suite.has_stages:
        print_counts(suite, done, conclusion, request.tablefmt, file)
    elif request.reply and late:
        # It quotes executions, too.
        raise KeyboardInterrupt
    elif request.reply:
        print_reply(tested, request.jobs, file)
    else:
        _print_run(series, done, conclusion, request, file)
    if late:
        # Only what shows it is not all there.
        lacking = f"executions may be missing in {' and '.join(request.files.showing)}"
        return stopping.tell(f"interrupted; all is tested, but {lacking if request.files.showing else 'not every execution was looked at'}")
    bad = conclusion.newly_bad if request.new_only else conclusion.bad
    return BAD if bad else UNDECIDED if conclusion.undecided else GOOD


def run_command(request: RunRequest) -> tuple[str, ...]:
    """What to type to have the results again."""
    others = {"--accept": request.accept, "--no-perf": request.no_perf, "--new-only": request.new_only}
    return tuple(run_words(request.source, request.suite, request.stages, request.check, request.budget, others))


def _require_patches(request: RunRequest, suite: Suite) -> None:
    """See that there are patches if an option is about them."""
    about = {
        "--reply": request.reply,
        "--new-only": request.new_only,
        "--markdown": request.files.markdown,
        "--html": request.files.html,
        "--github": request.files.github,
    }
    for option, given in about.items():
        if given and not suite.has_stages:
            raise UsageError(f"{option} is about patches, and suite {suite.name} has no stages")


def _require_whole(request: RunRequest) -> None:
    """See that nothing is asked for that a search does not find out."""
    whole = {**request.files.named, "--github": request.files.github, "--reply": request.reply, "--new-only": request.new_only}
    unfit = [name for name, value in whole.items() if value not in (None, False)]
    if unfit or request.stages:
        what = f"{' and '.join(unfit)} tell of every stage" if unfit else "a search chooses the stages itself"
        raise UsageError(f"{what}: that goes with --search {ALL}")


def _print_run(series: SourcedSeries, done: Run, conclusion: Conclusion, request: RunRequest, file: TextIO) -> None:
    tablefmt, words = request.tablefmt, request.words
    head = f"series {series.name} · {count_of(len(done.plan.clauses), 'clause')} × {count_of(len(done.targets), 'stage')}"
    make = patches_table if series.patches else tables.stages_table
    parts = [
        tables.headed(f"{head} · {effort(done.plan)}", make(done.stages, done.plan.performance, tablefmt, conclusion)),
        tables.open_ends_table(done.stages, tablefmt),
        failures_text(done.stages, tablefmt, words),
        sc_line(done.stages),
        "\n".join([*step_lines(conclusion), *[f"patch {index} changes no code" for index in done.unchanged]]),
        "\n".join(excused_lines(conclusion)) if request.new_only else "",
        core_text(done.stages, tablefmt, words),
        "\n".join([*undecided_lines(done.stages), *_untested(done)]),
        "\n".join(series.remarks),
        " · ".join([conclusion.sentence, *[_performance(done)] * done.plan.performance]),
    ]
    print(fitted("\n\n".join(filter(None, parts)), tablefmt), file=file)


def _performance(done: Run) -> str:
    return performance_line([(stage.index, stage.performance) for stage in done.stages])


def _untested(done: Run) -> list[str]:
    """Say which stages could not be tested or measured, and why."""
    tested = [stage for position, stage in enumerate(done.stages) if position not in done.problems]
    lines = [*untestable_lines(done.stages, done.problems_by_stage), *not_run_lines(tested)]
    for stage in tested:
        for what, found in (("behaviour", stage.behaviour), ("performance", stage.performance)):
            if isinstance(found, NotMeasured):
                lines.append(f"stage {stage.index}: no {what}: {found.problem}")
    return lines
