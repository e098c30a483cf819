"""The random strategy: walks that mostly stay on one process.

A uniform choice before every operation switches so often that nobody ever gets far ahead: most orders of two longer calls are next to
impossible. So each walk first draws how restless it is (the probability of leaving a process that could go on) and whether processes
that are stuck are followed in natural order or at random; long stretches, late interrupts and overtaking all happen then.
"""

from __future__ import annotations

import random

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import Process

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

    def __call__(self, engine: ExploredEngine, enabled: list[Process], current: Process) -> Process:
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
