"""Counterexamples as tables."""

from __future__ import annotations

from harness.report.counterexample_table import counterexample_table
from harness.search.counterexample import Counterexample, CounterexampleRow

COLUMNS = ((0, "CPU0"), (2, "device"))
ROWS = (CounterexampleRow(0, "read x", False), CounterexampleRow(2, "raise irq", True), CounterexampleRow(0, "write x", False))


def cells(found: Counterexample, most: int | None = None) -> list[list[str]]:
    """The header and the rows of the table, without the rule below the header and the reason."""
    head, _, *lines, _ = counterexample_table(found, "github", most).splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, *lines)]


def test_each_process_has_a_column() -> None:
    """A row for each operation, under the process that performed it, with a star at a deviation."""
    assert cells(Counterexample(COLUMNS, ROWS, "why")) == [
        ["", "CPU0", "device"],
        ["0", "read x", ""],
        ["1*", "", "raise irq"],
        ["2", "write x", ""],
    ]


def test_the_reason_is_the_last_line() -> None:
    """And the text ends with that line."""
    assert counterexample_table(Counterexample(COLUMNS, ROWS, "nothing is wrong")).endswith("\nnothing is wrong\n")


def test_times_have_a_column_where_there_are_any() -> None:
    """In cycles, before the processes."""
    rows = tuple(CounterexampleRow(row.pid, row.text, row.deviation, 100 * at) for at, row in enumerate(ROWS))
    assert [line[1] for line in cells(Counterexample(COLUMNS, rows, "why"))] == ["cycles", "0", "100", "200"]


def test_the_middle_of_a_long_execution_is_left_out() -> None:
    """Two thirds of the rows are from the beginning, the rest from the end, and the gap says how many are missing."""
    rows = tuple(CounterexampleRow(0, f"step {at}", False) for at in range(10))
    assert cells(Counterexample(COLUMNS, rows, "why"), most=3)[1:] == [
        ["0", "step 0", ""],
        ["1", "step 1", ""],
        ["…", "7 operations are left out", ""],
        ["9", "step 9", ""],
    ]
