"""In which order full barriers come, where reads may return older values: each knows what those before it know.

They have one order. Nothing says which it is but what happens: a barrier comes before what its CPU does next, and that before what it is
ordered with. A read of an older message orders as well: the barriers that happen before that read come before all those that know a newer
one, or they would have told of it. So a message may be read if it is not older than what is known to some barrier that comes, in this
sense, before one that happens before the read. Reads add to the order, and never to what is before a barrier's own operation, so what is
allowed is the same in all orders of a trace.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.explored.last_reads import is_known
from harness.explored.operations import Operation, bits
from harness.explored.views import View

# Of an operation: the barriers before it, and those of each location that it touches.
Saved = tuple[int, dict[int, tuple[int, int]]]


class BarrierOrder:
    """The full barriers of one execution, as bits of a mask, and the operations that order them."""

    __slots__ = ("_before", "_flow", "_known", "_looked", "_ordered", "_past", "_reads")

    def __init__(self) -> None:
        # By barrier: what its CPU knew there; the barriers that come before it by the order of operations, and those that do at all; and
        # how many of the reads have been looked at for that.
        self._known: list[View] = []
        self._ordered: list[int] = []
        self._before: list[int] = []
        self._looked: list[int] = []
        # By process, and by location: the barriers before the next operation; before a read of the location, and before a write.
        self._past: dict[int, int] = {}
        self._flow: dict[int, tuple[int, int]] = {}
        # Reads after barriers: location, number of the message, the barriers, and the operation.
        self._reads: list[tuple[int, int, int, int]] = []

    def __bool__(self) -> bool:
        return bool(self._known)

    def add(self, pid: int, known: View) -> int:
        """A barrier of a process, which knows this there (a view that does not change any more); return its bit."""
        bit = 1 << len(self._known)
        self._known.append(known)
        past = self._past.get(pid, 0)
        self._ordered.append(past)
        self._before.append(past)
        self._looked.append(0)
        self._past[pid] = past | bit
        return bit

    def flow(self, operation: Operation) -> None:
        """An operation comes after the barriers of those that it conflicts with."""
        pid, _, reads, writes = operation
        past, flow = self._past.get(pid, 0), self._flow
        touched = reads | writes
        for bit in bits(touched):
            if bit in flow:
                past |= flow[bit][1 if bit & writes else 0]
        if not past:
            return
        self._past[pid] = past
        for bit in bits(touched):
            if bit & writes:
                flow[bit] = past, past
            else:
                written, used = flow.get(bit, (0, 0))
                flow[bit] = written, used | past

    def saved(self, operation: Operation) -> Saved:
        """What an operation is about to change."""
        pid, _, reads, writes = operation
        return self._past.get(pid, 0), {bit: self._flow.get(bit, (0, 0)) for bit in bits(reads | writes)}

    def narrow(self, saved: Saved, operation: Operation, barrier: bool) -> None:
        """The last operation turns out to have been this one; the last barrier belongs to it, or it has none."""
        pid = operation[0]
        self._past[pid], flow = saved
        self._flow.update(flow)
        self.flow(operation)
        if barrier:
            self._ordered[-1] = self._before[-1] = self._past[pid]
            self._looked[-1] = 0
            self._past[pid] |= 1 << len(self._known) - 1
            self.flow(operation)

    def read(self, location: int, number: int, barriers: int, at: int) -> None:
        """After these barriers, operation `at` has read a message that others may know to be too old."""
        self._reads.append((location, number, barriers, at))

    def reads(self) -> list[int]:
        """The operations that have read after barriers."""
        return [at for *_, at in self._reads]

    def oldest(self, barriers: int, location: int, among: int = -1) -> int:
        """The oldest message of a location that may be read after these barriers, if only these operations (a mask) are performed."""
        return max((known.of(location) for known in self._known_before(barriers, among)), default=0)

    def is_read_known(self, barriers: int, reader: int, at: int) -> bool:
        """Whether that read is known to one of these barriers, or to any that come before them."""
        return any(is_known(known.reads, reader, at) for known in self._known_before(barriers, -1))

    def _known_before(self, barriers: int, among: int) -> Iterator[View]:
        """What is known to each of these barriers, and of those before them."""
        seen = 0
        while barriers:
            bit = barriers & -barriers
            seen |= bit
            at = bit.bit_length() - 1
            yield self._known[at]
            barriers = (barriers | (self._all_before(at) if among < 0 else self._before_among(at, among))) & ~seen

    def _all_before(self, at: int) -> int:
        known = self._known[at].seen
        for location, number, barriers, _ in self._reads[self._looked[at] :]:
            if number < known.get(location, 0):
                self._before[at] |= barriers
        self._looked[at] = len(self._reads)
        return self._before[at]

    def _before_among(self, at: int, among: int) -> int:
        known = self._known[at].seen
        found = self._ordered[at]
        for location, number, barriers, reader in self._reads:
            if among >> reader & 1 and number < known.get(location, 0):
                found |= barriers
        return found
