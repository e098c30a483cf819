"""Reading one entry of debugging information (DWARF 4, as gcc and clang write it): names, numbers, references, ranges of code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from elftools.dwarf.descriptions import describe_form_class
from elftools.dwarf.die import DIE
from elftools.dwarf.ranges import BaseAddressEntry

TYPE = "DW_AT_type"
# Where the rest of an entry is that says where something is.
ELSEWHERE = ("DW_AT_abstract_origin", "DW_AT_specification")
ADDRESS_OPERATION = 0x03
ADDRESS_BYTES = 8


def value(die: DIE, attribute: str, default: Any = None) -> Any:
    """What an attribute says."""
    found = die.attributes.get(attribute)
    return default if found is None else found.value


def referred(die: DIE, attribute: str) -> DIE | None:
    """The entry that an attribute refers to."""
    return die.get_DIE_from_attribute(attribute) if attribute in die.attributes else None


def whole(die: DIE) -> DIE:
    """The entry with name and type, of one that says only where something is."""
    for attribute in ELSEWHERE:
        if (other := referred(die, attribute)) is not None:
            return whole(other)
    return die


def name_of(die: DIE) -> str:
    """Its name; nothing if it has none."""
    found: bytes = value(die, "DW_AT_name", b"")
    return found.decode(errors="replace")


def address_of(die: DIE) -> int | None:
    """Where a variable is; None if it is not at one place."""
    location = die.attributes.get("DW_AT_location")
    expression = bytes(location.value) if location is not None and location.form == "DW_FORM_exprloc" else b""
    if len(expression) != 1 + ADDRESS_BYTES or expression[0] != ADDRESS_OPERATION:
        return None
    return int.from_bytes(expression[1:], "little")


def code_ranges(die: DIE) -> Iterator[tuple[int, int]]:
    """The ranges of addresses of its code."""
    low, high = die.attributes.get("DW_AT_low_pc"), die.attributes.get("DW_AT_high_pc")
    if low is not None and high is not None:
        is_address = describe_form_class(high.form) == "address"
        yield low.value, high.value if is_address else low.value + high.value
    elif "DW_AT_ranges" in die.attributes:
        yield from _listed_ranges(die, value(die, "DW_AT_ranges"))


def _listed_ranges(die: DIE, offset: int) -> Iterator[tuple[int, int]]:
    lists = die.dwarfinfo.range_lists()
    # In DWARF 4, a list begins with the base of its compilation.
    base = value(die.cu.get_top_DIE(), "DW_AT_low_pc", 0)
    for entry in () if lists is None else lists.get_range_list_at_offset(offset):
        if isinstance(entry, BaseAddressEntry):
            base = entry.base_address
        else:
            yield base + entry.begin_offset, base + entry.end_offset
