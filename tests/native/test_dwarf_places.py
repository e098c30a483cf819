"""An instruction has a line of the stage, whatever is inlined where."""

from __future__ import annotations

import pytest

from harness.native.dwarf_places import LineRow, PlaceTable, Scope

OURS = "/machine/xen/list.h"
ROWS = (
    LineRow(10, "sub/a.c", 1),
    LineRow(20, OURS, 7),
    LineRow(30, OURS, 8),
    LineRow(40, "sub/own.h", 3),
    LineRow(50, "sub/a.c", 0),
    LineRow(60, OURS, 9),
    LineRow(70, "sub/a.c", 0),
    LineRow(80, OURS, 20),
    LineRow(90, OURS, 5),
)
SCOPES = (
    Scope(10, 70, 0, "outer", "sub/a.c", 1),
    Scope(20, 35, 1, "own_inline", "sub/a.c", 2),
    Scope(20, 35, 2, "list_add", "sub/own.h", 5),
    Scope(20, 30, 3, "list_link", OURS, 4),
    Scope(40, 50, 1, "own_inline", "sub/a.c", 4),
    Scope(80, 90, 0, "checks", OURS, 19),
    Scope(90, 100, 0, "only", "sub/b.c", 30),
)
PLACES = [
    (9, "0x9"),
    (10, "a.c:1 (outer)"),
    # Two of ours, one in the other, in a function of the stage's own that is inlined, too.
    (25, "own.h:5 (own_inline)"),
    (31, "own.h:5 (own_inline)"),
    # Ours, and in nothing that is inlined: the last line of the function's own.
    (36, "a.c:1 (outer)"),
    (45, "own.h:3 (own_inline)"),
    # No line at all: that before.
    (55, "own.h:3 (outer)"),
    (65, "own.h:3 (outer)"),
    # A function of ours that is called.
    (85, "list.h:20 (checks)"),
    # No line of the function's own at all: its first one.
    (95, "b.c:30 (only)"),
    (100, "0x64"),
]


@pytest.mark.parametrize(("pc", "place"), PLACES)
def test_places(pc: int, place: str) -> None:
    """File, line and function."""
    assert PlaceTable(ROWS, SCOPES).place(pc) == place
