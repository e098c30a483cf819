"""Values of C memory are put in words by their types."""

from __future__ import annotations

import ctypes

import pytest

from harness.native.cells import GARBAGE_OF, Region, cell, number_of, shown
from harness.native.layout import ScalarType

FLAGS = ((1, "RUN"), (2, "SCHED"), (3, "BOTH"), (8, "DEAD"))


def name_of(address: int) -> str:
    """Stands for what a library knows."""
    return f"&there + {address}"


@pytest.mark.parametrize(
    ("kind", "size", "value", "words"),
    [
        (ScalarType("integer", True, "int"), 4, 0xFFFFFFFF, "-1"),
        (ScalarType("integer", True, "int"), 4, 10, "0xa"),
        (ScalarType("integer", False, "unsigned long"), 8, 1 << 46, f"&there + {1 << 46}"),
        (ScalarType("integer", False, "unsigned long"), 8, 3, "3"),
        (ScalarType("bool", False, "bool"), 1, 1, "true"),
        (ScalarType("pointer", False, "int *"), 8, 0, "NULL"),
        (ScalarType("pointer", False, "int *"), 8, 9, "&there + 9"),
        (ScalarType("enum", False, "enum state", FLAGS), 4, 2, "SCHED"),
        (ScalarType("enum", False, "enum state", FLAGS), 4, 3, "BOTH"),
        (ScalarType("enum", False, "enum state", FLAGS), 4, 10, "SCHED|DEAD"),
        (ScalarType("enum", False, "enum state", FLAGS), 4, 0x101, "RUN|0x100"),
        (ScalarType("enum", False, "enum state", FLAGS), 4, 0, "0x0"),
    ],
)
def test_a_value_is_in_the_words_of_its_type(kind: ScalarType, size: int, value: int, words: str) -> None:
    """Signs, names of enums and of their bits, and what a pointer leads to."""
    describe = shown(kind, size, name_of)
    assert describe is not None
    assert describe(value) == words


@pytest.mark.parametrize(
    ("kind", "size", "value", "number"),
    [
        (ScalarType("integer", True, "int"), 4, 0xFFFFFFFF, -1),
        (ScalarType("integer", False, "unsigned int"), 4, 0xFFFFFFFF, 0xFFFFFFFF),
        (ScalarType("integer", False, "unsigned long"), 8, 3, 3),
        (ScalarType("integer", False, "unsigned long"), 8, 1 << 46, None),
    ],
)
def test_numbers_are_those_of_c(kind: ScalarType, size: int, value: int, number: int | None) -> None:
    """With their sign; what may be an address is none."""
    found = number_of(kind, size)
    assert found is not None
    assert found(value) == number
    assert number_of(ScalarType("pointer", False, "int *"), 8) is None


def test_a_cell_is_what_memory_holds() -> None:
    """Also one that is not where numbers of its size are; garbage is what nobody has written."""
    content = bytearray(40)
    held = (ctypes.c_char * 40).from_buffer(content)
    begin = -ctypes.addressof(held) % 8
    seen, low = memoryview(content)[begin:], ctypes.addressof(held) + begin
    region = Region(low, low + 32)
    plain, odd = cell(region, "plain", region.low + 8, 4), cell(region, "odd", region.low + 13, 3)
    plain.value, odd.value = 0x1_2345_6789, 0x010203
    assert (plain.value, odd.value) == (0x23456789, 0x010203)
    assert seen[8:12] == bytes([0x89, 0x67, 0x45, 0x23])
    assert seen[13:16] == bytes([3, 2, 1])
    plain.spoil()
    assert (plain.value, plain.garbage) == (GARBAGE_OF[4], True)
