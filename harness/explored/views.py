"""What a CPU knows of memory, where a read may return an older value: views, and the messages that writes leave.

A location has a history of messages, in the order of its writes. A view says of each location which message is known, so that nothing older
may be read. A CPU has three: what it knows (`now`), what it will know after a read barrier (`pending`: what came with the messages that it
has read), and what it tells with an ordinary write (`told`: what it knew at its last barrier that orders writes).

Kang, Hur, Lahav, Vafeiadis, Dreyer: "A Promising Semantics for Relaxed-Memory Concurrency", POPL 2017, without promises; Dang and others:
"Compass", PLDI 2022, section 3, has the same views. Nothing here knows of an engine.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

# Barriers, by what they order; `ALL` orders reads and writes with each other, too.
READS, WRITES, ALL = "smp_rmb", "smp_wmb", "smp_mb"
# What may stand in the place of a barrier behind a read, or before a write.
ACQUIRE, RELEASE = "acquire", "release"


class Evidence(Enum):
    """What shows that something was missed: its process has read what came later, or written over it; or another one has missed, too."""

    READ = 0
    OVERWRITTEN = 1
    MISSED_TOO = 2


class MissingBarrier(NamedTuple):
    """Process `who` has no such `barrier` between operations `first` and `last`.

    `or_else`: nor is the first of them an acquire, or the last one a release, whichever would do as well.
    """

    who: str
    barrier: str
    first: int
    last: int
    or_else: str = ""


class Unordered(NamedTuple):
    """Why a read has missed a write: with all the `missing` barriers, it would not have.

    READ: in operation `at`, the reader has read the write of operation `row`, which came later than the missed one. OVERWRITTEN: it has
    only written over that. MISSED_TOO: operation `row` is a read that came later than the missed write, and has missed the write of
    operation `at`, of which the reader knows. Operation `row` is one of process `of`.
    """

    evidence: Evidence
    row: int
    at: int
    of: str
    missing: tuple[MissingBarrier, ...]


class OlderValue(NamedTuple):
    """What a read tells that has not returned the newest value.

    Of the `cell`, the `value`, and who has written that (nobody: it was there before); and the first write that it has not seen: whose it
    is, what it has written, in which line. `more` come after that one. `missed_in` is the operation that it was, and `why` it was missed,
    if one or two barriers would have changed that.
    """

    cell: Any
    value: Any
    writer: str
    missed_of: str
    missed: Any
    missed_at: str
    more: int
    missed_in: int
    why: Unordered | None


class View:
    """By location, the number of a message in its history; and the full barriers that happen before, as a mask."""

    __slots__ = ("barriers", "seen")

    def __init__(self, seen: dict[int, int] | None = None, barriers: int = 0) -> None:
        self.seen: dict[int, int] = {} if seen is None else seen
        self.barriers = barriers

    def copy(self) -> View:
        """A view that goes on by itself."""
        return View(dict(self.seen), self.barriers)

    def of(self, location: int) -> int:
        """The oldest message of a location that is not too old."""
        return self.seen.get(location, 0)

    def see(self, location: int, number: int) -> None:
        """Know one message."""
        if self.seen.get(location, 0) < number:
            self.seen[location] = number

    def join(self, other: View) -> None:
        """Know what another view does."""
        if other is self:
            return
        self.barriers |= other.barriers
        seen = self.seen
        for location, number in other.seen.items():
            if seen.get(location, 0) < number:
                seen[location] = number


# Of memory as it was in the beginning; never changed.
NOTHING = View()


class ViewMessage:
    """What a write leaves: a location of its own (`bit`), the operation that it was (-1: before the run), whose, and what it tells."""

    __slots__ = ("again", "at", "before", "bit", "location", "number", "pid", "place", "plain", "view")

    def __init__(self, location: int, bit: int, number: int, at: int = -1, pid: int = -1, plain: bool = False) -> None:
        self.location = location
        self.bit = bit
        self.number = number
        self.at = at
        self.pid = pid
        self.plain = plain
        self.view = NOTHING
        # What those tell that have written the same value again, to whoever overwrites it.
        self.again: View | None = None
        # The value that it has overwritten.
        self.before: object = None
        # The line of code, if somebody watches.
        self.place = ""


class Knowledge:
    """The views of one CPU, and the numbers of its own last writes."""

    __slots__ = ("now", "own", "pending", "told")

    def __init__(self) -> None:
        self.now = View()
        self.pending = View()
        # Shared with messages, so never changed: a barrier makes a new one.
        self.told = NOTHING
        self.own = View()

    def read(self, message: ViewMessage, acquire: bool) -> None:
        """Read a message."""
        if message.number:
            self.now.see(message.location, message.number)
            self.pending.join(message.view)
            if acquire:
                self.now.join(message.view)

    def write(self, message: ViewMessage, release: bool) -> None:
        """Write one; what it tells does not change afterwards."""
        self.now.see(message.location, message.number)
        self.own.see(message.location, message.number)
        message.view = self.now.copy() if release else self.told

    def order_reads(self) -> None:
        """A read barrier."""
        self.now.join(self.pending)

    def order_writes(self) -> None:
        """A write barrier."""
        told = self.told.copy()
        told.join(self.own)
        self.told = told
