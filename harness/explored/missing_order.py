"""Why a read may return an older value: what its process knows that should have told of the missed write, and which barriers are not there.

Each answer is a set of barriers, at most two, with which the same read is impossible: all that is named is missing, and nothing else is.
There are two ways to forbid a read. A message that was read can tell of the missed one; that takes a barrier of its writer, one of its
reader, or both. Or a full barrier of somebody who knows of the missed one comes before one of the reader: since the reader knows of
something that was too late for what that one has done behind its barrier. What happens by more steps than these is not explained.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from harness.explored.operations import bits, read_by
from harness.explored.view_record import ViewRecord
from harness.explored.views import ACQUIRE, ALL, READS, RELEASE, WRITES, Evidence, MissingBarrier, Unordered, ViewMessage
from harness.machine.engine import Process


class Learnt(NamedTuple):
    """In operation `at`, a process has learnt of a message of that `number`: it has written it (`wrote`), or read what tells of it."""

    number: int
    at: int
    wrote: bool = False


class Lesson:
    """What a process has read, and of which messages it knew from then on, barriers aside."""

    def __init__(self, engine: ViewRecord, process: Process) -> None:
        self.name = str(process)
        self.pid = process.pid
        self.reads: list[tuple[int, ViewMessage]] = []
        self.writes: list[ViewMessage] = []
        self._learnt: dict[int, list[Learnt]] = {}
        for at, operation in enumerate(engine.done):
            if operation[0] != process.pid:
                continue
            for bit in bits(read_by(operation) & ~process.irq_tag):
                if (message := _read(engine, bit, at)) is not None:
                    self.reads.append((at, message))
                    self._read(message, at)
            for message in engine.written.get(at, ()):
                self.writes.append(message)
                self._learn(message.location, Learnt(message.number, at, wrote=True))

    def _read(self, message: ViewMessage, at: int) -> None:
        self._learn(message.location, Learnt(message.number, at))
        for location, number in message.view.seen.items():
            self._learn(location, Learnt(number, at))

    def _learn(self, location: int, learnt: Learnt) -> None:
        self._learnt.setdefault(location, []).append(learnt)

    def learnt(self, location: int, number: int) -> Learnt | None:
        """When it has come to know of that message of a location, or of a newer one."""
        return next((each for each in self._learnt.get(location, ()) if each.number >= number), None)

    def lacks(self, engine: ViewRecord, barrier: str, first: int, last: int, or_else: str = "") -> list[MissingBarrier]:
        """The barrier between two operations, if it is not there."""
        wanted = (barrier, ALL)
        mine = (each for each in engine.barriers_seen if each.pid == self.pid and each.barrier in wanted)
        there = any(first < each.begin and each.before <= last for each in mine)
        return [] if there else [MissingBarrier(self.name, barrier, first, last, or_else)]


def _read(engine: ViewRecord, bit: int, at: int) -> ViewMessage | None:
    """The message that operation `at` has read, if that location is one: of a choice, its own; else the newest one there was."""
    message = engine.messages.get(bit)
    if message is not None:
        return message if message.at < at else None
    return next((each for each in reversed(engine.history.get(bit, ())) if each.at < at), None)


def why_unordered(engine: ViewRecord, reader: Process, missed: ViewMessage) -> Unordered | None:
    """Why `reader` need not see `missed` in its next operation, and the fewest barriers that would change that; None if it takes more."""
    lessons = [Lesson(engine, each) for each in engine.processes]
    mine = lessons[reader.pid]
    others = [each for each in lessons if each is not mine]
    found = [*_from_messages(engine, mine, lessons, missed), *_from_barriers(engine, mine, others, missed)]
    return min(found, key=lambda each: (len(each.missing), each.evidence.value, each.row, each.at), default=None)


def _from_messages(engine: ViewRecord, mine: Lesson, lessons: list[Lesson], missed: ViewMessage) -> Iterator[Unordered]:
    """What the reader has read that tells of the missed write, or would if its writer had a barrier."""
    end = len(engine.done)
    acquired = {message.bit for at, message in mine.reads if at in engine.acquires}
    first: dict[int, int] = {}
    for at, message in mine.reads:
        if message.at < 0 or message.pid == mine.pid or first.setdefault(message.bit, at) != at:
            continue
        writers = _writers(engine, lessons[message.pid], message, missed)
        if writers is not None:
            readers = [] if message.bit in acquired else mine.lacks(engine, READS, at, end, ACQUIRE)
            if writers or readers:
                yield Unordered(Evidence.READ, message.at, at, str(engine.processes[message.pid]), (*writers, *readers))


def _writers(engine: ViewRecord, writer: Lesson, message: ViewMessage, missed: ViewMessage) -> list[MissingBarrier] | None:
    """What the writer of a message lacks so that it tells of the missed write; None if the writer did not know of that."""
    if message.view.of(missed.location) >= missed.number:
        return []
    known = writer.learnt(missed.location, missed.number)
    if known is None or known.at >= message.at:
        return None
    return writer.lacks(engine, WRITES if known.wrote else ALL, known.at, message.at, RELEASE)


def _from_barriers(engine: ViewRecord, mine: Lesson, others: list[Lesson], missed: ViewMessage) -> Iterator[Unordered]:
    """What somebody who knew of the missed message did then, and too early for something that the reader knows of."""
    for other in others:
        known = other.learnt(missed.location, missed.number)
        if known is None:
            continue
        for evidence, at, location, number in _done_by(other, known.at):
            newer = engine.history[location][number + 1 :]
            later = mine.learnt(location, number + 1)
            if later is None or newer[0].pid == other.pid or (evidence is Evidence.OVERWRITTEN and not later.wrote):
                continue
            missing = [*other.lacks(engine, ALL, known.at, at), *mine.lacks(engine, ALL, later.at, len(engine.done))]
            if missing:
                yield Unordered(evidence, at, later.at if later.wrote else newer[0].at, other.name, tuple(missing))


def _done_by(other: Lesson, after: int) -> Iterator[tuple[Evidence, int, int, int]]:
    """Its reads and writes after an operation: which operation, which location, and the number of the message."""
    for at, message in other.reads:
        if at > after:
            yield Evidence.MISSED_TOO, at, message.location, message.number
    for message in other.writes:
        if message.at > after:
            yield Evidence.OVERWRITTEN, message.at, message.location, message.number
