"""Wakeup trees: what is inserted, and what is dropped again."""

from __future__ import annotations

from harness.explored.operations import Operation
from harness.machine.engine import READ, RMW, WRITE
from harness.search.wakeup_tree import Branch, insert, is_doubtful, prune

X = 1
FIRST: Operation = (0, RMW, X, 0)
SECOND: Operation = (1, RMW, 0, X)
OTHER: Operation = (3, WRITE, 0, 2)
WRITES_X: Operation = (2, WRITE, 0, X)


def tree(*sequences: list[Operation]) -> list[Branch]:
    """A tree with these sequences."""
    branches: list[Branch] = []
    for sequence in sequences:
        insert(branches, sequence)
    return branches


def shown(branches: list[Branch]) -> list[object]:
    """Who performs what, as nested lists."""
    return [[branch.operation[0], *shown(branch.branches)] for branch in branches]


def test_what_only_reads_is_dropped_after_what_does_not_conflict() -> None:
    """The second one has turned out to read: it has been explored before the first one, which is the same."""
    branches = tree([FIRST, SECOND], [FIRST, WRITES_X])
    assert not prune(tree([FIRST, SECOND]), (1, READ, X, 0))
    assert prune(branches, (1, READ, X, 0))
    assert shown(branches) == [[0, [2]]]


def test_what_comes_after_something_that_conflicts_stays() -> None:
    """After a write of what it reads, it reads something else."""
    branches = tree([FIRST, WRITES_X, SECOND])
    assert prune(branches, (1, READ, X, 0))
    assert shown(branches) == [[0, [2, [1]]]]


def test_a_sequence_without_the_operation_stays() -> None:
    """It stands for all that go on from there, whatever comes next."""
    branches = tree([FIRST])
    assert prune(branches, (1, READ, X, 0))
    assert shown(branches) == [[0]]


def test_who_is_not_in_a_sequence_leaves_a_doubt() -> None:
    """Asleep or in the tree, it may come after something that it depends on; who is in the sequence does not."""
    assert is_doubtful({3: OTHER}, [], [FIRST])
    assert is_doubtful({}, tree([OTHER]), [FIRST])
    assert is_doubtful({}, tree([FIRST, OTHER, SECOND]), [FIRST, SECOND])
    assert not is_doubtful({0: FIRST, 3: OTHER}, [], [FIRST])
    assert not is_doubtful({}, tree([FIRST, OTHER]), [FIRST])
    assert not is_doubtful({2: WRITES_X}, tree([WRITES_X]), [FIRST, SECOND])
