"""What is to be said of a search in which a read was not given every value that it might have found: which read, and what to do about it.

Under `arm`, a plain read that races with a write goes on with the newest value (`harness.explored.view_engine`). A machine might have given
it an older one, or what is written later; and nobody knows what would have come of that.
"""

from __future__ import annotations

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import LOAD
from harness.search.record import recorded
from harness.search.search import Execute, Untried

NOT_TRIED = "other values were not tried"
IN_SHORT = f"a plain read races: {NOT_TRIED}"
TO_DO = "mark it (READ_ONCE, read_atomic) or order it"
# Of a read that may find what is written later: to mark it would not help.
TO_DO_BEFORE = "order them (a release behind the read, an acquire before the write)"


def described_untried(execute: Execute, untried: Untried | None, max_steps: int, make: type[ExploredEngine]) -> str:
    """The first such read of a search, in one sentence without a full stop; nothing if there is none.

    The lines are found by executing that execution again.
    """
    if untried is None:
        return ""
    at, write = untried.read
    when, to_do = ("later ", TO_DO_BEFORE) if untried.later else ("", TO_DO)
    _, rows = recorded(execute, untried.schedule, max_steps, make)
    if max(at, write) >= len(rows):
        return f"{IN_SHORT}; {to_do}"
    row = rows[at]
    read = "read" if row.kind == LOAD else row.kind
    return f"a plain {read} of {row.location} races at {row.where} with the {when}write at {rows[write].where}: {NOT_TRIED}; {to_do}"
