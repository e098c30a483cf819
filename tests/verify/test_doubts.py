"""What a program doubts, searched by itself: on the series as posted, and with searches that are made up."""

from __future__ import annotations

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ARM, PSO, TSO
from harness.machine.diagnosis import Violation
from harness.search.search import EXHAUSTED, FAILED, Observer, SearchResult
from harness.sources.shipped import targets_of_series
from harness.tasklets.tasklet_under_test import VCPU
from harness.verify.doubts import Doubts
from harness.verify.explore_programs import explore_programs
from harness.verify.verify_in_worker import Request
from stages import POSTED


@pytest.mark.parametrize("model", [TSO, PSO, ARM])
def test_a_program_searched_by_itself_accuses_nobody_of_what_happens_anyway(model: str) -> None:
    """Patch 4 of the posted series loses schedules under every model: a run that misses a write is not what a late store has done."""
    target = next(each for each in targets_of_series(POSTED) if each.index == 4)
    (row,) = explore_programs(target, [Request("visibility", VCPU, "seen-although-it-is-sent", executions=300, model=model)], 1).rows
    assert (row.found.failure, row.found.passed, row.verdict) == (None, True, EXHAUSTED)


def failing(doubts: Doubts, doubtful: bool) -> SearchResult:
    """A search that fails, unless what it fails because of is forgiven."""
    engine = ExploredEngine()
    doubts.execute(engine)
    if doubtful and engine.forgiving:
        return SearchResult("made up", verdict=EXHAUSTED)
    engine.doubtful = doubtful
    engine.failure = Violation("assertion", "missed")
    result = SearchResult("made up", verdict=FAILED, failure=engine.failure)
    doubts.note(engine, result)
    return result


@pytest.mark.parametrize(
    ("doubtful", "anyway", "verdict", "looks"), [(True, True, EXHAUSTED, 1), (True, False, FAILED, 1), (False, True, FAILED, 0)]
)
def test_it_is_looked_at_without_late_stores_once_and_only_if_there_is_a_doubt(
    doubtful: bool, anyway: bool, verdict: str, looks: int
) -> None:
    """What comes to pass without late stores is forgiven; what does not, or is not doubtful, is a failure."""
    doubts = Doubts(lambda engine: None)
    looked: list[Observer] = []

    def without_late_stores(observer: Observer) -> None:
        looked.append(observer)
        engine = ExploredEngine()
        engine.doubtful = anyway
        observer(engine, SearchResult("made up"))

    assert doubts.resolved(lambda: failing(doubts, doubtful), without_late_stores).verdict == verdict
    assert len(looked) == looks
