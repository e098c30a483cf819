"""What a search of a series comes to, as accusations: each clause at the patch that breaks it, or at the last one that may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.report.accusations import Accusation, Accused
from harness.report.github_annotations import ERROR, WARNING, Annotation
from harness.report.search_tables import AnswerLine, accused, answer_lines, answers_table, steps_table
from harness.sources.sourced_series import SourcedSeries
from harness.suite.suite import Suite
from harness.verify.search_rounds import PairSearch
from harness.verify.series_search import BROKEN_BEFORE, KEPT
from harness.verify.simplicity import simplicity
from harness.verify.verdicts import Failure

MARKDOWN = "github"
NOBODY = "no patch is found to break it"


def accused_by_search(series: SourcedSeries, suite: Suite, searches: Sequence[PairSearch], source: tuple[str, ...]) -> Accused:
    """The whole search; `source`: options that name the series."""
    lines = answer_lines(searches)
    guilty = [f"{line.who} breaks {line.what}" for line in accused(lines)]
    tables = (answers_table(lines, len(series.targets), MARKDOWN), steps_table(searches, series.targets, MARKDOWN))
    accusations = [_accusation(line, searches) for line in accused(lines)]
    return Accused(f"Series {series.name}", "; ".join(guilty) or NOBODY, tables, accusations, tuple(series.remarks), suite, source)


def unanswered(lines: Sequence[AnswerLine]) -> list[Annotation]:
    """What has no answer, and why."""
    answered = accused(lines)
    left = [line for line in lines if line not in answered and line.outcome not in (KEPT, BROKEN_BEFORE)]
    return [Annotation(WARNING, "no answer", f"{line.what}: {line.sentence}") for line in left]


def _accusation(line: AnswerLine, searches: Sequence[PairSearch]) -> Accusation:
    """The simplest failure of its kinds shows it."""
    kind, failure = min(_failures(line, searches), key=lambda pair: simplicity(pair[1]))
    form = f"{line.who} breaks {{}}"
    return Accusation(ERROR, line.suspects[-1], form, f"{line.what}: {line.sentence}", line.clause, kind, failure)


def _failures(line: AnswerLine, searches: Sequence[PairSearch]) -> Iterator[tuple[str, Failure]]:
    for each in searches:
        clause, kind = each.pair
        if clause == line.clause and kind in line.kinds and (failure := each.results_again[line.suspects[-1]].failure) is not None:
            yield kind, failure
