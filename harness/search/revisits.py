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
from harness.explored.views import Message
from harness.search.happens_before import Order


def revisits(engine: ViewRecord, order: Order, start: int) -> Iterator[tuple[int, list[Operation]]]:
    """Yield, for each choice, where it stands and what is to be explored from there: as `reversals`, for what is not before `start`."""
    done, past = engine.done, order.past
    for e, others in engine.others.items():
        if others and e < len(done):
            kept = [done[j] for j in range(e + 1, len(done)) if not past[j] >> e & 1]
            for message in others:
                yield e, [_reading(engine, e, message), *kept]
    for i, messages in engine.written.items():
        if start <= i < len(done):
            for message in messages:
                for e in _before(engine, message.location, i):
                    if not past[i] >> e & 1:
                        kept = [done[j] for j in range(e + 1, i + 1) if not past[j] >> e & 1]
                        rest = [done[j] for j in range(i + 1, len(done)) if not past[j] >> e & 1]
                        yield e, [*kept, _reading(engine, e, message), *rest]


def _reading(engine: ViewRecord, i: int, message: Message) -> Operation:
    """The choice at `i`, reading this message."""
    pid, kind, reads, _ = engine.done[i]
    return pid, kind, message.bit | reads & engine.processes[pid].irq_tag, 0


def _before(engine: ViewRecord, location: int, i: int) -> Iterator[int]:
    """The choices before operation `i` after which that is the first write of the location."""
    last = max((message.at for message in engine.history[location] if message.at < i), default=-1)
    for e in engine.others:
        kind = engine.done[e][1]
        if last < e < i and type(kind) is Choice and kind.location == location:
            yield e
