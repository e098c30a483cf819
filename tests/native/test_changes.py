"""Atomic operations on a part of a location change that part, and no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.native import runtime as requests
from harness.native.changes import FUNCTIONS, AtomicChange

SIZES = st.sampled_from([1, 2, 4, 8])
NUMBERS = st.integers(0, (1 << 64) - 1)


@given(st.sampled_from(sorted(FUNCTIONS)), SIZES, st.integers(0, 7), NUMBERS, NUMBERS)
def test_only_the_part_changes(how: int, size: int, place: int, operand: int, value: int) -> None:
    """The rest of the location is as before, the part is what the operation makes of it, and that is within what it touches."""
    offset = place // size * size
    mask = ((1 << 8 * size) - 1) << 8 * offset
    change = AtomicChange((how, operand, 0, requests.FULL), size, 8, offset)
    new = change(value)
    assert new & ~mask == value & ~mask
    assert (new & mask) >> 8 * offset == FUNCTIONS[how]((value & mask) >> 8 * offset, operand) & (1 << 8 * size) - 1
    assert change.seen(value) == (value & mask) >> 8 * offset


@given(SIZES, NUMBERS, NUMBERS, NUMBERS)
def test_a_comparison_changes_what_is_as_expected(size: int, expected: int, operand: int, value: int) -> None:
    """A compare-and-exchange stores if it finds what it expects, and only then."""
    mask = (1 << 8 * size) - 1
    change = AtomicChange((requests.COMPARE, operand, expected, requests.FULL), size, 8, 0)
    assert change(value & ~mask | expected & mask) == value & ~mask | operand & mask
    if value & mask != expected & mask:
        assert change(value) == value
    assert (change.exact is None) == (size != 8)


def test_setting_and_clearing_touches_these_bits_only() -> None:
    """What an operation on a bit may change is that bit."""
    assert AtomicChange((requests.OR, 4, 0, requests.NO_VALUE), 4, 8, 4).touched == 4 << 32
    assert AtomicChange((requests.AND, ~4 & (1 << 64) - 1, 0, requests.ONE_BIT), 4, 8, 0).touched == 4
    assert AtomicChange((requests.OR, 4, 0, requests.NO_VALUE), 4, 8, 0).bits_only
    assert not AtomicChange((requests.OR, 4, 0, requests.FULL), 4, 8, 0).bits_only
