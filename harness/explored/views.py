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

from typing import Any, NamedTuple


class OlderValue(NamedTuple):
    """What a read tells that has not returned the newest value.

    Of the `cell`, the `value`, and who has written that (nobody: it was there before); and the first write that it has not seen: whose it
    is, what it has written, in which line. `more` come after that one. `missed_in` is the operation that it was, and `later` a write that
    the reader knows of and that came after it, if there is any; `told`: that write tells of the missed one.
    """

    cell: Any
    value: Any
    writer: str
    missed_of: str
    missed: Any
    missed_at: str
    more: int
    missed_in: int
    later: int | None
    told: bool


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

    __slots__ = ("_released", "now", "own", "pending", "pid", "told")

    def __init__(self, pid: int = -1) -> None:
        self.pid = pid
        # Its own reads are known here as far as they are carried out before whatever it writes next.
        self.now = View()
        # How far it had come at its last release.
        self._released = 0
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
        message.view = self.released(message.at) if release else self.ordinary()

    def released(self, at: int) -> View:
        """What a release tells, of a write or of a lock."""
        self._released = at
        return self.everything(at)

    def everything(self, at: int) -> View:
        """What is told where all that it has done comes before."""
        view = self.now.copy()
        view.reads = {**view.reads, self.pid: at}
        return view

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
        """A write barrier."""
        if self._released:
            self.now.know_reads({self.pid: self._released})
        self.told = View(dict(self.told.seen), self.told.barriers, self.now.reads)
        self.told.join(self.own)
