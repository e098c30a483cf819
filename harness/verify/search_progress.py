"""How far the searches in the worker processes have got: a small file that each of them writes to and the parent reads.

The estimate of the total is that of Kilby, Slaney, Thiébaux and Walsh ("Estimating Search Tree Size", AAAI 2006), which goes back to
Knuth: where a depth-first search has branched, its branches are taken to be of equal size. A search that finds new branches on its way is
larger than it looks at first.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from harness.explored.explored_engine import ExploredEngine
from harness.search.search import SearchResult, Strategy
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded

INTERVAL_SECONDS = 0.2

# Executions, redundant ones that were cut off, an estimate of the executions in all (0: none).
SLOT = struct.Struct("<qqd")


@dataclass(frozen=True)
class Level:
    """What a search has done so far."""

    executions: int = 0
    blocked: int = 0
    total: float = 0.0


class Branches:
    """Watches a depth-first search: at which depths the current execution has branches that are done, or waiting."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self.previous: list[int] = []
        self.done: dict[int, int] = {}

    def see(self, schedule: list[int]) -> None:
        """Learn of the next execution."""
        at = common(self.previous, schedule)
        if self.previous:
            self.done = {depth: done for depth, done in self.done.items() if depth <= at}
            self.done[at] = self.done.get(at, 0) + 1
        self.previous = schedule

    def fraction(self) -> float:
        """The part of the search tree that has been seen."""
        waiting = waiting_branches(self.strategy)
        seen, weight = 0.0, 1.0
        for depth in sorted(self.done.keys() | waiting.keys()):
            done = self.done.get(depth, 0)
            weight /= done + 1 + waiting.get(depth, 0)
            seen += done * weight
        return seen + weight


def waiting_branches(strategy: Strategy) -> dict[int, int]:
    """How many branches wait at which depth."""
    if isinstance(strategy, OptimalDpor):
        return {depth: len(branches) for depth, branches in strategy.trees.items()}
    if isinstance(strategy, DepthFirst | PreemptionBounded):
        return {depth: len(untried) for depth, untried in enumerate(strategy.untried) if untried}
    return {}


def common(first: list[int], second: list[int]) -> int:
    """The length of the common beginning."""
    return next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))


class Gauge:
    """An observer of a search that writes into a slot of the file; `total` is known when the search draws a sample."""

    def __init__(self, path: str, slot: int, strategy: Strategy, total: int | None) -> None:
        self.path = path
        self.at = slot * SLOT.size
        self.total = total
        self.branches = Branches(strategy)
        self.next = 0.0

    def __enter__(self) -> Gauge:
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.memory.close()

    def __call__(self, engine: ExploredEngine, result: SearchResult) -> None:
        """Count every execution, write now and then."""
        if self.total is None:
            self.branches.see(engine.schedule)
        if (now := time.monotonic()) < self.next:
            return
        self.next = now + INTERVAL_SECONDS
        runs = result.executions + result.blocked
        total = self.total or runs / self.branches.fraction()
        SLOT.pack_into(self.memory, self.at, result.executions, result.blocked, total)


class Gauges:
    """The parent's side: the levels of all slots."""

    def __init__(self, path: str, slots: int) -> None:
        self.path = path
        self.slots = slots

    def read(self) -> list[Level]:
        """All levels, as last written."""
        with open(self.path, "rb") as file:
            return [Level(*slot) for slot in SLOT.iter_unpack(file.read())]


@contextmanager
def gauges(slots: int) -> Iterator[Gauges]:
    """Make the file, and remove it in the end."""
    descriptor, path = tempfile.mkstemp(prefix="harness-")
    try:
        os.write(descriptor, bytes(slots * SLOT.size))
        os.close(descriptor)
        yield Gauges(path, slots)
    finally:
        os.unlink(path)
