"""Schedules as deviations from the natural order, so that every list is a schedule and a shorter one is a simpler one.

The natural order: who performed the last operation goes on while it can; then the next one in cyclic order of the process numbers. A
deviation is the place of the operation and how many processes of that order to pass over (modulo those that can go on). Under a weak memory
model, what `Execution.arriving` says comes before that, and after it.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.explored.execution import Execution
from harness.machine.engine import Process


def natural_order(engine: Execution, enabled: list[Process], current: Process) -> list[Process]:
    """Those of `enabled`, the natural choice first."""
    if engine.weak:
        full = [p for p in enabled if engine.owner_of(p.pid) != p.pid]
        others = [p for p in enabled if p not in full]
        first, last = engine.arriving(full, current, current in others)
        return [*first, *_natural_order(engine, others, current), *last]
    return _natural_order(engine, enabled, current)


def _natural_order(engine: Execution, enabled: list[Process], current: Process) -> list[Process]:
    after = [p for p in enabled if p.pid > current.pid] + [p for p in enabled if p.pid < current.pid]
    if current not in enabled:
        return after
    return [current, *after] if engine.done else [*after, current]


class Deviating:
    """A chooser that deviates from the natural order where it is told to."""

    __slots__ = ("deviations",)

    def __init__(self, deviations: Mapping[int, int]) -> None:
        self.deviations = deviations

    def __call__(self, engine: Execution, enabled: list[Process], current: Process) -> Process:
        """Pass over as many as this operation's deviation says."""
        order = natural_order(engine, enabled, current)
        return order[self.deviations.get(len(engine.done), 0) % len(order)]
