"""What a patch changes, and which of its lines executions go through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.html import patch_diff
from harness.report.html.anchors import Anchors
from harness.report.html.failures_on_page import each_once, failures_on_page
from harness.report.html.patch_diff import ADDED, MOST_LINES, REMOVED, SAME, SKIPPED, visits
from tests.report.html.runs_on_page import run_on_page, shown, target
from tests.report.made import MakeStage, concluded

OLD = "".join(f"line {number}\n" for number in range(1, 21))
NEW = OLD.replace("line 2\n", "line two\n").replace("line 20\n", "")


def test_lines_and_their_numbers() -> None:
    """Both numbers, three lines around a change, a gap between two; only new lines are visited."""
    (file,) = patch_diff.patch_diff(target(0, OLD), target(1, NEW), "src/s.py", {("s.py", 2): (1, 3), ("s.py", 1): (2,), ("t.py", 2): (9,)})
    lines = [(line.change, line.before, line.after) for line in file.lines]
    assert lines[:3] == [(SAME, 1, 1), (REMOVED, 2, None), (ADDED, None, 2)]
    assert (SKIPPED, None, None) in lines
    assert lines[-1] == (REMOVED, 20, None)
    assert [line.visits for line in file.lines if line.visits] == [(1, 3)]
    assert (file.name, file.added, file.removed, file.left_out) == ("src/s.py", 1, 2, 0)


def test_files_beside_it() -> None:
    """One that comes, one that goes, one that stays as it is; the file of the stage is the first."""
    before = replace(target(0, "a\n"), beside=(("gone.h", b"x\n"), ("same.h", b"y\n")))
    after = replace(target(1, "b\n"), beside=(("dir/new.h", b"z\n"), ("same.h", b"y\n")))
    found = patch_diff.patch_diff(before, after, "s.c", {("new.h", 1): (1,)})
    assert [(file.name, file.state) for file in found] == [("s.c", ""), ("dir/new.h", "new file"), ("gone.h", "removed")]
    assert found[1].lines[0].visits == (1,)


@pytest.mark.parametrize("odd", ["a\x0cb", "a\u2028b", "a\rb", "a\x85b"])
def test_lines_are_those_of_compilers(odd: str) -> None:
    """What only looks like the end of a line is none, or numbers would be wrong."""
    (file,) = patch_diff.patch_diff(target(0, "x\n"), target(1, f"# {odd}\nx = 1\n"), "s.py", {("s.py", 2): (1,)})
    assert [line.text for line in file.lines if line.visits] == ["x = 1"]


def test_bytes_that_are_no_text() -> None:
    """They have their numbers."""
    (file,) = patch_diff.patch_diff(target(0, ""), target(1, "\udcff\n"), "s.py", {})
    assert file.lines[0].text == "\\xff"


def test_a_patch_that_is_too_long() -> None:
    """What is left out is counted."""
    (file,) = patch_diff.patch_diff(target(0, ""), target(1, "x\n" * (MOST_LINES + 7)), "s.py", {})
    assert (len(file.lines), file.left_out) == (MOST_LINES, 7)


def test_which_failures_go_through_a_line(stage: MakeStage) -> None:
    """Those whose executions have an operation there, and those whose message names it."""
    stages = [stage(0, {"a": "pass", "b": "pass"}), stage(1, {"a": "fail", "b": "fail"})]
    failed = stages[1].clauses["b"].kinds["softirq"]
    assert failed.failure is not None
    at = replace(failed.failure, message="wrong at s.py:7 (g)", replay="h1/other")
    stages[1].clauses["b"].kinds["softirq"] = replace(failed, failure=at)
    reviewed = run_on_page(stages, concluded(stages), executions={(1, "h1/softirq"): shown("s.py", 3, 3, 7)}).reported.reviewed
    failures = each_once(failures_on_page(reviewed, {index: target(index) for index in (0, 1)}, Anchors()))
    assert visits(failures) == {("s.py", 3): (1,), ("s.py", 7): (1, 2)}
