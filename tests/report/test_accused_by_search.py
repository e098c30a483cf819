"""A search as accusations."""

from __future__ import annotations

from harness.report.accused_by_search import accused_by_search, unanswered
from harness.report.search_tables import answer_lines
from harness.sources.sourced_series import SourcedSeries
from harness.suite.registry import suite_named
from harness.verify.search_rounds import PairSearch
from tests.report.test_search_tables import COMMITTED, search


def accusations(*searches: PairSearch) -> list[tuple[int, str]]:
    """Who is accused of what."""
    series = SourcedSeries("some", "made", tuple(COMMITTED), ("",) * len(COMMITTED))
    accused = accused_by_search(series, suite_named("tasklets"), searches, ())
    return [(each.patch, each.title) for each in accused.accusations]


def test_who_is_accused() -> None:
    """The patch that breaks it; of several, all are named, at the last one, where it was seen. Kinds with one answer are one accusation."""
    alike = [search("kkv.v", ".kv", kind=kind) for kind in ("x", "y")]
    assert accusations(*alike, search("k?vvv", "k.v", kind="z")) == [(2, "patch 2 breaks a"), (2, "one of patches 1, 2 breaks a")]


def test_who_is_not() -> None:
    """What both ends keep, and what the base violates, is an answer; a search without one is a warning, which accuses nobody."""
    answered = [search("k...k"), search("v...v")]
    assert (accusations(*answered), unanswered(answer_lines(answered))) == ([], [])
    (warning,) = unanswered(answer_lines([search("?...?")]))
    assert (warning.level, warning.title, warning.file) == ("warning", "no answer", "")
    assert warning.message.startswith("a (x): no search: stages 0, 4: ")
