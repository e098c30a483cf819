"""Wakeup trees: which sequences a search has still to explore from a state, without two that lead to the same executions.

Abdulla, Aronis, Jonsson, Sagonas: "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", J. ACM 64(4), 2017, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from harness.explored.operations import Operation, Sleep
from harness.search.dependence import begins

PROCESS = itemgetter(0)


class Branch:
    """A node: an operation to go on with, as far as it is known, and what to do after it (nothing: a leaf)."""

    __slots__ = ("branches", "operation")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.branches: list[Branch] = []


def beginning(asleep: Sleep, sequence: Sequence[Operation]) -> list[Operation]:
    """The operations of sleeping processes that begin `sequence`: if there are any, it has been explored."""
    return [operation for operation in asleep.values() if begins(operation, sequence)]


def lacks_all(sequence: Sequence[Operation], operations: Sequence[Operation]) -> bool:
    """Tell whether a sequence has none of these operations, by which it is known to have been explored.

    That they depend on nothing in the sequence says nothing of what is performed after the sequence, and before them.
    """
    return set(map(PROCESS, operations)).isdisjoint(map(PROCESS, sequence))


def is_doubtful(asleep: Sleep, branches: list[Branch], sequence: list[Operation]) -> bool:
    """Tell whether an operation that the sequence does not have decides that it need not be explored, or where."""
    known = beginning(asleep, sequence)
    return lacks_all(sequence, known) if known else _find(branches, sequence)[2]


def insert(branches: list[Branch], sequence: list[Operation]) -> bool:
    """Insert `sequence`, unless a leaf of the tree leads to it already; tell whether that is doubtful."""
    branches, rest, doubtful = _find(branches, sequence)
    for operation in rest:
        branch = Branch(operation)
        branches.append(branch)
        branches = branch.branches
    return doubtful


def _find(branches: list[Branch], sequence: list[Operation]) -> tuple[list[Branch], list[Operation], bool]:
    """Where a sequence belongs, what of it is not there yet, and whether an operation that it does not have leads there."""
    doubtful = False
    while True:
        for branch in branches:
            if begins(branch.operation, sequence):
                break
        else:
            return branches, sequence, doubtful
        pid = branch.operation[0]
        if pid in map(PROCESS, sequence):
            sequence = _after(pid, sequence)
        else:
            doubtful = True
        branches = branch.branches
        if not sequence or not branches:
            return branches, [], doubtful


def prune(branches: list[Branch], explored: Operation, before: Sequence[Operation] = ()) -> bool:
    """Drop what has turned out to begin with an operation that has been explored; tell whether anything is left.

    Where that was inserted, the operation was announced with more locations than it has touched. What may have the operation later, after
    something that conflicts with it, stays.
    """
    kept = []
    for branch in branches:
        path = [*before, branch.operation]
        if branch.operation[0] == explored[0] and begins(explored, path):
            continue
        if not branch.branches or prune(branch.branches, explored, path):
            kept.append(branch)
    branches[:] = kept
    return bool(kept)


def _after(pid: int, sequence: list[Operation]) -> list[Operation]:
    """What remains of `sequence` after the first operation of `pid`, which it has."""
    at = list(map(PROCESS, sequence)).index(pid)
    return sequence[:at] + sequence[at + 1 :]
