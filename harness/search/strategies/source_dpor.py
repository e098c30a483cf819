"""Dynamic partial-order reduction with source sets and sleep sets: no wakeup trees, at the price of runs that turn out to be redundant.

Abdulla, Aronis, Jonsson, Sagonas: "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", J. ACM 64(4), 2017, section 5.
"""

from __future__ import annotations

from harness.explored.operations import Operation
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.wakeup_tree import Branch, conflicts


class SourceDpor(OptimalDpor):
    """Where the optimal search inserts a sequence, this one adds a first step of it, unless it has one already or has tried one."""

    name = "source DPOR"

    def suggest(self, at: int, sequence: list[Operation]) -> None:
        initials = _initials(sequence)
        tree = self.trees.get(at, [])
        if initials.keys() & self.asleep.get(at, {}).keys() or any(branch.operation[0] in initials for branch in tree):
            return
        # The process that the race is about comes last; where it can begin, it does, as that is what is sure to make a difference.
        pid = sequence[-1][0]
        step = initials.get(pid) or sequence[0]
        self.trees.setdefault(at, []).append(Branch(step))


def _initials(sequence: list[Operation]) -> dict[int, Operation]:
    """The first steps of processes that conflict with nothing before them in the sequence."""
    found: dict[int, Operation] = {}
    seen: set[int] = set()
    for i, step in enumerate(sequence):
        if step[0] not in seen and not any(conflicts(step, earlier) for earlier in sequence[:i]):
            found[step[0]] = step
        seen.add(step[0])
    return found
