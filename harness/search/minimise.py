"""Makes a failing execution easier to read: the same failure with fewer switches.

First independent operations are commuted, so that each process' work is contiguous; then deviations from the natural order are left
out one by one, or replaced by a single one, as long as the failure stays of the same kind. Every candidate is executed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from harness.explored.explored_engine import ExploredEngine
from harness.search.happens_before import Order
from harness.search.natural_order import Deviating
from harness.search.record import deviations_of
from harness.search.search import Execute


def minimise(
    execute: Execute, schedule: Sequence[int], max_steps: int, attempts: int = 5_000, make: type[ExploredEngine] = ExploredEngine
) -> ExploredEngine:
    """Return the simplest failing execution found, fewest deviations first, then fewest operations."""
    best = make(Deviating(deviations_of(execute, schedule, max_steps, make)), max_steps)
    execute(best)
    if best.failure is None:
        raise ValueError("the execution to minimise does not fail")
    kind = best.failure.kind
    best = _commuted(execute, best, kind)
    deviations = deviations_of(execute, best.schedule, max_steps, make)
    while attempts > 0:
        for fewer in _simpler(deviations, len(best.schedule), len(best.processes)):
            attempts -= 1
            if attempts < 0:
                break
            engine = make(Deviating(fewer), max_steps)
            execute(engine)
            if engine.failure is not None and engine.failure.kind == kind:
                needed = deviations_of(execute, engine.schedule, max_steps, make)
                if _cost(needed, engine) < _cost(deviations, best):
                    best, deviations = engine, needed
                    break
        else:
            break
    return _commuted(execute, best, kind)


def _simpler(deviations: Mapping[int, int], operations: int, processes: int) -> Iterator[dict[int, int]]:
    """None, all but one, all but two; any single one, at any place; all with one of them less far from the natural choice."""
    if deviations:
        yield {}
    for out in [*combinations(deviations, 1), *combinations(deviations, 2)]:
        yield {at: rank for at, rank in deviations.items() if at not in out}
    if len(deviations) > 1:
        for at in range(operations):
            for rank in range(1, processes):
                yield {at: rank}
    for at, rank in deviations.items():
        if rank > 1:
            yield {**deviations, at: rank - 1}


def _cost(deviations: Mapping[int, int], engine: ExploredEngine) -> tuple[int, int, int]:
    return len(deviations), len(engine.done), sum(deviations.values())


def _commuted(execute: Execute, engine: ExploredEngine, kind: str) -> ExploredEngine:
    """The same trace with the fewest switches that a greedy choice gives, if that is fewer and fails in the same way."""
    best, schedule = engine, engine.schedule
    if engine.limit_reached:
        return best
    for first in range(len(engine.processes)):
        candidate = _contiguous(engine, first)
        if _switches(candidate) < _switches(schedule):
            make = type(engine)
            again = make(Deviating(deviations_of(execute, candidate, engine.max_steps, make)), engine.max_steps)
            execute(again)
            if again.failure is not None and again.failure.kind == kind:
                best, schedule = again, candidate
    return best


def _contiguous(engine: ExploredEngine, first: int) -> list[int]:
    """A linearisation of the trace that starts with process `first` if it can, and stays with a process for as long as it can."""
    order = Order()
    order.extend(engine)
    waiting: dict[int, list[int]] = {p.pid: [] for p in engine.processes}
    for at, (pid, *_) in enumerate(engine.done):
        waiting.setdefault(pid, []).append(at)
    done, schedule, current = 0, list[int](), first
    while len(schedule) < len(engine.done):
        at = waiting[current][0] if waiting[current] else -1
        if at >= 0 and not order.past[at] & ~done:
            waiting[current].pop(0)
            done |= 1 << at
            schedule.append(engine.code(engine.done[at]))
        else:
            current = max(waiting, key=lambda pid: (_run_length(order, waiting[pid], done), -pid))
    return schedule


def _run_length(order: Order, waiting: list[int], done: int) -> int:
    """How many operations a process could perform in a row."""
    length = 0
    for at in waiting:
        if order.past[at] & ~done:
            break
        done |= 1 << at
        length += 1
    return length


def _switches(schedule: Sequence[int]) -> int:
    return sum(a != b for a, b in pairwise(schedule))
