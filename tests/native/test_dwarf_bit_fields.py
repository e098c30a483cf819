"""Bit-fields are accessed together as far as an access reaches."""

from __future__ import annotations

import pytest

from harness.native.dwarf_bit_fields import BitField, bit_units

A, B, C = BitField(0, 3, "a"), BitField(3, 10, "b"), BitField(16, 20, "c")
ROWS = [
    ([A], [4], [(0, 1, ".a")]),
    ([B, A], [4], [(0, 2, ".{a,b}")]),
    # Adjoining bytes are one access while there is room.
    ([A, B, C], [4], [(0, 4, ".{a,b,c}")]),
    # There is another member right behind: no access of two, four or eight bytes has just these.
    ([BitField(8, 25, "d")], [4, 8], [(1, 3, ".d")]),
    ([A, BitField(32, 33, "far")], [8], [(0, 1, ".a"), (4, 1, ".far")]),
    # A byte that two share is never in two units, however large that makes one.
    ([BitField(0, 60, "x"), BitField(60, 120, "y")], [16], [(0, 15, ".{x,y}")]),
    ([BitField(0, 64, "x"), BitField(64, 70, "y")], [16], [(0, 8, ".x"), (8, 1, ".y")]),
    ([], [8], []),
]


@pytest.mark.parametrize(("fields", "limits", "expected"), ROWS)
def test_units(fields: list[BitField], limits: list[int], expected: list[tuple[int, int, str]]) -> None:
    """Offset, size and names of each unit."""
    assert [(unit.offset, unit.size, unit.suffix) for unit in bit_units(fields, limits)] == expected
