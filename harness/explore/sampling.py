"""Random walks as a strategy: see `harness.explore.random_walk` for what one is."""

from __future__ import annotations

import random

from harness.explore.random_walk import RandomWalk
from harness.explore.search import LIMIT_REACHED
from harness.machine.explored import ExploredEngine


class RandomWalks:
    """So many executions, each a walk drawn from `rng`."""

    name = "random walk"

    def __init__(self, executions: int, rng: random.Random) -> None:
        self.left = executions
        self.rng = rng
        self.max_steps = 0

    def first(self, max_steps: int) -> ExploredEngine:
        self.max_steps = max_steps
        self.left -= 1
        return ExploredEngine(RandomWalk(self.rng), max_steps)

    def exhausted(self) -> str:
        """A sample never is."""
        return LIMIT_REACHED

    def after(self, engine: ExploredEngine) -> ExploredEngine | None:
        return self.first(self.max_steps) if self.left > 0 else None
