"""The line of a patch that a violation is shown at."""

from __future__ import annotations

import pytest

from harness.report.patch_lines import FileOfStage, changed_lines, file_of, line_after
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.sources.target import Target

BEFORE = ("a", "b", "c", "d")


def execution(*lines: int) -> Counterexample:
    """One that is at these lines of a file."""
    rows = tuple(CounterexampleRow(0, f"read x = 1, stage.py:{line} (f)", deviation=False) for line in lines)
    return Counterexample(((0, "CPU0"),), rows, "assertion: no")


@pytest.mark.parametrize(
    ("after", "changed"),
    [(BEFORE, set()), (("a", "x", "c", "y", "d"), {2, 4}), (("a", "d"), {2}), (("a", "b", "c"), {3}), ((), {1})],
)
def test_changed_lines(after: tuple[str, ...], changed: set[int]) -> None:
    """What is new counts; where lines are gone, the line behind them does, or the last one."""
    assert changed_lines(BEFORE, after) == changed


def test_a_line_moves_along() -> None:
    """With the lines around it; of a line that is gone, the place counts."""
    after = ("new", "a", "b", "d")
    assert [line_after(BEFORE, after, line) for line in (1, 2, 3, 4)] == [2, 3, 4, 4]
    assert line_after(BEFORE, (), 3) == 1


def test_the_last_line_of_the_patch_that_was_executed() -> None:
    """Not the one that only the execution ends at; without an execution, the one that the message names, or the first of the patch."""
    file = FileOfStage("src/stage.py", BEFORE, ("a", "x", "y", "c", "d"))
    assert file.line(execution(3, 2, 5), "assertion: no") == 2
    assert file.line(None, "BUG: at stage.py:3 (f)") == 3
    assert file.line(None, "BUG: at other_stage.py:3 (f)") == 2
    assert file.line(execution(1), "") == 2


def test_a_stage_that_no_patch_made() -> None:
    """It is where the execution ends."""
    target = Target(0, "baseline", "stage.py", "stage.py", source=b"a\nb\nc\n")
    file = file_of(target, None, None, "stage.py")
    assert file.line(execution(1, 2), "") == 2
    assert file.line(None, "") == 1


def test_lines_are_those_at_the_end_of_the_series() -> None:
    """Which is what a pull request shows."""
    old, new, last = (
        Target(index, "", "stage.py", "", source=text) for index, text in enumerate((b"a\nb\n", b"a\nx\nb\n", b"0\n1\na\nx\nb\n"))
    )
    assert file_of(new, old, last, "stage.py").line(execution(2), "") == 4
