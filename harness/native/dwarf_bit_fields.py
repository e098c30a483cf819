"""Bit-fields: which of them are read and written together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from elftools.dwarf.die import DIE

from harness.native.dwarf_entries import name_of, value

# How many bytes an access has.
UNITS = (1, 2, 4, 8)


@dataclass(frozen=True, order=True)
class BitField:
    """A bit-field: its bits in the struct, from `first` up to `end`, little-endian."""

    first: int
    end: int
    name: str

    @staticmethod
    def of(member: DIE, type_size: int) -> BitField:
        """What a member says; the size of its declared type is in bytes."""
        bits = value(member, "DW_AT_bit_size")
        first = value(member, "DW_AT_data_bit_offset")
        if first is None:
            # Counted from the other end of a unit of the declared type.
            unit = value(member, "DW_AT_byte_size", type_size) * 8
            first = value(member, "DW_AT_data_member_location", 0) * 8 + unit - value(member, "DW_AT_bit_offset", 0) - bits
        return BitField(first, first + bits, name_of(member))


@dataclass(frozen=True)
class BitUnit:
    """Bytes that are accessed together, and the bit-fields in them."""

    offset: int
    size: int
    fields: tuple[BitField, ...]

    @property
    def suffix(self) -> str:
        """What is written after the name of the struct: ".a", ".{a,b}"."""
        names = [field.name for field in self.fields if field.name]
        return f".{names[0]}" if len(names) == 1 else f".{{{','.join(names)}}}"


def is_bit_field(member: DIE) -> bool:
    """Whether a member is one."""
    return "DW_AT_bit_size" in member.attributes


def bit_units(fields: Iterable[BitField], limits: Iterable[int]) -> Iterator[BitUnit]:
    """Bit-fields that adjoin, as long as one access has room for them. No access reaches `limits`: other members, the end of the struct."""
    ends, group = sorted(limits), list[BitField]()
    for field in sorted(fields):
        if group and not _together(group, field, ends):
            yield _made(group, ends)
            group = []
        group.append(field)
    if group:
        yield _made(group, ends)


def _together(group: list[BitField], field: BitField, ends: list[int]) -> bool:
    first, end = group[0].first // 8, (group[-1].end + 7) // 8
    if field.first // 8 < end:
        return True
    return field.first // 8 == end and _size(first, (field.end + 7) // 8, ends) in UNITS


def _made(group: list[BitField], ends: list[int]) -> BitUnit:
    first = group[0].first // 8
    return BitUnit(first, _size(first, (group[-1].end + 7) // 8, ends), tuple(group))


def _size(first: int, end: int, ends: list[int]) -> int:
    """How many bytes an access has that has all from `first` up to `end`."""
    limit = next((limit for limit in ends if limit >= end), end)
    return next((size for size in UNITS if end <= first + size <= limit), end - first)
