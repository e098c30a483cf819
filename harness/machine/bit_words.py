"""Words in two parts: atomic operations on one bit each commute where the bits are of different parts; a search need not try both orders.

They tell nothing of the other bits: to set or to clear one returns nothing, to test one as well returns what it was. Who looks for the
lowest bit that is set learns nothing of the higher ones either. All other operations are on the whole word. In virtual time both parts are
on one cache line, and cost what the word does.
"""

from __future__ import annotations

from typing import Any, cast

from stages.shared_memory import Cell, MemoryAccess, Word


class BitWord(Word):
    """A word whose lowest bits, those of the mask `low`, are a location, and the others are one: more would cost more than they save.

    The value that such a word has before an operation on one bit depends on the order of others, so no engine can wait for it.
    """

    __slots__ = ("low", "parts")

    def __init__(self, hv: MemoryAccess, name: str, low: int = 1) -> None:
        self.hv = hv
        self.name = name
        self.value = 0
        self.low = low
        self.parts = (Part(hv, self, ~low), Part(hv, self, low))
        self.tag = hv.place(self, name, self.parts)

    def test_bit(self, bit: int) -> bool:
        return bool(self.hv.read_cell(self._part(bit)) >> bit & 1)

    def set_bit(self, bit: int) -> None:
        self.hv.modify_cell(self._part(bit), lambda value: value | 1 << bit)

    def clear_bit(self, bit: int) -> None:
        self.hv.modify_cell(self._part(bit), lambda value: value & ~(1 << bit))

    def test_and_set_bit(self, bit: int) -> bool:
        found = self.hv.update_cell(self._part(bit), lambda value: value | 1 << bit)
        return bool(found >> bit & 1)

    def test_and_clear_bit(self, bit: int) -> bool:
        found = self.hv.update_cell(self._part(bit), lambda value: value & ~(1 << bit))
        return bool(found >> bit & 1)

    def _part(self, bit: int) -> Part:
        return self.parts[self.low >> bit & 1]


class Part(Cell):
    """Some bits of a word, as a location."""

    __slots__ = ("mask", "word")

    def __init__(self, hv: MemoryAccess, word: BitWord, mask: int) -> None:
        self.word = word
        self.mask = mask
        super().__init__(hv, word.name, 0, word.name)

    @property
    def value(self) -> Any:
        """The word without its other bits."""
        return cast(int, self.word.value) & self.mask

    @value.setter
    def value(self, value: Any) -> None:
        self.word.value = self.word.value & ~self.mask | value
