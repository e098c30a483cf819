"""A timeline whose processes access cache lines: what spinlock flavours need of the timed engine, and no more.

The costs of an access are those of `caches`. What an access waits for, or changes, is the business of `timed_engine`.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.machine.engine import Process
from harness.timed.caches import Caches, Line, UniformCaches
from harness.timed.timeline import Timeline
from stages.shared_memory import Cell

DEFAULT_CACHES = UniformCaches()


class CachedTimeline(Timeline):
    """A `Timeline` with cache lines."""

    def __init__(self, caches: Caches | None, seed: int, jitter: float, max_steps: int | None, end: int) -> None:
        super().__init__(seed, jitter, max_steps, end)
        self.caches: Caches = caches or DEFAULT_CACHES
        self._transfer = self.caches.access
        self._hit = self.caches.hit
        self._atomic_hit = self.caches.atomic_hit
        self._lines: dict[str, Line] = {}

    def place(self, cell: Cell, line: str, parts: Sequence[Cell] = ()) -> Line:
        """Cells that name the same line share it."""
        return self._lines.setdefault(line, Line(line))

    def touch(self, p: Process, line: Line, write: bool, atomic: bool) -> None:
        """Let `p` access `line`. A hit needs no look at the topology."""
        number = p.number
        if line.owner == number:
            if write:
                line.dirty = True
            cycles = self._atomic_hit if atomic else self._hit
        elif not write and line.sharers >> number & 1:
            cycles = self._hit
        else:
            cycles = self._transfer(line, number, p.clock, write, atomic)
        if self.jitter:
            self.stretch(p, cycles)
        else:
            p.clock += cycles
