"""The estimate of how many executions a search will take, and how workers tell it."""

from __future__ import annotations

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.litmus.litmus_programs import counter, executed
from harness.search.search import SearchResult, Strategy, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.verify.search_progress import Branches, Level, Teller, common


@pytest.mark.parametrize("strategy", [DepthFirst(), OptimalDpor(), PreemptionBounded(1)], ids=lambda strategy: strategy.name)
def test_the_fraction_seen_grows_to_one(strategy: Strategy) -> None:
    """For a search that knows its tree, the fraction never shrinks; for any, all is seen at the end."""
    branches = Branches(strategy)
    fractions = []

    def watch(engine: ExploredEngine, _: SearchResult) -> None:
        branches.see(engine.schedule)
        fractions.append(branches.fraction())

    search(executed(counter(2, 2)), strategy, observers=[watch])
    assert all(0 < fraction <= 1 for fraction in fractions)
    assert fractions[-1] == 1
    assert fractions[0] < 1 or isinstance(strategy, OptimalDpor)
    if isinstance(strategy, DepthFirst):
        assert fractions == sorted(fractions)


def test_common() -> None:
    """The length of the common beginning."""
    assert [common(*pair) for pair in (([], []), ([1], [2]), ([1, 2], [1, 3]), ([1, 2], [1, 2, 3]))] == [0, 0, 1, 2]


def test_a_search_tells_how_far_it_has_got() -> None:
    """The first execution is told at once; of a sample, the total is known."""
    told: list[tuple[float, ...]] = []
    strategy = DepthFirst()
    search(executed(counter(2, 1)), strategy, observers=[Teller(strategy, None, lambda *values: told.append(values))])
    first = Level.told(told[0])
    assert first is not None
    assert (first.executions, first.blocked) == (1, 0)
    assert first.total > 1
    Teller(strategy, 50, lambda *values: told.append(values))(ExploredEngine(), SearchResult("", executions=3, blocked=1))
    assert Level.told(told[-1]) == Level(3, 1, 50.0)


def test_what_is_no_level() -> None:
    """A stage may have written it."""
    assert Level.told((1.0, 2.0)) is None
