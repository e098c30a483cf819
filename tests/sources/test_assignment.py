"""The cheapest assignment, beside all others."""

from __future__ import annotations

import random
from itertools import permutations

from harness.sources.assignment import cheapest


def test_nothing_is_cheaper() -> None:
    """Of small matrices, all assignments are tried; each is a permutation, and the same matrix has the same one."""
    chosen = random.Random(1)
    for size in [0, 1, 2, 3, 4, 5] * 12:
        costs = [[chosen.randrange(6) for _ in range(size)] for _ in range(size)]
        found = cheapest(costs)
        assert sorted(found) == list(range(size))
        sums = [sum(costs[row][column] for row, column in enumerate(way)) for way in permutations(range(size))]
        assert sum(costs[row][column] for row, column in enumerate(found)) == min(sums)
        assert cheapest(costs) == found


def test_the_nearest_is_not_always_the_best() -> None:
    """Who takes what is cheapest for itself can leave another one with what is dear."""
    assert cheapest([[1, 2], [1, 9]]) == [1, 0]
