"""The unreduced search: every interleaving, depth first. What all reductions are checked against."""

from __future__ import annotations

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import Process
from harness.search.search import EXHAUSTED, Diverged


class DepthFirst:
    """At each depth of the current execution: who else could have gone on and has not been tried."""

    name = "unreduced depth-first"

    def __init__(self, make: type[ExploredEngine] = ExploredEngine) -> None:
        self.make = make
        self.untried: list[list[int]] = []
        self.max_steps = 0

    def first(self, max_steps: int) -> ExploredEngine:
        self.max_steps = max_steps
        return self.make(self, max_steps)

    def waiting(self) -> dict[int, int]:
        return {depth: len(untried) for depth, untried in enumerate(self.untried) if untried}

    def exhausted(self) -> str:
        return EXHAUSTED

    def __call__(self, engine: Execution, enabled: list[Process], current: Process) -> Process:
        """Beyond what is prescribed, take the first and leave the rest for later."""
        first = current if current in enabled else enabled[0]
        self.untried.append([p.pid for p in enabled if p is not first])
        return first

    def after(self, engine: ExploredEngine) -> ExploredEngine | None:
        if not engine.limit_reached and len(self.untried) != len(engine.done) and engine.failure is None:
            raise Diverged(f"{len(engine.done)} operations after {len(self.untried)} choices")
        untried = self.untried
        while untried and not untried[-1]:
            untried.pop()
        if not untried:
            return None
        script = engine.schedule[: len(untried) - 1]
        script.append(untried[-1].pop(0))
        return self.make(self, self.max_steps, script)
