"""How far a search in a worker process has got: every now and then it tells its parent.

The estimate of the total is that of Kilby, Slaney, Thiébaux and Walsh ("Estimating Search Tree Size", AAAI 2006), which goes back to
Knuth: where a depth-first search has branched, its branches are taken to be of equal size. A search that finds new branches on its way is
larger than it looks at first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.explored.explored_engine import ExploredEngine
from harness.jobs.messages import outbox
from harness.search.search import SearchResult, Strategy

INTERVAL_SECONDS = 0.2


@dataclass(frozen=True)
class Level:
    """What a search has done so far: executions, redundant ones that were cut off, an estimate of the executions in all (0: none)."""

    executions: int = 0
    blocked: int = 0
    total: float = 0.0

    @classmethod
    def told(cls, values: tuple[float, ...]) -> Level | None:
        """The level in a message of `Teller`; None if the message is something else."""
        if len(values) != 3:
            return None
        executions, blocked, total = values
        return cls(int(executions), int(blocked), total)


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
        waiting = self.strategy.waiting()
        seen, weight = 0.0, 1.0
        for depth in sorted(self.done.keys() | waiting.keys()):
            done = self.done.get(depth, 0)
            weight /= done + 1 + waiting.get(depth, 0)
            seen += done * weight
        return seen + weight


def common(first: list[int], second: list[int]) -> int:
    """The length of the common beginning."""
    return next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))


class Teller:
    """An observer of a search that tells how far it has got; `total` is known when the search draws a sample."""

    def __init__(self, strategy: Strategy, total: int | None, tell: Callable[..., None] = outbox.send) -> None:
        self.total = total
        self.branches = Branches(strategy)
        self.tell = tell
        self.next = 0.0

    def __call__(self, engine: ExploredEngine, result: SearchResult) -> None:
        """Count every execution, tell now and then."""
        if self.total is None:
            self.branches.see(engine.schedule)
        if (now := time.monotonic()) < self.next:
            return
        self.next = now + INTERVAL_SECONDS
        runs = result.executions + result.blocked
        self.tell(result.executions, result.blocked, self.total or runs / self.branches.fraction())
