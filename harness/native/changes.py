"""What an atomic operation of C code does to a location, which may be wider than what the operation is on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from harness.native import runtime as requests

FUNCTIONS: dict[int, Callable[[int, int], int]] = {
    requests.EXCHANGE: lambda _, operand: operand,
    requests.ADD: lambda found, operand: found + operand,
    requests.SUB: lambda found, operand: found - operand,
    requests.AND: lambda found, operand: found & operand,
    requests.OR: lambda found, operand: found | operand,
    requests.XOR: lambda found, operand: found ^ operand,
    requests.NAND: lambda found, operand: ~(found & operand),
}


@lru_cache(maxsize=4096)
def atomic_change(how: int, operand: int, expected: int, order: int, size: int, width: int, offset: int) -> AtomicChange:
    """The change by an operation on `size` bytes, `offset` bytes into a location of `width`; most come again and again."""
    return AtomicChange((how, operand, expected, order), size, width, offset)


class AtomicChange:
    """Called with the value of the location, returns the new one.

    `touched`: the bits that may become others; `bits_only`: nobody sees more than these of what was found. `exact`: the values expected and
    new, where it is a compare-and-exchange of all of the location. `full`: it is a full barrier; else `acquires` and `releases` say what
    it is.
    """

    __slots__ = ("acquires", "bits_only", "exact", "expected", "full", "function", "mask", "operand", "releases", "shift", "touched")

    def __init__(self, arguments: Sequence[int], size: int, width: int, offset: int) -> None:
        how, operand, expected, order = arguments
        self.mask = (1 << 8 * size) - 1
        self.shift = 8 * offset
        self.operand, self.expected = operand & self.mask, expected & self.mask
        compares = how == requests.COMPARE
        self.function = None if compares else FUNCTIONS[how]
        self.exact = (self.expected, self.operand) if compares and size == width and order >= requests.FULL else None
        self.full = order in (requests.FULL, requests.ONE_BIT)
        self.acquires = order in (requests.CONSUME, requests.ACQUIRES, requests.BOTH)
        self.releases = order in (requests.RELEASES, requests.BOTH)
        self.bits_only = order >= requests.NO_VALUE
        bits = ~self.operand if how == requests.AND else self.operand
        self.touched = (bits & self.mask) << self.shift

    def __call__(self, value: int) -> int:
        part = value >> self.shift & self.mask
        if self.function is not None:
            new = self.function(part, self.operand) & self.mask
        else:
            new = self.operand if part == self.expected else part
        return value & ~(self.mask << self.shift) | new << self.shift

    def seen(self, value: int) -> int:
        """What the operation has found, of a value that the location had."""
        return value >> self.shift & self.mask
