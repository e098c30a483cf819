"""Circles at the end of an execution, and what is none."""

from __future__ import annotations

import pytest

from harness.report.counterexample_text import counterexample_text
from harness.report.folding import Fold, folded
from harness.report.looks import Looks
from harness.search.counterexample import Counterexample, CounterexampleRow

CASES = {
    "abcabcabcabcabc": Fold(0, 3, 5),
    "xyabcabcabcabca": Fold(2, 3, 4),
    "xcabcabcabcabc": Fold(1, 3, 4),
    "aaaaaaaaaaaaa": Fold(0, 1, 13),
    # Too short, too seldom, over before the end.
    "abcabcabc": None,
    "abcdefgabcdefg": None,
    "abcabcabcabcabcx": None,
    "": None,
}


def rows(text: str) -> tuple[CounterexampleRow, ...]:
    """A row for each letter, at a time of its own."""
    return tuple(CounterexampleRow(0, letter, False, at) for at, letter in enumerate(text))


@pytest.mark.parametrize(("text", "fold"), CASES.items(), ids=[f"[{text}]" for text in CASES])
def test_the_shortest_round_up_to_the_end(text: str, fold: Fold | None) -> None:
    """From where it begins; what is left of a round at the end belongs to it."""
    assert folded(rows(text)) == fold


def test_a_round_is_shown_once() -> None:
    """With how often it comes, and then what is left."""
    table = counterexample_text(Counterexample(((0, "CPU0"),), rows("xy" + "abc" * 100 + "a"), "no end"), Looks(tablefmt="tsv"))
    shown = [[cell.strip() for cell in line.split("\t")] for line in table.rpartition("\n\n")[2].splitlines()[1:-1]]
    assert [line[0] for line in shown] == ["0", "1", "2", "3", "4", "…", "302"]
    assert shown[5][2] == "these 3 rows repeat 100 times"
