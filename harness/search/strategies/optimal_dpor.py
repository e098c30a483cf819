"""Optimal dynamic partial-order reduction: every Mazurkiewicz trace once, and no execution in vain.

Abdulla, Aronis, Jonsson, Sagonas: "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", J. ACM 64(4), 2017.
"""

from __future__ import annotations

from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import Operation, Sleep
from harness.explored.view_record import ViewRecord
from harness.search.happens_before import Order
from harness.search.reversals import reversals, whole
from harness.search.revisits import revisits
from harness.search.search import EXHAUSTED, Diverged
from harness.search.wakeup_tree import Branch, beginning, insert, lacks_all, prune

NOBODY: Sleep = {}


class OptimalDpor:
    """A depth-first search. At each depth of the current execution: who sleeps there, and a wakeup tree of what is left to do."""

    name = "optimal DPOR"

    def __init__(self, make: type[ExploredEngine] = ExploredEngine) -> None:
        self.make = make
        self.trees: dict[int, list[Branch]] = {}
        self.asleep: dict[int, Sleep] = {}
        self.order: Order | None = None
        self.previous: ExploredEngine | None = None
        # From which operation on the current execution differs from the one before.
        self.branched_at = 0
        self.max_steps = 0
        # Races whose sequences were left out, or inserted behind something, for an operation that they do not have: where, the later
        # operation, and what that is if it comes first. What each execution does later may depend on that operation.
        self.doubtful: dict[tuple[int, int], Operation] = {}

    def first(self, max_steps: int) -> ExploredEngine:
        self.max_steps = max_steps
        return self.make(max_steps=max_steps)

    def waiting(self) -> dict[int, int]:
        return {depth: len(branches) for depth, branches in self.trees.items()}

    def exhausted(self) -> str:
        return EXHAUSTED

    def after(self, engine: ExploredEngine) -> ExploredEngine | None:
        self._learn(engine)
        return self._next(engine)

    def _learn(self, engine: ExploredEngine) -> None:
        """Insert what the execution suggests."""
        start = self.branched_at
        engine.forget(self.max_steps)
        self._compare(engine, start)
        if self.order is None:
            self.order = Order()
        order = self.order
        order.cut(start)
        self.doubtful = {(at, i): step for (at, i), step in self.doubtful.items() if i < start}
        order.extend(engine)
        # Who sleeps, and where, after what has been explored for the first time.
        if engine.asleep:
            engine.wake()
        self.asleep.update(engine.slept)
        for at, sequence, i in reversals(engine, order, start):
            if self.suggest(at, sequence) and i >= 0:
                self.doubtful[at, i] = sequence[-1]
        for (at, i), step in self.doubtful.items():
            self.suggest(at, whole(engine, order, at, i, step))
        if isinstance(engine, ViewRecord):
            for at, sequence in revisits(engine, order, start):
                self.suggest(at, sequence)

    def suggest(self, at: int, sequence: list[Operation]) -> bool:
        """Have `sequence` explored from operation `at` on, unless that has been done or will be.

        Tell whether what is not performed in the sequence, and does not depend on it, decides that it need not be explored, or where.
        """
        known = beginning(self._sleeping(at), sequence)
        if known:
            return lacks_all(sequence, known)
        tree = self.trees.get(at)
        if tree is None:
            tree = self.trees[at] = []
        return insert(tree, sequence)

    def _sleeping(self, at: int) -> Sleep:
        """Who sleeps at operation `at`, and with which operations, as they are there now."""
        sleeping = self.asleep.get(at)
        return self.previous.asleep_at(at, sleeping) if sleeping and self.previous is not None else NOBODY

    def _compare(self, engine: ExploredEngine, start: int) -> None:
        """Operations before `start` must be those of the previous execution."""
        previous = self.previous
        self.previous = engine
        if previous is not None and engine.done[:start] != previous.done[:start]:
            raise Diverged(f"two executions that begin with the same {start} choices differ in them")

    def _next(self, engine: ExploredEngine) -> ExploredEngine | None:
        """Go back to the last place where something is left to do, and do the first of it."""
        trees, asleep = self.trees, self.asleep
        done = engine.done
        while trees:
            at = max(trees)
            for depth in [depth for depth in asleep if depth > at]:
                del asleep[depth]
            # A new one: depths share those that are the same.
            sleeping = asleep[at] = {**asleep.get(at, NOBODY), engine.code(done[at]): done[at]}
            branches = trees.pop(at)
            if at not in engine.announced or prune(branches, done[at]):
                return self._executing(engine, at, branches, sleeping)
        return None

    def _executing(self, engine: ExploredEngine, at: int, branches: list[Branch], sleeping: Sleep) -> ExploredEngine:
        """Take the first of these branches from operation `at` on."""
        script = engine.schedule_to(at)
        depth = at
        while branches:
            branch = branches.pop(0)
            script.append(engine.code(branch.operation))
            if branches:
                self.trees[depth] = branches
            branches = branch.branches
            depth += 1
        self.branched_at = at
        return self.make(max_steps=self.max_steps, script=script, asleep=sleeping, asleep_from=at)
