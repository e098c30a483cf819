"""Locations of C memory as cells: the value of one is what the memory holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from harness.machine.bit_words import BitWord, Part
from harness.machine.diagnosis import inner
from harness.native.layout_records import BOOL, ENUM, FUNCTION, INTEGER, LIST, POINTER, ScalarType
from harness.native.runtime import PATTERN, memory
from stages.shared_memory import Cell, ListHead, MemoryAccess

inner(__file__)

FORMATS: Mapping[int, Literal["B", "H", "I", "Q"]] = {1: "B", 2: "H", 4: "I", 8: "Q"}

# A number of more bits may be an address.
ADDRESS_BITS = 40


class Region:
    """A piece of this process' memory, from `low` up to `high`, as numbers of each size."""

    __slots__ = ("bytes", "high", "low", "numbers")

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low & ~7, (high + 7) & ~7
        self.bytes = memory(self.low, self.high - self.low)
        self.numbers = {size: self.bytes.cast(form) for size, form in FORMATS.items()}

    def __contains__(self, address: int) -> bool:
        return self.low <= address < self.high


class NativeCell(Cell):
    """A location: a scalar, or a part of memory of which nothing is known.

    `garbage`: nobody has written it since its memory was allocated. `intended`: plain accesses count as marked ones. `describe` puts a
    value in words, `number` is the number that it is to C, if it is one. `node`: the list node that this is a link of.
    """

    __slots__ = ("_at", "_numbers", "address", "describe", "garbage", "intended", "node", "number", "region", "size")

    def __init__(self, region: Region, name: str, address: int, size: int) -> None:
        self.region, self.name, self.address, self.size = region, name, address, size
        self.tag = 0
        self.garbage = self.intended = False
        self.describe: Callable[[int], str] | None = None
        self.number: Callable[[int], int | None] | None = None
        self.node: NativeNode | None = None
        at = address - region.low
        self._numbers = region.numbers[size]
        self._at = at // size

    @property
    def value(self) -> Any:
        """What memory holds, as a number without a sign."""
        return self._numbers[self._at]

    @value.setter
    def value(self, value: int | None) -> None:
        # (None is what an owner leaves that has taken memory back.)
        self._numbers[self._at] = GARBAGE_OF[self.size] if value is None else value & MASKS[self.size]

    def spoil(self) -> None:
        """Make this memory that nobody has initialised."""
        self.value = None
        self.garbage = True


class OddCell(NativeCell):
    """One that is not where numbers of its size are, or of another size."""

    __slots__ = ()

    def __init__(self, region: Region, name: str, address: int, size: int) -> None:
        super().__init__(region, name, address, 1)
        self.size = size

    @property
    def value(self) -> Any:
        at = self.address - self.region.low
        return int.from_bytes(self.region.bytes[at : at + self.size], "little")

    @value.setter
    def value(self, value: int | None) -> None:
        at = self.address - self.region.low
        number = int.from_bytes(bytes([PATTERN]) * self.size, "little") if value is None else value & (1 << 8 * self.size) - 1
        self.region.bytes[at : at + self.size] = number.to_bytes(self.size, "little")


MASKS = {size: (1 << 8 * size) - 1 for size in FORMATS}
GARBAGE_OF = {size: int.from_bytes(bytes([PATTERN]) * size, "little") for size in FORMATS}


def cell(region: Region, name: str, address: int, size: int) -> NativeCell:
    """The cell of a location."""
    fits = size in FORMATS and not (address - region.low) % size
    return (NativeCell if fits else OddCell)(region, name, address, size)


class NativeNode(ListHead):
    """A list node in C memory, for who looks at it from outside: its links are two cells, and these are what code accesses."""

    __slots__ = ("links", "node_at")

    def __init__(self, name: str, links: tuple[NativeCell, NativeCell], node_at: Callable[[int], ListHead | None]) -> None:
        self.name, self.links, self.node_at = name, links, node_at
        self.owner = self.value = None
        self.tag = 0

    @property
    def next_node(self) -> ListHead | None:  # type: ignore[override]
        """The node that the link leads to; None if there is none."""
        return self.node_at(self.links[0].value)

    @property
    def prev_node(self) -> ListHead | None:  # type: ignore[override]
        """The node that the other link leads to; None if there is none."""
        return self.node_at(self.links[1].value)


class NativeBitWord(BitWord):
    """A word of the machine that lives in C memory: the operations of the machine are those of any such word."""

    __slots__ = ("cell", "garbage", "intended", "size")
    # It is no link.
    node = None

    def __init__(self, hv: MemoryAccess, cell: NativeCell, low: int = 1) -> None:
        self.cell, self.size, self.intended = cell, cell.size, cell.intended
        self.garbage = False
        super().__init__(hv, cell.name, low)

    @property
    def value(self) -> Any:
        """What memory holds."""
        return self.cell.value

    @value.setter
    def value(self, value: int) -> None:
        self.cell.value = value

    def part_of(self, mask: int) -> Part | None:
        """The part that these bits are in; None if they are in both."""
        rest, low = self.parts
        return low if not mask & ~self.low else rest if not mask & self.low else None


def shown(kind: ScalarType, size: int, name_of: Callable[[int], str]) -> Callable[[int], str] | None:
    """How values of a type are put in words; None for those that are plain numbers."""
    if kind.kind in (POINTER, FUNCTION, LIST):
        return lambda value: name_of(value) if value else "NULL"
    if kind.kind == BOOL:
        return lambda value: str(bool(value)).lower()
    if kind.kind == ENUM and kind.names:
        names = dict(kind.names)
        return lambda value: names.get(_signed(value, size) if kind.signed else value) or _bits(value, names)
    if kind.kind == INTEGER and kind.signed:
        return lambda value: _plain(_signed(value, size))
    # A number may be an address, in disguise: where it is one, it is another one in each process.
    return (lambda value: name_of(value) if value >> ADDRESS_BITS else _plain(value)) if size == 8 else None


def number_of(kind: ScalarType, size: int) -> Callable[[int], int | None] | None:
    """What makes the number of C of a value that memory holds; None for types that are no numbers."""
    if kind.kind != INTEGER:
        return None
    # (What may be an address is another number in each process.)
    return lambda value: _signed(value, size) if kind.signed else None if value >> ADDRESS_BITS else value


def _bits(value: int, names: Mapping[int, str]) -> str:
    """A value of an enum that is none of its own: the bits that have names, and what is left."""
    found = [name for number, name in sorted(names.items()) if number > 0 and not number & (number - 1) and value & number]
    named = sum(number for number in names if number > 0 and not number & (number - 1) and value & number)
    rest = value & ~named
    return "|".join([*found, *([f"{rest:#x}"] if rest else [])]) if found else f"{value:#x}"


def _signed(value: int, size: int) -> int:
    return value - (1 << 8 * size) if value >> 8 * size - 1 else value


def _plain(value: int) -> str:
    return f"{value:#x}" if abs(value) > 9 else str(value)
