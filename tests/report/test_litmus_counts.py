"""The table of `harness litmus`, and what is said below it."""

from __future__ import annotations

from harness.litmus.count_programs import ExecutionCount
from harness.report.litmus_counts import litmus_counts, litmus_counts_lines

RIGHT = {"sc": ExecutionCount("right", "sc", 3, 0, 3), "tso": ExecutionCount("right", "tso", 4, 0, None)}
WRONG = {"sc": ExecutionCount("wrong", "sc", 4, 0, 3), "tso": ExecutionCount("wrong", "tso", 3, 2, 3, wrong="BUG")}
ENDED = "5 executions"
CUT = {"sc": ExecutionCount("cut", "sc", 5, 0, 9, reached=ENDED), "tso": ExecutionCount("cut", "tso", 5, 0, None, reached=ENDED)}


def test_each_count_stands_beside_the_published_one() -> None:
    """Equal, different, not published, cut off."""
    lines = litmus_counts({"right": RIGHT, "wrong": WRONG, "cut": CUT}, ["sc", "tso"], "tsv").splitlines()
    assert [[cell.strip() for cell in line.split("\t")] for line in lines[1:]] == [
        ["program", "sc", "tso", "blocked"],
        ["right", "3 = 3", "4 –", "0"],
        ["wrong", "4 ≠ 3 !", "3 = 3 !", "2"],
        ["cut", "5+ of 9", "5+ –", "0"],
    ]


def test_what_is_said_when_all_is_well() -> None:
    """How many are compared, and how many cannot be."""
    assert litmus_counts_lines({"right": RIGHT}) == [
        "counts: 1 are equal to what is published; 1 for which nothing is published (–); no run was in vain (blocked)"
    ]


def test_what_is_said_when_something_differs() -> None:
    """Each difference has a line."""
    assert litmus_counts_lines({"right": RIGHT, "wrong": WRONG}) == [
        "wrong under sc: 4 executions, published are 3",
        "wrong under tso: 3 executions, published are 3; 2 runs in vain; BUG",
        "counts: 2 of 4 are not as they should be; 1 for which nothing is published (–)",
    ]


def test_what_is_said_when_a_search_was_cut_off() -> None:
    """Its count is no more than a beginning."""
    assert litmus_counts_lines({"cut": CUT}) == [
        "cut off, so that the count is not complete (+): cut under sc, cut under tso; allow more --executions",
        "counts: 1 are no more than what is published; 1 for which nothing is published (–); no run was in vain (blocked)",
    ]
