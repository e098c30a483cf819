"""What is to be said of a search in which a read was not given every value that it might have found: which read, and what to do about it.

Under `arm`, a plain read that races goes on with the newest value (`harness.explored.view_engine`). A machine might have given it an older
one, and nobody knows what would have come of that.
"""

from __future__ import annotations

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import LOAD
from harness.search.record import recorded
from harness.search.search import Execute, Untried

IN_SHORT = "a plain read races: older values were not tried"
TO_DO = "mark it (READ_ONCE, read_atomic) or order it"


def described_untried(execute: Execute, untried: Untried | None, max_steps: int, make: type[ExploredEngine]) -> str:
    """The first such read of a search, in one sentence without a full stop; nothing if there is none.

    The line is found by executing that execution again.
    """
    if untried is None:
        return ""
    _, rows = recorded(execute, untried.schedule, max_steps, make)
    if untried.at >= len(rows):
        return f"{IN_SHORT}; {TO_DO}"
    row = rows[untried.at]
    read = "read" if row.kind == LOAD else row.kind
    return f"a plain {read} of {row.location} races at {row.where}: older values were not tried; {TO_DO}"
