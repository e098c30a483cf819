"""The smallest set that has something of each of several collections, and the cheapest of those: a minimum hitting set, by branching.

The collections of a search for barriers are small, and most of what is in them is in the same ones: of that only the cheapest counts.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
Cost = tuple[int, ...]


def smallest_set(collections: Sequence[Collection[T]], costs: Mapping[T, Cost], most: int) -> tuple[T, ...] | None:
    """Of the smallest sets that hit every collection, one with the smallest sum of costs; None if they have more than `most` elements."""
    needed = [set(each) for each in _representatives(collections, costs)]
    for size in range(most + 1):
        if found := {frozenset(each) for each in _sets(needed, size, ())}:
            best = min(found, key=lambda each: (_sum(costs, each), sorted(costs[element] for element in each)))
            return tuple(sorted(best, key=lambda element: costs[element]))
    return None


def _sum(costs: Mapping[T, Cost], elements: Collection[T]) -> Cost:
    """Of no elements, nothing."""
    return tuple(map(sum, zip(*(costs[element] for element in elements), strict=True)))


def _representatives(collections: Sequence[Collection[T]], costs: Mapping[T, Cost]) -> list[list[T]]:
    """The collections with the cheapest of those elements only that are in the same ones."""
    in_which: dict[T, tuple[int, ...]] = {}
    for at, collection in enumerate(collections):
        for element in collection:
            in_which[element] = (*in_which.get(element, ()), at)
    cheapest: dict[tuple[int, ...], T] = {}
    for element in sorted(in_which, key=lambda each: costs[each]):
        cheapest.setdefault(in_which[element], element)
    kept = set(cheapest.values())
    return [[element for element in collection if element in kept] for collection in collections]


def _sets(needed: Sequence[Collection[T]], size: int, chosen: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    """Ways to hit what is not hit yet with `size` elements more at most."""
    missed = [each for each in needed if not any(element in each for element in chosen)]
    if not missed:
        yield chosen
    elif size:
        for element in min(missed, key=len):
            yield from _sets(missed, size - 1, (*chosen, element))
