"""The line of a patch that a violation is shown at."""

from __future__ import annotations

import pytest

from harness.report.patch_lines import GONE, FileOfStage, LineOfPatch, changed_lines, file_of, kept_lines
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


def test_what_is_kept() -> None:
    """Lines move along; one that is gone is not there."""
    assert kept_lines(BEFORE, ("new", "a", "b", "d")) == {1: 2, 2: 3, 4: 4}
    assert kept_lines(BEFORE, ()) == {}


def test_the_last_line_of_the_patch_that_was_executed() -> None:
    """Not the one that only the execution ends at; without an execution, the one that the message names, or the first of the patch."""
    file = FileOfStage("src/stage.py", BEFORE, ("a", "x", "y", "c", "d"))
    assert file.place(execution(3, 2, 5), "assertion: no") == LineOfPatch(2, 2, 2)
    assert file.place(None, "BUG: at stage.py:3 (f)").line == 3
    assert file.place(None, "BUG: at other_stage.py:3 (f)").line == 2
    assert file.place(execution(1), "").line == 2
    assert file.place(execution(5), "").line == 3


def test_a_stage_that_no_patch_made() -> None:
    """It is where the execution ends."""
    target = Target(0, "baseline", "stage.py", "stage.py", source=b"a\nb\nc\n")
    file = file_of(target, None, None, "stage.py")
    assert file.place(execution(1, 2), "").line == 2
    assert file.place(None, "").line == 1


def test_lines_are_those_at_the_end_of_the_series() -> None:
    """Which is what a pull request shows."""
    old, new, last = (
        Target(index, "", "stage.py", "", source=text) for index, text in enumerate((b"a\nb\n", b"a\nx\nb\n", b"0\n1\na\nx\nb\n"))
    )
    assert file_of(new, old, last, "stage.py").place(execution(2), "").line == 4


def test_a_line_that_is_gone() -> None:
    """Another line of the patch stands for it: one that the execution was at, else the next one that is not empty; or none does."""
    patched = ("a", "x", "y", "", "z", "b", "c", "d")
    assert FileOfStage("stage.py", BEFORE, patched, ("a", "x", "", "z", "b", "c", "d")).place(execution(2, 3), "") == LineOfPatch(2, 2, 3)
    assert FileOfStage("stage.py", BEFORE, patched, ("a", "", "z", "b", "c", "d")).place(execution(3), "") == LineOfPatch(3, 5, 3)
    assert FileOfStage("stage.py", BEFORE, patched, ("a", "", "b", "c", "d")).place(execution(3), "") == LineOfPatch(GONE, 3, 3)


def test_a_line_that_came_back() -> None:
    """It is not the one that the patch had written, though it has the same text."""
    texts = (b"a\n", b"a\nx\ny\n", b"a\ny\n", b"a\nx\ny\n")
    old, new, less, last = (Target(index, "", "stage.py", "stage.py", source=text) for index, text in enumerate(texts))
    after = file_of(less, new, last, "stage.py", file_of(last, less, last, "stage.py"))
    assert file_of(new, old, last, "stage.py", after).place(execution(2), "") == LineOfPatch(3, 3, 2)
    assert file_of(new, old, last, "stage.py").place(execution(2), "") == LineOfPatch(2, 2, 2)


def test_where_the_execution_was_at_no_line_of_the_patch() -> None:
    """Nobody means one in particular: the next one that is left is shown, and no other one is told of."""
    patched = ("x", "a", "b", "c", "y", "d")
    assert FileOfStage("stage.py", BEFORE, patched).place(execution(3), "") == LineOfPatch(1, 1, 1)
    assert FileOfStage("stage.py", BEFORE, patched).place(execution(3, 4), "") == LineOfPatch(5, 5, 5)
    assert FileOfStage("stage.py", BEFORE, patched, ("x", *BEFORE)).place(execution(4), "") == LineOfPatch(1, 1, 1)


def test_numbers_say_of_which_version_they_are() -> None:
    """Where the reader has another version before him, and only those of the file, by the name that it had then."""
    said = "at stage.py:2 (f), beside_stage.py:2 (f) and src/stage.py:3 (g)"
    dated = "at stage.py:2 of patch 1 (f), beside_stage.py:2 (f) and src/stage.py:3 of patch 1 (g)"
    of_patch = FileOfStage("core/renamed.py", (), BEFORE, ("a",), "src/stage.py")
    assert of_patch.dated(said, "of patch 1") == dated
    for last in (BEFORE, None):
        assert FileOfStage("src/stage.py", (), BEFORE, last).dated(said, "of patch 1") == said
