"""Wakeup trees: which sequences a search has still to explore from a state, without two that lead to the same executions.

Abdulla, Aronis, Jonsson, Sagonas: "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", J. ACM 64(4), 2017, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.explore.reversal import Step
from harness.machine.explored import Sleep


class Branch:
    """A node: a process to go on with, what its operation is expected to read and write, and what to do after it (nothing: a leaf)."""

    __slots__ = ("branches", "pid", "reads", "writes")

    def __init__(self, step: Step) -> None:
        self.pid, self.reads, self.writes = step
        self.branches: list[Branch] = []


def conflicts(a: Step, b: Step) -> bool:
    """Tell whether the order of two steps matters: of the same process, or on the same location with a write."""
    return a[0] == b[0] or bool(a[2] & (b[1] | b[2]) or a[1] & b[2])


def begins(pid: int, reads: int, writes: int, sequence: Sequence[Step]) -> bool:
    """Tell whether some continuation of `sequence` is equivalent to one that begins with this operation (a weak initial)."""
    touched = reads | writes
    for other, r, w in sequence:
        if other == pid:
            return True
        if w & touched or r & writes:
            return False
    return True


def covered(asleep: Sleep, sequence: Sequence[Step]) -> bool:
    """Tell whether one of the sleeping processes begins `sequence`: then it has been explored."""
    for pid, (reads, writes) in asleep.items():  # noqa: SIM110 - this is called for every race
        if begins(pid, reads, writes, sequence):
            return True
    return False


def insert(branches: list[Branch], sequence: list[Step]) -> bool:
    """Insert `sequence`, unless a leaf of the tree leads to it already; tell whether the tree has grown."""
    while True:
        for branch in branches:
            if begins(branch.pid, branch.reads, branch.writes, sequence):
                sequence = _after(branch.pid, sequence)
                if not sequence or not branch.branches:
                    return False
                branches = branch.branches
                break
        else:
            for step in sequence:
                branch = Branch(step)
                branches.append(branch)
                branches = branch.branches
            return True


def _after(pid: int, sequence: list[Step]) -> list[Step]:
    """What remains of `sequence` after the first operation of `pid`."""
    for i, step in enumerate(sequence):
        if step[0] == pid:
            return sequence[:i] + sequence[i + 1 :]
    return sequence
