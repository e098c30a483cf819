"""The identity of a Mazurkiewicz trace: equal for two executions exactly if they differ in the order of independent operations only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from harness.explored.execution import Execution
from harness.explored.operations import Choice
from harness.explored.store_buffers import BufferedEngine
from harness.explored.view_record import ViewRecord
from harness.machine.engine import FENCE
from harness.search.dependence import bits

Clock = tuple[int, ...]


def trace_of(engine: Execution) -> Hashable:
    """For each process, the kinds of its operations and what each has seen of the others: how many operations of each happen before it."""
    if isinstance(engine, BufferedEngine):
        return _of_buffered(engine)
    if isinstance(engine, ViewRecord):
        return _of_views(engine)
    processes = len(engine.processes)
    latest: list[Clock] = [(0,) * processes] * processes
    written: dict[int, Clock] = {}
    read: dict[int, Clock] = {}
    lines: list[list[tuple[str, Clock]]] = [[] for _ in range(processes)]
    for pid, kind, reads, writes in engine.done:
        clock = latest[pid]
        for bit in bits(reads | writes):
            if bit in written:
                clock = _join(clock, written[bit])
            if bit & writes and bit in read:
                clock = _join(clock, read[bit])
        clock = (*clock[:pid], clock[pid] + 1, *clock[pid + 1 :])
        latest[pid] = clock
        lines[pid].append((kind, clock))
        for bit in bits(reads | writes):
            if bit & writes:
                written[bit] = clock
                read.pop(bit, None)
            else:
                read[bit] = _join(read.get(bit, clock), clock)
    return tuple(map(tuple, lines))


def _of_buffered(engine: BufferedEngine) -> Hashable:
    """The trace of Shasha and Snir: who has read from which write, and the order of the writes of each location."""
    last: dict[int, Hashable] = {}
    order: dict[int, list[Hashable]] = {}
    lines: list[list[Hashable]] = [[] for _ in engine.processes]
    nth: Counter[int] = Counter()
    stores = {store.bit: (store.owner.pid, at) for own in engine._stored for at, store in enumerate(own.every)}
    for at, (pid, kind, reads, writes) in enumerate(engine.done):
        store = engine.arrivals.get(at)
        if store is not None:
            me: Hashable = (store.owner.pid, engine._stored[store.owner.pid].every.index(store))
        else:
            me = (pid, "itself", nth[pid])
            nth[pid] += 1
            touched = [bit for bit in bits(reads | writes) if not (bit in stores and writes & bit)]
            seen = [(engine.cells_in(bit), stores.get(bit, last.get(bit))) for bit in touched]
            lines[pid].append((kind, tuple(sorted(seen, key=repr))))
        for bit in bits(writes):
            if bit not in stores:
                last[bit] = me
                order.setdefault(bit, []).append(me)
    return tuple(map(tuple, lines)), tuple(sorted((bit, tuple(writers)) for bit, writers in order.items()))


def _of_views(engine: ViewRecord) -> Hashable:
    """Program order, who has read from whom, and the order of all that touches a location without a choice."""
    me: list[Hashable] = []
    lines: list[list[Hashable]] = [[] for _ in engine.processes]
    last: dict[int, Hashable] = {}
    reads_since: dict[int, list[Hashable]] = {}
    for at, (pid, kind, reads, writes) in enumerate(engine.done):
        if kind is FENCE:
            me.append(None)
            continue
        me.append((pid, len(lines[pid])))
        own = sum(message.bit for message in engine.written.get(at, ()))
        if type(kind) is Choice:
            message = engine.messages[reads & ~engine.processes[pid].irq_tag]
            seen: list[Hashable] = [message.location, me[message.at] if message.at >= 0 else None]
            reads &= engine.processes[pid].irq_tag
        else:
            seen = []
        for bit in bits((reads | writes) & ~own):
            seen.append((bit, last.get(bit), tuple(sorted(reads_since.get(bit, ()), key=repr)) if bit & writes else ()))
            if bit & writes:
                last[bit] = me[at]
                reads_since.pop(bit, None)
            else:
                reads_since.setdefault(bit, []).append(me[at])
        lines[pid].append((kind, tuple(seen)))
    return tuple(map(tuple, lines))


def _join(a: Clock, b: Clock) -> Clock:
    return tuple(map(max, a, b))
