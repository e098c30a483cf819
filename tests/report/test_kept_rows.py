"""Which rows stay although they could be folded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.report.kept_rows import kept, origins
from harness.report.shown_rows import ShownRow, shown_rows
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.search.recorder import Missed
from tests.report.executions import FINDINGS, INTERRUPTED, KILLED_TOGETHER, replayed

ROW = CounterexampleRow(0, "load x", False, kind="load", what="x")


def read(written_in: int, by: str = "CPU1") -> CounterexampleRow:
    """It has found what was written there."""
    return replace(ROW, written_in=written_in, written_by=by)


def stay(*rows: CounterexampleRow, shown: int, **more: tuple[Any, ...]) -> list[int]:
    """Of rows of which all could be folded but the last `shown` ones: those that stay."""
    foldable = frozenset(range(len(rows) - shown))
    last = range(len(rows) - shown, len(rows))
    return sorted(kept(replace(Counterexample((), rows, "why"), **more), last, (foldable,), 2))


def test_what_another_process_finds_stays() -> None:
    """A value, a link, or what it has missed; not what its own process has written."""
    assert stay(ROW, ROW, ROW, read(1), shown=1) == [1]
    assert stay(ROW, ROW, ROW, read(1, by=""), shown=1) == []
    assert stay(ROW, ROW, ROW, replace(ROW, links_by_others=(0, 2)), shown=1) == [0, 2]
    assert stay(*[ROW] * 5, replace(ROW, missed=Missed(1, "CPU1", later=3)), shown=1) == [1, 3]


def test_what_is_only_found_by_what_is_folded_does_not_stay() -> None:
    """Unless that stays itself, or is one row alone, which is not folded."""
    assert stay(ROW, ROW, ROW, read(0), ROW, ROW, shown=1) == []
    assert stay(ROW, ROW, ROW, read(0), ROW, read(3), shown=1) == [0, 3]
    assert stay(ROW, ROW, ROW, ROW, read(0), read(3), shown=1) == [0, 3]


def test_what_is_said_of_the_end_leads_to_rows() -> None:
    """Those that a sentence names stay: who waits, since when something lies on a list, and what races."""
    assert stay(ROW, ROW, ROW, ROW, shown=1, waits=("CPU0 waits for a, held since row 1",)) == [1]
    assert stay(ROW, ROW, ROW, ROW, shown=1, left=("CPU0 sleeps with t (since row 2)",)) == [2]
    assert stay(ROW, ROW, ROW, ROW, shown=1, race=(1, 3)) == [1]


@pytest.mark.parametrize("string", [*FINDINGS.values(), INTERRUPTED, KILLED_TOGETHER])
def test_no_row_refers_to_one_that_is_folded(string: str) -> None:
    """In no finding: whose value is found, which link is followed, what the machine finds in the end."""
    found = replayed(string)
    there = {shown.at for shown in shown_rows(found) if isinstance(shown, ShownRow)}
    assert {origin for at in there for origin in origins(found.rows[at])} <= there
