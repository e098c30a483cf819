"""The estimate of how many executions a search will take, and the file by which workers tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.litmus.litmus_programs import counter, executed
from harness.search.search import SearchResult, Strategy, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.verify.search_progress import Branches, Gauge, Level, common, gauges


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


def test_levels_come_through_the_file() -> None:
    """Each slot has its own level; the file goes away."""
    with gauges(2) as file:
        strategy = DepthFirst()
        with Gauge(file.path, 1, strategy, None) as gauge:
            search(executed(counter(2, 1)), strategy, observers=[gauge])
        with Gauge(file.path, 0, strategy, 50) as gauge:
            gauge(ExploredEngine(), SearchResult("", executions=3, blocked=1))
        assert file.read()[0] == Level(3, 1, 50.0)
        assert file.read()[1].executions >= 1
    assert not Path(file.path).exists()
