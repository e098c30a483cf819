"""The command `bisect`, which finds the patch that breaks a clause by testing few stages of a series."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.cli.accusations_github import accuse_on_github
from harness.cli.carry_out import Plan, effort
from harness.cli.exit_codes import FOUND, NOT_FOUND, SEVERAL, UsageError
from harness.cli.github import require_github
from harness.cli.search_request import HowToSearch, plan_of, searched
from harness.cli.selection import clauses_named, suite_called
from harness.cli.series_source import SourceRequest, sourced, suite_words
from harness.report.accused_by_search import accused_by_search, unanswered
from harness.report.failures_table import FIRST_BAD, failures_text
from harness.report.fitted_text import fitted
from harness.report.search_tables import AnswerLine, accused, answer_lines, first_bad_stages, not_seen_lines, steps_table
from harness.report.tables import headed
from harness.sources.sourced_series import SourcedSeries
from harness.verify.common_lack import lacked_in_search
from harness.verify.conclusions import count_of
from harness.verify.search_rounds import PairSearch
from harness.verify.series_search import BROKEN_BEFORE, CULPRIT, KEPT


@dataclass(frozen=True)
class BisectRequest:
    """What `harness bisect` was asked for; `where` is a series, a directory or a range, if it is not said by options."""

    where: str | None
    source: SourceRequest
    suite: str | None
    check: tuple[str, ...]
    kind: str | None
    how: HowToSearch
    github: bool
    tablefmt: str


def bisect(request: BisectRequest) -> int:
    """Find the patch that breaks a clause, and test it and the stage before once more, from scratch.

    Exit code 0: for each kind that the series breaks, that is one patch. 1: it is one of several patches, since those between could not be
    tested. 3: nobody is accused: the ends do not differ, or something has no verdict or not always the same. 2: wrong usage.
    """
    if not request.check:
        raise UsageError("bisect needs --check ID: the clause whose culprit to find")
    source = source_of(request)
    if request.github:
        require_github()
    found = sourced(source, request.suite)
    suite = suite_called(request.suite or found.series.suite)
    plan = plan_of(found, suite, clauses_named(suite, request.check, request.kind), request.how.budget)
    searches = searched(found.series, plan, request.how)
    lines = answer_lines(searches)
    own = suite_words(request.suite)
    _print(found.series, plan, request, searches, lines, (*source.words, *own))
    if request.github:
        accused_here = accused_by_search(found.series, suite, searches, (*found.lasting.words, *own))
        accuse_on_github(accused_here, unanswered(lines), found.series.targets, source, request.how.jobs)
    return _exit_code(lines)


def source_of(request: BisectRequest) -> SourceRequest:
    """Where the series comes from: options say so, or a word. One with two dots in it is a range, if it is no directory."""
    source, where = request.source, request.where
    if where is None:
        return source
    if source.named:
        raise UsageError(f"{where!r} and {source.named} name a series each: choose one")
    is_range = ".." in where and (where == ".." or not os.path.isdir(where))
    return replace(source, range=where) if is_range else replace(source, series=where)


def _print(
    series: SourcedSeries,
    plan: Plan,
    request: BisectRequest,
    searches: Sequence[PairSearch],
    lines: Sequence[AnswerLine],
    words: Sequence[str],
) -> None:
    stages = len(series.targets)
    head = f"series {series.name} · {request.how.search} search of {count_of(stages, 'stage')} · {effort(plan)}"
    first_bad = first_bad_stages(searches, series.targets)
    parts = [
        headed(head, steps_table(searches, series.targets, request.tablefmt)),
        failures_text(first_bad, request.tablefmt, words, FIRST_BAD),
        "\n".join(series.remarks),
        "\n".join(not_seen_lines(request.how.search, lines)),
        lacked_in_search(searches),
        "\n".join(f"{line.what}: {line.sentence} · {line.tested} of {stages} stages tested" for line in lines),
    ]
    print(fitted("\n\n".join(filter(None, parts)), request.tablefmt))


def _exit_code(lines: Sequence[AnswerLine]) -> int:
    answered = accused(lines)
    nothing_to_find = [line for line in lines if line.outcome in (KEPT, BROKEN_BEFORE)]
    if not answered or len(answered) + len(nothing_to_find) < len(lines):
        return NOT_FOUND
    return FOUND if all(line.outcome == CULPRIT for line in answered) else SEVERAL
