"""The identity of a Mazurkiewicz trace: equal for two executions exactly if they differ in the order of independent operations only."""

from __future__ import annotations

from collections.abc import Hashable

from harness.explored.execution import Execution
from harness.search.dependence import bits

Clock = tuple[int, ...]


def trace_of(engine: Execution) -> Hashable:
    """For each process, the kinds of its operations and what each has seen of the others: how many operations of each happen before it."""
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


def _join(a: Clock, b: Clock) -> Clock:
    return tuple(map(max, a, b))
