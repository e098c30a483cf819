"""What is noted of operations: who has written what they find, which call they are part of, and what that is nested in."""

from __future__ import annotations

import pytest

from harness.explored.models import ENGINES, SC, TSO
from harness.litmus.litmus_programs import executed
from harness.litmus.weak_programs import r, threads, w
from harness.search.record import recorded
from harness.search.recorder import OperationRow
from tests.report.executions import FINDINGS, replayed


def rows_of(schedule: list[int], model: str) -> list[OperationRow]:
    """The rows of: the first thread writes x and reads it, the second one reads it."""
    return recorded(executed(threads([w("x"), r("x")], [r("x")])), schedule, 100, ENGINES[model])[1]


def test_who_has_written_what_is_read() -> None:
    """A read names the row of the last write; before any, it names none."""
    assert [row.written_in for row in rows_of([1, 0, 0], SC)] == [None, None, 1]


def test_what_is_in_the_own_store_buffer_is_nobody_elses() -> None:
    """A CPU that reads back its own store, which has not arrived, has not read what another one has written to memory."""
    arrange = threads([w("x"), r("x")], [w("x", 2)])
    rows = recorded(executed(arrange), [3, 0, 2], 100, ENGINES[TSO])[1]
    assert [(row.kind, row.written_in) for row in rows] == [("arrival of write", None), ("read", None), ("arrival of write", None)]


@pytest.mark.parametrize("clause", ["wakeup"])
def test_nested_rows_and_calls(clause: str) -> None:
    """What an interrupt handler does is nested in one, and the call that it has interrupted is the same one afterwards."""
    rows = replayed(FINDINGS[clause]).rows
    handler = [at for at, row in enumerate(rows) if row.contexts == ("interrupt handler",)]
    before, after = rows[handler[0] - 1], rows[handler[-1] + 1]
    assert {rows[at].entered for at in handler} == {"tasklet_schedule"}
    assert before.entered == after.entered == "do_tasklet"
    assert before.call == after.call != rows[handler[0]].call
