"""The record of an execution by views: the history of each location, and what a search asks of it.

A read that may return several messages is an operation of a kind of its own (`Choice`), and which one it returns is a decision of the
search. It is recorded as a read of the message's own location: it comes after the write of that message and is independent of all other
writes. So the trace of an execution is program order, who reads from whom, and the order of the writes of each location. Whoever reads the
newest message without a choice (a plain access, a wait) reads the location itself, and conflicts with all writes of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from harness.explored.barrier_order import BarrierOrder
from harness.explored.execution import Performed, UntriedRead
from harness.explored.last_reads import LastReads
from harness.explored.operations import Choice, Operation, Sleep
from harness.explored.views import Knowledge, View, ViewMessage
from harness.explored.weak_engine import WeakEngine
from harness.machine.bit_words import Part
from harness.machine.engine import READ, Process
from stages.hypervisor import Cell


class Suspect(NamedTuple):
    """A suspected race: its operations, the location, the message that the later one touches, and the barriers before it.

    `untried`: which of the two is a read that was given a message without a choice. `reader`: the earlier one is a read, of this process,
    and the later one a write (of which the message says nothing).
    """

    earlier: int
    later: int
    location: int
    message: int
    barriers: int
    untried: int | None
    reader: int | None = None

    @property
    def write(self) -> int:
        """The write that a read races with, if one of them is a read."""
        return self.earlier if self.reader is None else self.later


class SeenBarrier(NamedTuple):
    """A process has had a barrier: what it did before operation `begin` is in order with what it does from operation `before` on."""

    pid: int
    begin: int
    before: int
    barrier: str


class OlderRead(Process):
    """What `owner` may do instead of reading the newest message: read this one."""

    __slots__ = ("number_of_message", "owner")

    def __init__(self, owner: Process, pid: int, message: int) -> None:
        super().__init__(owner.name, owner.body)
        self.owner = owner
        self.pid = pid
        self.number_of_message = message


class ViewRecord(WeakEngine):
    """Which messages there are and who knows which; see `harness.explored.view_engine`."""

    viewed = True
    # Each location has one for its first message as well, and each message one.
    _each = 2
    _apart = 3

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # By location: its messages, the first being what there was before the run.
        self.history: dict[int, list[ViewMessage]] = {}
        # By the location of its own.
        self.messages: dict[int, ViewMessage] = {}
        # By operation: the messages that it has written; of a choice, what else could have been read.
        self.written: dict[int, list[ViewMessage]] = {}
        self.others: dict[int, list[ViewMessage]] = {}
        # Of a choice, the messages that only the order of barriers forbids.
        self.forbidden: dict[int, list[ViewMessage]] = {}
        # Of a choice, the barriers before it.
        self.behind: dict[int, int] = {}
        self._choices: dict[tuple[int, bool], Choice] = {}
        # The choices that did not read the newest message.
        self.older: set[int] = set()
        self.barriers = BarrierOrder()
        # Where somebody watches: who has had which barrier, and where; and which operations were acquires.
        self.barriers_seen: list[SeenBarrier] = []
        self.acquires: set[int] = set()
        self.suspects: list[Suspect] = []
        self.last_reads = LastReads()
        self._knowledge: dict[int, Knowledge] = {}
        # What is told with locks, with interrupts of a CPU, and with kicks.
        self._with_lock: dict[int, View] = {}
        self._with_irq: dict[int, View] = {}
        self._with_kick: dict[int, View] = {}
        # By process: how many messages it has made, and the location that it is about to read by choice.
        self._numbers: dict[int, int] = {}
        self._looking: dict[int, int] = {}

    # Places.

    def place(self, cell: Cell, line: str, parts: Sequence[Cell] = ()) -> int:
        """A word is one location, whether it is made of parts or not."""
        if not parts:
            return super().place(cell, line)
        for part in parts:
            part.tag = parts[0].tag
        return parts[0].tag  # type: ignore[no-any-return]

    def _next_location(self, pid: int) -> int:
        """Of the next message of a process."""
        number = self._numbers.get(pid, 0)
        self._numbers[pid] = number + 1
        return self._own_location(pid, number)

    # Messages.

    def choice(self, location: int, bound: bool = False) -> Choice:
        """The kind of a marked read of a location."""
        kind = self._choices.get((location, bound))
        if kind is None:
            kind = self._choices[location, bound] = Choice(READ)
            kind.location = location
            kind.bound = bound
        return kind

    def asleep_at(self, at: int, sleeping: Sleep) -> Sleep:
        """With choices as they are there: what was the newest message may be an older one."""
        return {code: self._as_of(at, operation) if type(operation[1]) is Choice else operation for code, operation in sleeping.items()}

    def _as_of(self, at: int, operation: Operation) -> Operation:
        pid, kind, reads, writes = operation
        assert type(kind) is Choice
        message = self.messages[reads & ~self.processes[pid].irq_tag]
        newer = self.history[kind.location][message.number + 1 :]
        bound = bool(newer) and newer[0].at < at and bool(self.knowledge(self.processes[pid]).now.barriers)
        return pid, self.choice(kind.location, bound), reads, writes

    def knowledge(self, p: Process) -> Knowledge:
        """What a process knows."""
        found = self._knowledge.get(p.pid)
        if found is None:
            found = self._knowledge[p.pid] = Knowledge(p.pid)
        return found

    def history_of(self, location: int) -> list[ViewMessage]:
        """The messages of a location."""
        found = self.history.get(location)
        if found is None:
            first = ViewMessage(location, location << 1, 0)
            self.messages[first.bit] = first
            found = self.history[location] = [first]
        return found

    def readable(self, p: Process, location: int) -> list[ViewMessage]:
        """The messages that a process may read, the oldest first."""
        history = self.history_of(location)
        now = self.knowledge(p).now
        oldest = self.oldest_for(p, location)
        if oldest < len(history) - 1 and now.barriers:
            oldest = max(oldest, self.barriers.oldest(now.barriers, location))
        return history[oldest:]

    def oldest_for(self, p: Process, location: int) -> int:
        """The oldest message of a location that is not too old for a process, the order of full barriers aside."""
        return self.knowledge(p).now.of(location)

    def value_of(self, cell: Cell, message: ViewMessage) -> Any:
        """What a message says: the value that the next one has overwritten, or what there is now."""
        history = self.history[message.location]
        if message.number == len(history) - 1:
            return cell.value
        value: Any = history[message.number + 1].before
        return value & cell.mask if isinstance(cell, Part) else value

    # Decisions: a process, and a message if it does not read the newest.

    def code(self, operation: Operation) -> int:
        pid, kind, reads, _ = operation
        if type(kind) is not Choice:
            return pid
        message: int = reads & ~self.processes[pid].irq_tag
        return pid + len(self.processes) * message.bit_length()

    def schedule_to(self, end: int) -> list[int]:
        older = self.older
        return [self.code(operation) if at in older else operation[0] for at, operation in enumerate(self.done[:end])]

    def switches(self, code: int, running: int) -> bool:
        return self.owner_of(code) != running

    def named(self, code: int) -> int:
        pid = self.owner_of(code)
        location = self._looking.get(pid, 0)
        if not location:
            return code
        newest = self.history_of(location)[-1].bit.bit_length()
        return pid if code // len(self.processes) == newest else code

    def arriving(self, full: Sequence[Process], current: Process, goes_on: bool) -> tuple[list[Process], list[Process]]:
        """To read an older message comes last in the natural order."""
        return [], list(full)

    def _older_reads(self, enabled: list[Process]) -> Iterator[Process]:
        n = len(self.processes)
        for p in enabled:
            location = self._looking.get(p.pid, 0)
            if location and not (p.attention and p.irqs_on):
                for message in reversed(self.readable(p, location)[:-1]):
                    number = message.bit.bit_length()
                    yield OlderRead(p, p.pid + n * number, number)

    # What a search asks.

    def forget(self, length: int) -> None:
        """Drop what was read and written past the limit, too."""
        if len(self.done) <= length:
            return
        super().forget(length)
        for noted in (self.written, self.others, self.forbidden, self.behind):
            for at in [at for at in noted if at >= length]:
                del noted[at]
        self.older = {at for at in self.older if at < length}
        self.suspects = [suspect for suspect in self.suspects if suspect.later < length]

    def relocated(self, operation: Operation, i: int, before: int, kept: Collection[int]) -> Operation:
        """A choice reads the newest message that there is elsewhere."""
        pid, kind, reads, writes = operation
        if type(kind) is not Choice:
            return operation
        line = self.processes[pid].irq_tag & reads
        location = kind.location
        for j in (*sorted(kept, reverse=True), *range(before - 1, -1, -1)):
            for message in self.written.get(j, ()):
                if message.location == location:
                    return pid, kind, message.bit | line, writes
        return pid, kind, location << 1 | line, writes

    def turn_of(self, pid: int, start: int, end: int) -> list[Performed]:
        """With the locations of the messages that were read, which are the same in two turns if they have read the same.

        Of its own messages a process can only read the last one: which that is follows from what it has done.
        """
        found = []
        for at in range(start, end):
            other, kind, reads, writes = self.done[at]
            if other == pid:
                if type(kind) is Choice:
                    reads = self._read_by_choice(pid, kind, reads)
                for message in self.written.get(at, ()):
                    writes &= ~message.bit
                found.append((kind, reads, writes, self.values.get(at)))
        return found

    def _read_by_choice(self, pid: int, kind: Choice, reads: int) -> int:
        bit = reads & ~self.processes[pid].irq_tag
        return kind.location | (reads ^ bit if self.messages[bit].pid == pid else reads)

    def races(self) -> Iterator[tuple[int, int]]:
        """Data races: a plain access, and another one of the same location, one of them a write, that does not know of the other.

        What is known because of an order of barriers is known at the end only.
        """
        return ((suspect.earlier, suspect.later) for suspect in self._racing())

    def untried(self) -> UntriedRead | None:
        """The first plain read that races, with the first write that it races with: an earlier one, if there is any."""
        reads = (UntriedRead(each.untried, each.write) for each in self._racing() if each.untried is not None)
        return min(reads, key=lambda read: (read.write > read.at, read), default=None)

    def _racing(self) -> Iterator[Suspect]:
        return (suspect for suspect in self.suspects if not (suspect.barriers and self._known(suspect)))

    def _known(self, suspect: Suspect) -> bool:
        """Whether the later operation of a suspected race knows of the earlier one by the order of barriers."""
        if suspect.reader is not None:
            return self.barriers.is_read_known(suspect.barriers, suspect.reader, suspect.earlier)
        return self.barriers.oldest(suspect.barriers, suspect.location) >= suspect.message
