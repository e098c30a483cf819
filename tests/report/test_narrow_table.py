"""Tables where there is little room."""

from __future__ import annotations

import pytest

from harness.report.narrow_table import narrow_table
from harness.report.table_format import TableFormat, room_of
from harness.report.tables import headed, table, widest

HEADERS = ("stage", "patch", "idle overhead")
ROWS = (("0", "baseline", "11.5 ±0.2 % *"), ("1", "Introduce per-cpu tasklet for softirq", "0.0 %"))
ALIGN = ("right", "left", "left")
REPLAY = "h2/fixed/0/b15a56e48e/handover/softirq/scheduled-where-a-cpu-dies/x5000,55/3fec"


def test_cells_of_several_lines() -> None:
    """Columns stay columns; a number stays beside its unit."""
    assert narrow_table(ROWS, HEADERS, ALIGN, 46).splitlines() == [
        "  stage  patch                idle overhead",
        "-------  -------------------  ---------------",
        "      0  baseline             11.5 ±0.2 % *",
        "      1  Introduce per-cpu    0.0 %",
        "         tasklet for softirq",
    ]


def test_a_paragraph_for_each_row() -> None:
    """Where columns would be too narrow to be read, with blank lines between them; what is empty is left out."""
    assert narrow_table([*ROWS, ("2", "", "0.1 %")], HEADERS, ALIGN, 38).splitlines() == [
        "stage: 0 · patch: baseline",
        "  idle overhead: 11.5 ±0.2 % *",
        "",
        "stage: 1",
        "  patch: Introduce per-cpu tasklet for",
        "    softirq · idle overhead: 0.0 %",
        "",
        "stage: 2 · idle overhead: 0.1 %",
    ]


def test_paragraphs_of_a_line_each_are_lines() -> None:
    """Nothing separates them but their ends."""
    rows = [("x" * 20, ""), ("", "y" * 20)]
    assert narrow_table(rows, ("first", "second"), ("left",) * 2, 30).splitlines() == [f"first: {'x' * 20}", f"second: {'y' * 20}"]


def test_the_line_above_paragraphs_is_one() -> None:
    """Above a table that fits, and above lines, it is the first line of the table."""
    assert headed("head", "a  b\n-  -") == "head\na  b\n-  -"
    assert headed("head", "a: 1\n  b: 2\n\na: 3") == "head\n\na: 1\n  b: 2\n\na: 3"


@pytest.mark.parametrize("room", [40, 60, 80])
def test_no_word_is_broken(room: int) -> None:
    """A replay string has a line of its own; no other line is too wide."""
    rows = [("handover", "softirq, vcpu", "assertion: CPU0: t ran once, not 2 times", REPLAY)] * 2
    lines = narrow_table(rows, ("clause", "kinds", "what was violated", "replay"), ("left",) * 4, room).splitlines()
    assert [line.split()[-1:] for line in lines].count([REPLAY]) == 2
    assert all(len(line) <= room or line.split() == [REPLAY] for line in lines)


@pytest.mark.parametrize("room", range(40, 90))
def test_whatever_the_room(room: int) -> None:
    """Nothing of any cell is lost, and no line is too wide."""
    text = narrow_table(ROWS, HEADERS, ALIGN, room)
    assert widest(text) <= room
    assert all(word in text.split() for row in ROWS for cell in row for word in cell.split())


def test_only_where_there_is_too_little_room() -> None:
    """A table that fits, one whose room nobody knows, and one of another format are as they always were."""
    whole = table(ROWS, HEADERS, "simple", ["stage"])
    assert table(ROWS, HEADERS, TableFormat("simple", widest(whole)), ["stage"]) == whole
    assert table(ROWS, HEADERS, TableFormat("simple", widest(whole) - 1), ["stage"]) != whole
    assert table(ROWS, HEADERS, TableFormat("simple"), ["stage"]) == whole
    assert table(ROWS, HEADERS, TableFormat("tsv", 40)) == table(ROWS, HEADERS, "tsv")
    assert (room_of("simple"), room_of(TableFormat("github", 50)), room_of(TableFormat("simple", 50))) == (None, None, 50)
