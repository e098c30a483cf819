"""What a CPU knows of memory, where a read may return an older value: views, and the messages that writes leave.

A location has a history of messages, in the order of its writes. A view says of each location which message is known, so that nothing older
may be read. A CPU has three: what it knows (`now`), what it will know after a read barrier (`pending`: what came with the messages that it
has read), and what it tells with an ordinary write (`told`: what it knew at its last barrier that orders writes).

A view also says how far the operations of each process are known as far as they are reads: those before a number. To know of a read is less
than to know of a write: it has been carried out, that is all. So an ordinary write tells of the reads of others that its CPU has been told
of, whatever barriers there are; of its own reads it tells those before the last full barrier. A write barrier orders no reads, but what it
orders may be a release, which comes after reads.

Kang, Hur, Lahav, Vafeiadis, Dreyer: "A Promising Semantics for Relaxed-Memory Concurrency", POPL 2017, without promises; Dang and others:
"Compass", PLDI 2022, section 3, has the same views. Nothing here knows of an engine.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from harness.explored.last_reads import acquires_of

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


NO_READS: dict[int, int] = {}


class View:
    """By location, the number of a message in its history; by process, how far its reads are known; the full barriers before, as a mask."""

    __slots__ = ("barriers", "reads", "seen")

    def __init__(self, seen: dict[int, int] | None = None, barriers: int = 0, reads: dict[int, int] | None = None) -> None:
        self.seen: dict[int, int] = {} if seen is None else seen
        self.barriers = barriers
        # Shared with other views, so never changed.
        self.reads = NO_READS if reads is None else reads

    def copy(self) -> View:
        """A view that goes on by itself."""
        return View(dict(self.seen), self.barriers, self.reads)

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
        reads, known = other.reads, self.reads
        if reads is not known:
            for pid in reads:
                if known.get(pid, 0) < reads[pid]:
                    self.know_reads(reads)
                    break

    def common(self, other: View) -> View:
        """What both know; the order of full barriers aside."""
        if other is self:
            return self
        seen = {location: number for location in self.seen if (number := min(self.seen[location], other.of(location)))}
        reads = {pid: number for pid in self.reads if (number := min(self.reads[pid], other.reads.get(pid, 0)))}
        return View(seen, 0, reads) if seen or reads else NOTHING

    def know_reads(self, reads: dict[int, int]) -> None:
        """Know as much of the reads of each process."""
        known = self.reads
        if all(number <= reads.get(pid, 0) for pid, number in known.items()):
            # (Views that share theirs are joined soonest.)
            self.reads = reads
        else:
            self.reads = known | {pid: number for pid, number in reads.items() if known.get(pid, 0) < number}


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
    """The views of one CPU (process `pid`), and the numbers of its own last writes. `at`: how many operations have been performed."""

    __slots__ = ("_handed_on", "_unlocked", "now", "own", "pending", "pid", "told")

    def __init__(self, pid: int = -1) -> None:
        self.pid = pid
        # Its own reads are known here as far as they are carried out before whatever it writes next.
        self.now = View()
        # What its last release has told; not to be changed.
        self._handed_on = NOTHING
        # What it had written, and what came with what it had read, when it released a lock last, and how far it had come; None: it has not.
        self._unlocked: tuple[View, View, int] | None = None
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

    def acquired(self, at: int) -> None:
        """Operation `at` was an acquire read: whatever it writes next tells that this one has been carried out."""
        self.now.reads = {**self.now.reads, acquires_of(self.pid): at + 1}

    def write(self, message: ViewMessage, release: bool) -> None:
        """Write one; what it tells does not change afterwards."""
        self.now.see(message.location, message.number)
        self.own.see(message.location, message.number)
        message.view = self.released(message.at) if release else self.ordinary()

    def released(self, at: int) -> View:
        """What a release tells, of a write or of a lock."""
        self._handed_on = self.everything(at)
        return self._handed_on

    def everything(self, at: int) -> View:
        """What is told where all that it has done comes before: what it has read as well, and what came with that, so releases add up."""
        view = self.now.copy()
        view.join(self.pending)
        view.reads = {**view.reads, self.pid: at}
        return view

    def unlocked(self, at: int) -> View:
        """What it tells with a lock that it has released, in the operation before `at`."""
        self._unlocked = self.own.copy(), self.pending.copy(), at
        return self.released(at)

    def locked(self) -> int | None:
        """It takes a lock, this one or another: what comes after is in order with what came before the last that it has released.

        A later read is in order with an earlier read or write, and so are writes; a read is not held back by an earlier write, but no
        view says that it were. (LKMM calls that `po-unlock-lock-po`.) Returns the operation that released it, if there is anything new.
        """
        if self._unlocked is None:
            return None
        own, pending, at = self._unlocked
        self._unlocked = None
        self.now.join(pending)
        self._order_writes(own, {self.pid: at})
        return at - 1

    def ordinary(self) -> View:
        """What an ordinary write tells; not to be changed."""
        told, reads = self.told, self.now.reads
        return told if reads is told.reads else View(told.seen, told.barriers, reads)

    def order_reads(self) -> None:
        """A read barrier."""
        self.now.join(self.pending)

    def order_all(self, at: int) -> None:
        """A full barrier."""
        self.order_reads()
        self.now.reads = {**self.now.reads, self.pid: at}
        self.told = self.now.copy()

    def order_writes(self) -> None:
        """A write barrier: what its last release has told comes before, as that is a write as well."""
        self._order_writes(self.own, self._handed_on.reads)
        self.told.join(self._handed_on)

    def _order_writes(self, own: View, reads: dict[int, int]) -> None:
        """Tell from now on of these writes of its own, before the last of which all is carried out that is known of by `reads`."""
        if reads:
            self.now.know_reads(reads)
        self.told = View(dict(self.told.seen), self.told.barriers, self.now.reads)
        self.told.join(own)
