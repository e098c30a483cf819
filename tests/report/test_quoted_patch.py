"""Which lines of a patch a reply quotes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.patch_lines import FileOfStage
from harness.report.quoted_patch import quoted_patch
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.search.deciding_rows import WhatDecided

BEFORE = tuple(f"line {number}" for number in range(1, 31))
# New lines 3 and 20 in the place of old lines 3, and behind old line 18.
AFTER = (*BEFORE[:2], "new three", *BEFORE[3:18], BEFORE[18], "new twenty", *BEFORE[19:])
FILE = FileOfStage("src/a.py", BEFORE, AFTER)


def execution(*rows: tuple[int, int, bool]) -> Counterexample:
    """Who was at which line, and whether that was a deviation."""
    made = (CounterexampleRow(pid, f"load x, a.py:{line} (f)", deviation=star) for pid, line, star in rows)
    return Counterexample(((0, "CPU0"), (1, "CPU1")), tuple(made), "BUG")


def test_a_hunk_of_the_patch() -> None:
    """The file, where it is in both versions, and the lines around the one that the execution was at."""
    assert quoted_patch(FILE, execution((0, 20, False), (0, 5, False)), "BUG").splitlines() == [
        "> +++ src/a.py",
        "> @@ -16,8 +16,9 @@",
        *(f">  line {number}" for number in range(16, 20)),
        "> +new twenty",
        *(f">  line {number}" for number in range(20, 24)),
    ]


def test_lines_that_are_replaced() -> None:
    """The old ones stand before the new ones; at the beginning of the file there are fewer."""
    assert quoted_patch(FILE, execution((0, 3, False)), "BUG").splitlines()[1:6] == [
        "> @@ -1,7 +1,7 @@", ">  line 1", ">  line 2", "> -line 3", "> +new three",
    ]  # fmt: skip


def test_what_decides_in_the_natural_order() -> None:
    """That line is quoted rather than the last one, and not what another CPU has done before it."""
    shown = execution((1, 20, False), (0, 3, False), (0, 20, False))
    assert "> +new three" in quoted_patch(FILE, replace(shown, decides=WhatDecided((1,), "why")), "BUG: at a.py:20 (f)")
    assert "> +new three" not in quoted_patch(FILE, shown, "BUG: at a.py:20 (f)")


@pytest.mark.parametrize(
    ("rows", "quoted"),
    [
        # Held up at line 3; the other one comes in between.
        (((0, 3, False), (1, 7, True), (0, 20, False)), "new three"),
        # Who comes in between is at a line of the patch.
        (((0, 7, False), (1, 3, True), (0, 20, False)), "new three"),
        # Neither is: then the last line of the patch.
        (((0, 3, False), (0, 8, False), (1, 7, True), (0, 20, False)), "new twenty"),
    ],
)
def test_where_somebody_came_in_between(rows: tuple[tuple[int, int, bool], ...], quoted: str) -> None:
    """Those lines are quoted rather than the last ones."""
    text = quoted_patch(FILE, execution(*rows), "BUG: at a.py:20 (f)")
    assert [line for line in text.splitlines()[2:] if line.startswith("> +")] == [f"> +{quoted}"]


def test_nothing_to_quote() -> None:
    """Where the execution was far from a patch that is not small; where it is not known, the message may name a line."""
    assert quoted_patch(FILE, execution((0, 10, False)), "BUG at a.py:12 (f)") == ""
    assert quoted_patch(FILE, None, "BUG") == ""
    assert "> +new twenty" in quoted_patch(FILE, None, "BUG at a.py:20 (f)")
    assert quoted_patch(FileOfStage("a.py", AFTER, AFTER), execution((0, 20, False)), "BUG") == ""


def test_beside_the_patch() -> None:
    """What the execution was next to, if it was at none of its lines: what they call has rows of its own."""
    assert "> +new twenty" in quoted_patch(FILE, execution((0, 1, False), (0, 22, False), (0, 10, False)), "BUG")


def test_a_small_patch_is_quoted_whole() -> None:
    """If the execution was at none of its lines: it may have called what they call, or they are gone."""
    small = FileOfStage("a.py", BEFORE, (*BEFORE[:9], "new ten", *BEFORE[10:]))
    assert "> -line 10\n> +new ten\n" in quoted_patch(small, execution((0, 5, False)), "BUG")
    assert "\n> -line 10\n>  line 11\n" in quoted_patch(replace(small, lines=(*BEFORE[:9], *BEFORE[10:])), None, "BUG")


def test_long_lines() -> None:
    """Are quoted as they are, with their tabs, whatever they end in: an author looks for them in the patch."""
    lines = (f"\t{'x' * 990}  ", "", "y\r")
    text = quoted_patch(FileOfStage("a.py", (), lines), execution((0, 1, False)), "BUG")
    assert text.split("\n")[1:] == ["> @@ -0,0 +1,3 @@", f"> +{lines[0]}", "> +", "> +y"]


def test_what_was_taken_away() -> None:
    """Of a patch that is not small and only removes lines, those are quoted beside which somebody was held up."""
    file = FileOfStage("src/a.py", BEFORE, (*BEFORE[:2], *BEFORE[3:19], *BEFORE[20:]))
    held_up = quoted_patch(file, execution((0, 3, False), (1, 7, True), (0, 25, False)), "BUG").splitlines()
    assert [line for line in held_up[2:] if line.startswith("> -")] == ["> -line 3"]
    assert quoted_patch(file, execution((0, 10, False)), "BUG") == ""
