"""Smallest sets that have something of each collection."""

from __future__ import annotations

import random
from itertools import combinations

from harness.search.smallest_sets import smallest_set

COSTS = {number: (number % 3, number) for number in range(8)}


def by_force(collections: list[set[int]], most: int) -> tuple[int, int] | None:
    """The size of a smallest set, and the smallest first cost of one: of all sets."""
    for size in range(most + 1):
        sets = [each for each in combinations(COSTS, size) if all(set(each) & collection for collection in collections)]
        if sets:
            return size, min(sum(COSTS[element][0] for element in each) for each in sets)
    return None


def test_random_collections() -> None:
    """The size and the cost are those that trying all sets finds, and everything is hit."""
    rng = random.Random(5)
    for _ in range(200):
        collections = [set(rng.sample(sorted(COSTS), rng.randint(1, 4))) for _ in range(rng.randint(0, 6))]
        found = smallest_set(collections, COSTS, 3)
        expected = by_force(collections, 3)
        if found is None:
            assert expected is None
        else:
            assert all(set(found) & collection for collection in collections)
            assert (len(found), sum(COSTS[element][0] for element in found)) == expected


def test_nothing_hits_an_empty_collection() -> None:
    """Nor is there a set of fewer elements than are needed."""
    assert smallest_set([{1}, set()], COSTS, 3) is None
    assert smallest_set([{1}, {2}], COSTS, 1) is None
    assert smallest_set([{1}, {2}], COSTS, 2) == (1, 2)


def test_the_cheapest_of_those_that_are_alike() -> None:
    """Costs are compared part by part."""
    assert smallest_set([{1, 2, 3}], COSTS, 1) == (3,)
    assert smallest_set([{1, 4}], COSTS, 1) == (1,)
