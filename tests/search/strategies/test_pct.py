"""Priorities: exact hit rates, by enumeration."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import permutations, product

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.litmus.litmus_programs import ab_ba, counter, executed
from harness.search.search import FAILED, LIMIT_REACHED, UNDECIDED, Execute, judge, search
from harness.search.strategies.pct import Pct, Priorities


def hit_rate(execute: Execute, processes: int, operations: int, depth: int, hit: Callable[[ExploredEngine], bool]) -> Fraction:
    """The exact probability that one execution is a hit, by running all choices of priorities and change points."""
    outcomes = [hit(engine) for engine in _all(execute, processes, operations, depth)]
    return Fraction(sum(outcomes), len(outcomes))


def _all(execute: Execute, processes: int, operations: int, depth: int) -> Iterator[ExploredEngine]:
    """An engine after each execution."""
    for order in permutations(range(processes)):
        for changes in product(range(1, operations + 1), repeat=depth - 1):
            engine = ExploredEngine(Priorities(order, changes))
            execute(engine)
            yield engine


@pytest.mark.parametrize(("depth", "rate"), [(1, Fraction(0)), (2, Fraction(1, 4)), (3, Fraction(13, 32))])
def test_rate_of_lost_update(depth: int, rate: Fraction) -> None:
    """Of all priorities and change points, the known fraction loses an update of a counter 2×2."""
    assert hit_rate(executed(counter(2, 2)), 2, 8, depth, lambda engine: engine.final < 4) == rate


@pytest.mark.parametrize(("depth", "rate"), [(2, Fraction(1, 3)), (3, Fraction(1, 2))])
def test_rate_with_three_threads(depth: int, rate: Fraction) -> None:
    """The same for three threads that increment once."""
    assert hit_rate(executed(counter(3, 1)), 3, 6, depth, lambda engine: engine.final < 3) == rate


@pytest.mark.parametrize(("depth", "rate"), [(2, Fraction(1, 8)), (3, Fraction(7, 32))])
def test_rate_of_deadlock(depth: int, rate: Fraction) -> None:
    """The same for two locks taken in opposite order."""
    assert hit_rate(executed(ab_ba), 2, 8, depth, lambda engine: engine.failure is not None) == rate


def test_sampling_finds_the_deadlock() -> None:
    """Enough executions at depth 2 find a deadlock that every eighth has."""
    assert search(executed(ab_ba), Pct(2, 100, random.Random(1))).verdict == FAILED


def test_sample_is_not_exhaustive() -> None:
    """Without a failure, the verdict is that the number of executions was the limit, and that is no pass."""
    result = search(executed(counter(2, 2)), Pct(2, 20, random.Random(1)))
    assert (result.verdict, result.executions) == (LIMIT_REACHED, 21)
    assert judge(result) == UNDECIDED
