"""The last reads of each location: a write has to know of them, where one of the two accesses is plain.

A machine may carry out a read after a later relaxed write of its CPU. If somebody else learns of that write only, and writes what the read
is of, then the read may find that. So a read has a number in what its CPU tells (`harness.explored.views.Knowledge`), and a write that has
not been told of it races with it, though no execution has the two in the other order: FastTrack's clocks of reads (Flanagan, Freund, PLDI
2009), carried by views. A CPU's own numbers ascend, so who knows of its last read of a location knows of those before as well.
"""

from __future__ import annotations

from collections.abc import Iterator

# By location, and by process: the operation that was the last read.
Reads = dict[int, dict[int, int]]


def acquires_of(pid: int) -> int:
    """What stands for the acquire reads of a process, where it is told how far its reads are known; that is no process."""
    return ~pid


def is_known(known: dict[int, int], reader: int, at: int) -> bool:
    """Whether a read is: an operation of a process, or of what stands for its acquire reads, which are known with all its reads as well.

    `known` says of each process which of its operations are: those before that number.
    """
    return known.get(reader, 0) > at or (reader < 0 and known.get(~reader, 0) > at)


class LastReads:
    """Who has read which location last, plainly and by marked reads: a marked read does not hide a plain one."""

    __slots__ = ("_marked", "_plain")

    def __init__(self) -> None:
        self._marked: Reads = {}
        self._plain: Reads = {}

    def note(self, location: int, pid: int, at: int, plain: bool) -> None:
        """Operation `at` of a process reads a location."""
        reads = self._plain if plain else self._marked
        found = reads.get(location)
        if found is None:
            reads[location] = {pid: at}
        else:
            found[pid] = at

    def any_of(self, location: int, plain: bool) -> bool:
        """Whether there are reads of a location that a write can race with; a marked write can with plain ones only."""
        return location in self._plain or (plain and location in self._marked)

    def racing(self, location: int, pid: int, plain: bool, known: dict[int, int]) -> Iterator[tuple[int, int, bool]]:
        """Reads that a write of a process does not know of, by what is `known`: whose, which operation, and whether it is plain."""
        for reads, plainly in ((self._plain, True), (self._marked, False)) if plain else ((self._plain, True),):
            for reader, at in reads.get(location, {}).items():
                if reader not in (pid, acquires_of(pid)) and not is_known(known, reader, at):
                    yield reader, at, plainly
