"""What came with the reads that a CPU has an address from: a read at that address is carried out after them (an address dependency).

That is known where there is no other way to the address: the object was made during the run, by somebody else, so whoever touches it has
read a reference to it. If several reads have returned one, the address may be from any of them, so only that counts which came with all; a
plain read orders nothing, nor does whatever else has named the object. What was there before the run may be known by name, so nothing is
said of that: a read of it may return an older value.

Who depends on a read, and is one itself, depends on what that one depends on. A write at such an address comes after the read as well, as
far as races are concerned (LKMM: `addr` is in `w-pre-bounded`); what it tells others does not change by that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from harness.explored.views import NOTHING, View
from stages.hypervisor import Cell, ListHead, Struct


class References(Protocol):
    """How objects and references look: an object is one number or several, none of them 0."""

    def within(self, pid: int, cell: Cell) -> int:
        """The object that a location is in, as far as the process can have its address from reads only; else 0."""

    def named_by(self, pid: int, value: Any) -> Iterable[int]:
        """The objects that a value is the address of, of which the same is so."""


class StructReferences:
    """Structures of Python. One is known by the locations of its members: each is an object of its own.

    Numbers of locations that are made during the run begin with `begin`, and are `apart`, by turns of `count` processes (`Places`).
    """

    __slots__ = ("_apart", "_begin", "_count", "_first")

    def __init__(self, begin: int, apart: int, count: int) -> None:
        self._begin, self._apart, self._count = begin, apart, count
        self._first = 1 << begin

    def within(self, pid: int, cell: Cell) -> int:
        location: int = cell.tag
        return location if location >= self._first and self._maker(location) != pid else 0

    def _maker(self, location: int) -> int:
        # (A list node has two locations, one after the other; the lower one says whose they are.)
        lowest = (location & -location).bit_length() - 1
        return (lowest - self._begin) // self._apart % self._count

    def named_by(self, pid: int, value: Any) -> Iterable[int]:
        if isinstance(value, ListHead) and value.owner is not None:
            value = value.owner
        if isinstance(value, Struct):
            return [found for cell in value.cells if (found := self.within(pid, cell))]
        found = self.within(pid, value) if isinstance(value, Cell) else 0
        return [found] if found else ()


class AddressOrigins:
    """By object: what came with the reads that one process has its address from."""

    __slots__ = ("_came_with", "_things")

    def __init__(self) -> None:
        self._came_with: dict[int, View] = {}
        # By location: the object that it is in.
        self._things: dict[int, int] = {}

    def touched(self, location: int, thing: int) -> None:
        """The process uses the address of a location of an object, wherever it has that from."""
        self._things[location] = thing
        self._came_with.setdefault(thing, NOTHING)

    def learnt(self, things: Iterable[int], view: View) -> None:
        """The process has read references to these, which are one object to it, and that came with them: a view that stays as it is."""
        known, things = self._came_with, list(things)
        if any(known.get(thing) is NOTHING for thing in things):
            view = NOTHING
        for thing in things:
            before = known.get(thing)
            known[thing] = view if before is None else before.common(view)

    def before(self, location: int) -> View:
        """What came with all reads that a use of that address may depend on."""
        return self._came_with.get(self._things.get(location, 0), NOTHING)
