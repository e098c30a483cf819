"""Wakeup trees: which sequences a search has still to explore from a state, without two that lead to the same executions.

Abdulla, Aronis, Jonsson, Sagonas: "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", J. ACM 64(4), 2017, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.explored.operations import Operation, Sleep
from harness.search.dependence import begins


class Branch:
    """A node: an operation to go on with, as far as it is known, and what to do after it (nothing: a leaf)."""

    __slots__ = ("branches", "operation")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.branches: list[Branch] = []


def covered(asleep: Sleep, sequence: Sequence[Operation]) -> bool:
    """Tell whether one of the sleeping processes begins `sequence`: then it has been explored."""
    for operation in asleep.values():  # noqa: SIM110 - this is called for every race
        if begins(operation, sequence):
            return True
    return False


def is_doubtful(asleep: Sleep, branches: list[Branch], sequence: list[Operation]) -> bool:
    """Tell whether `covered` and `insert` go by an operation that the sequence does not have.

    That it depends on nothing in the sequence says nothing of what is performed after the sequence, and before that operation.
    """
    beginning = [operation for operation in asleep.values() if begins(operation, sequence)]
    if beginning:
        return not any(_has(sequence, operation[0]) for operation in beginning)
    while sequence:
        branch = next((branch for branch in branches if begins(branch.operation, sequence)), None)
        if branch is None:
            return False
        if not _has(sequence, branch.operation[0]):
            return True
        sequence, branches = _after(branch.operation[0], sequence), branch.branches
    return False


def _has(sequence: Sequence[Operation], pid: int) -> bool:
    return any(operation[0] == pid for operation in sequence)


def insert(branches: list[Branch], sequence: list[Operation]) -> bool:
    """Insert `sequence`, unless a leaf of the tree leads to it already; tell whether the tree has grown."""
    while True:
        for branch in branches:
            if begins(branch.operation, sequence):
                sequence = _after(branch.operation[0], sequence)
                if not sequence or not branch.branches:
                    return False
                branches = branch.branches
                break
        else:
            for operation in sequence:
                branch = Branch(operation)
                branches.append(branch)
                branches = branch.branches
            return True


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
    """What remains of `sequence` after the first operation of `pid`."""
    for i, operation in enumerate(sequence):
        if operation[0] == pid:
            return sequence[:i] + sequence[i + 1 :]
    return sequence
