"""Dynamic partial-order reduction with source sets and sleep sets: no wakeup trees, at the price of runs that turn out to be redundant.

Abdulla, Aronis, Jonsson, Sagonas: "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", J. ACM 64(4), 2017, section 5.
"""

from __future__ import annotations

from harness.explored.operations import Operation
from harness.search.dependence import initials
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.wakeup_tree import Branch, is_doubtful


class SourceDpor(OptimalDpor):
    """Where the optimal search inserts a sequence, this one adds a first step of it, unless it has one already or has tried one."""

    name = "source DPOR"

    def suggest(self, at: int, sequence: list[Operation]) -> bool:
        engine = self.previous
        assert engine is not None
        first = {engine.code(operation): operation for operation in initials(sequence, engine.owner_of).values()}
        tree = self.trees.get(at, [])
        doubtful = is_doubtful(self._sleeping(at), tree, sequence)
        if first.keys() & self.asleep.get(at, {}).keys() or any(engine.code(branch.operation) in first for branch in tree):
            return doubtful
        # The process that the race is about comes last; where it can begin, it does, as that is what is sure to make a difference.
        step = first.get(engine.code(sequence[-1])) or sequence[0]
        self.trees.setdefault(at, []).append(Branch(step))
        return doubtful
