"""Probabilistic concurrency testing: random priorities, and d − 1 places at which the one in front is put last.

Burckhardt, Kothari, Musuvathi, Nagarakatte: "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010. With n
processes and k operations, a bug that needs d ordering constraints is found with probability at least 1 / (n · k^(d−1)) in each execution.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import Process
from harness.search.search import LIMIT_REACHED


class Priorities:
    """A chooser: who has the highest priority of those that can go on.

    The processes have the priorities d, d + 1 …, highest first in `order`. Just before operation `changes[i - 1]` (from 1), the process
    that is about to go gets priority i, which is less than all of these.
    """

    __slots__ = ("changes", "priority")

    def __init__(self, order: Sequence[int], changes: Sequence[int]) -> None:
        highest = len(changes) + len(order)
        self.priority = {pid: highest - i for i, pid in enumerate(order)}
        self.changes = changes

    def __call__(self, engine: Execution, enabled: list[Process], current: Process) -> Process:
        """Pick by priority."""
        step = len(engine.done) + 1
        for i, change in enumerate(self.changes, 1):
            if change == step:
                self.priority[_lane(engine, self._highest(engine, enabled))] = i
        return self._highest(engine, enabled)

    def _highest(self, engine: Execution, enabled: list[Process]) -> Process:
        return max(enabled, key=lambda process: self.priority[_lane(engine, process)])


def _lane(engine: Execution, process: Process) -> int:
    """The number of a process; what a CPU may do otherwise (a store arrives, an older value is read) counts as one more."""
    owner = engine.owner_of(process.pid)
    return owner if owner == process.pid else len(engine.processes) + owner


class Pct:
    """Executions with random priorities. The first one, in natural order, only counts processes and operations."""

    def __init__(self, depth: int, executions: int, rng: random.Random, make: type[ExploredEngine] = ExploredEngine) -> None:
        self.make = make
        self.depth = depth
        self.name = f"PCT, d={depth}"
        self.left = executions
        self.rng = rng
        self.max_steps = 0
        # The longest execution so far: the bound must not be less than the true length.
        self.operations = 1

    def first(self, max_steps: int) -> ExploredEngine:
        self.max_steps = max_steps
        return self.make(max_steps=max_steps)

    def waiting(self) -> dict[int, int]:
        return {}

    def exhausted(self) -> str:
        """A sample never is."""
        return LIMIT_REACHED

    def after(self, engine: ExploredEngine) -> ExploredEngine | None:
        if self.left == 0:
            return None
        self.left -= 1
        self.operations = max(self.operations, len(engine.done))
        order = list(range(len(engine.processes) * (2 if engine.weak else 1)))
        for i in range(len(order) - 1, 0, -1):
            j = int(self.rng.random() * (i + 1))
            order[i], order[j] = order[j], order[i]
        changes = [1 + int(self.rng.random() * self.operations) for _ in range(self.depth - 1)]
        return self.make(Priorities(order, changes), self.max_steps)
