"""The random strategy: walks that mostly stay on one process. A sample: it never exhausts anything.

A uniform choice before every operation switches so often that nobody ever gets far ahead: most orders of two longer calls are next to
impossible. So each walk first draws how restless it is (the probability of leaving a process that could go on) and whether processes
that are stuck are followed in natural order or at random; long stretches, late interrupts and overtaking all happen then.
"""

from __future__ import annotations

import random

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import Process
from harness.search.search import LIMIT_REACHED

# The probability of a switch before an operation.
RESTLESSNESS = (1 / 2, 1 / 8, 1 / 32)


class RandomWalk:
    """A chooser for one execution. It draws from `rng`, which may be shared by many walks: one seed gives one sequence of them."""

    __slots__ = ("rng", "shuffled", "started", "switch")

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.switch = RESTLESSNESS[int(rng.random() * len(RESTLESSNESS))]
        self.shuffled = rng.random() < 1 / 2
        self.started = False

    def __call__(self, engine: Execution, enabled: list[Process], current: Process) -> Process:
        """Stay with `current`, or leave it for one of the others, each as likely."""
        if len(enabled) == 1:
            return enabled[0]
        draw = self.rng.random
        if not self.started:
            self.started = True
            return enabled[int(draw() * len(enabled))] if self.shuffled else enabled[0]
        if current in enabled:
            if draw() >= self.switch:
                return current
            others = [process for process in enabled if process is not current]
            return others[int(draw() * len(others))]
        return enabled[int(draw() * len(enabled))] if self.shuffled else enabled[0]


class RandomWalks:
    """So many executions, each a walk drawn from `rng`."""

    name = "random walk"

    def __init__(self, executions: int, rng: random.Random, make: type[ExploredEngine] = ExploredEngine) -> None:
        self.make = make
        self.left = executions
        self.rng = rng
        self.max_steps = 0

    def first(self, max_steps: int) -> ExploredEngine:
        self.max_steps = max_steps
        self.left -= 1
        return self.make(RandomWalk(self.rng), max_steps)

    def waiting(self) -> dict[int, int]:
        return {}

    def exhausted(self) -> str:
        """A sample never is."""
        return LIMIT_REACHED

    def after(self, engine: ExploredEngine) -> ExploredEngine | None:
        return self.first(self.max_steps) if self.left > 0 else None
