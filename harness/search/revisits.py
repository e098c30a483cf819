"""What else a read may return that has a choice: another message that is there, or one that is written later.

Each message that a read may return is an operation of its own, and one that is there already can be read at once, in whatever order the
others go on: so all of them are explored where one is. A write that comes later and does not happen after the read may come before it,
though, and then the read returns it: for the first such write, the sequence is what it needs, the write, and the read of it. Of the writes
after that one, the read that returns it will learn.

Why this finds all of them: let a read return the newest message where it is first explored. What the others do then up to the next write of
that location they can do after this read as well, as nobody knows of a newer message; and to write is always possible.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.explored.operations import Choice, Operation
from harness.explored.view_record import ViewRecord
from harness.explored.views import ViewMessage
from harness.search.happens_before import Order


def revisits(engine: ViewRecord, order: Order, start: int) -> Iterator[tuple[int, list[Operation]]]:
    """Yield, for each choice, where it stands and what is to be explored from there: as `reversals`, for what is not before `start`."""
    yield from _present(engine, order)
    yield from _later(engine, order, start)
    if engine.forbidden:
        yield from _forbidden(engine, order)


def _present(engine: ViewRecord, order: Order) -> Iterator[tuple[int, list[Operation]]]:
    """The other messages that are there."""
    for e, others in engine.others.items():
        for message in others:
            reading = _reading(engine, e, message, e)
            yield e, [reading, *_rest(engine, order, e + 1, 1 << e, reading)]


def _later(engine: ViewRecord, order: Order, start: int) -> Iterator[tuple[int, list[Operation]]]:
    """Messages that are written later."""
    done, past = engine.done, order.past
    for i, messages in engine.written.items():
        if start <= i:
            for message in messages:
                for e in _before(engine, message.location, i):
                    if not past[i] >> e & 1:
                        kept = [done[j] for j in range(e + 1, i + 1) if not past[j] >> e & 1]
                        reading = _reading(engine, e, message, i + 1)
                        yield e, [*kept, reading, *_rest(engine, order, i + 1, 1 << e, reading)]


def _forbidden(engine: ViewRecord, order: Order) -> Iterator[tuple[int, list[Operation]]]:
    """Messages that could not be read because of what others had read after barriers: before that, they may be read."""
    done, past = engine.done, order.past
    reads = sorted(set(engine.barriers.reads()))
    for i, messages in engine.forbidden.items():
        for message in messages:
            needed = past[i] | (order.closure(1 << message.at) if message.at >= 0 else 0)
            for e in (e for e in reads if e < i and not needed >> e & 1):
                if message.number >= engine.barriers.oldest(engine.behind[i], message.location, (1 << e) - 1 | needed):
                    kept = [done[j] for j in range(e + 1, i) if needed >> j & 1]
                    reading = _reading(engine, i, message, i)
                    yield e, [*kept, reading, *_rest(engine, order, e + 1, 1 << e | 1 << i, reading, needed)]


def _rest(engine: ViewRecord, order: Order, start: int, without: int, reading: Operation, but: int = 0) -> list[Operation]:
    """The operations from `start` on, but for those of `but`, that can still come after `reading`: that do not happen after `without`.

    Of two reads of older messages after barriers, nobody knows whether there can be both.
    """
    done, past = engine.done, order.past
    bound = type(reading[1]) is Choice and reading[1].bound
    rest = []
    for j in range(start, len(done)):
        if but >> j & 1:
            continue
        kind = done[j][1]
        # (What comes after those of `but` here may have come before them.)
        excluded = bound and type(kind) is Choice and (kind.bound or (but and engine.behind[j]))
        if without >> j & 1 or past[j] & without or excluded:
            without |= 1 << j
        else:
            rest.append(done[j])
    return rest


def _reading(engine: ViewRecord, i: int, message: ViewMessage, end: int) -> Operation:
    """The choice at `i`, reading this message when those before operation `end` are there."""
    pid, _, reads, _ = engine.done[i]
    newer = engine.history[message.location][message.number + 1 :]
    bound = bool(newer) and newer[0].at < end and bool(engine.behind[i])
    return pid, engine.choice(message.location, bound), message.bit | reads & engine.processes[pid].irq_tag, 0


def _before(engine: ViewRecord, location: int, i: int) -> Iterator[int]:
    """The choices before operation `i` after which that is the first write of the location."""
    last = max((message.at for message in engine.history[location] if message.at < i), default=-1)
    for e in engine.others:
        if last < e < i and type(kind := engine.done[e][1]) is Choice and kind.location == location:
            yield e
