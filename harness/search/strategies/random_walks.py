"""Random walks as a strategy: see `harness.search.strategies.random_walk` for what one is."""

from __future__ import annotations

import random

from harness.explored.explored_engine import ExploredEngine
from harness.search.search import LIMIT_REACHED
from harness.search.strategies.random_walk import RandomWalk


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

    def waiting(self) -> dict[int, int]:
        return {}

    def exhausted(self) -> str:
        """A sample never is."""
        return LIMIT_REACHED

    def after(self, engine: ExploredEngine) -> ExploredEngine | None:
        return self.first(self.max_steps) if self.left > 0 else None
