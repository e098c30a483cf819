"""Arrival processes and the statistics of what they lead to."""

from __future__ import annotations

import random
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.statistics import half_width, mean
from harness.suite.arrivals import NO_MORE, bursty, exponential, periodic, poisson, recorded
from harness.suite.figure import percentile


def test_exponential_by_hand() -> None:
    """0.5 then a larger number is accepted at once; a descent of two is rejected and counts 1."""
    assert exponential(iter([0.5, 0.9]).__next__) == 0.5
    assert exponential(iter([0.5, 0.3, 0.4, 0.25, 0.75]).__next__) == 1.25
    assert exponential(iter([0.5, 0.3, 0.2, 0.6]).__next__) == 0.5


def test_exponential_moments() -> None:
    """Mean and variance of many draws are near 1, and e⁻¹ of them exceed 1."""
    rng = random.Random(5).random
    draws = [exponential(rng) for _ in range(40_000)]
    average = sum(draws) / len(draws)
    assert abs(average - 1) < 0.02
    assert abs(sum((d - average) ** 2 for d in draws) / len(draws) - 1) < 0.05
    assert abs(sum(d > 1 for d in draws) / len(draws) - 0.36788) < 0.01


def test_periodic() -> None:
    """The first event comes at a random point of the period, the others a period apart."""
    gaps = periodic(1000, lambda: 0.25)
    assert [gaps() for _ in range(3)] == [250, 1000, 1000]


def test_poisson_scale() -> None:
    """A gap is the period times an exponential draw, and never 0."""
    assert poisson(1000, iter([0.5, 0.9]).__next__)() == 501


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_percentile(values: list[int], share: float) -> None:
    """The percentile is a value that at least that share do not exceed, and no smaller value is."""
    found = percentile(sorted(values), share)
    assert found in values
    assert sum(v <= found for v in values) >= share * len(values)
    assert sum(v < found for v in values) < share * len(values)


def test_half_width() -> None:
    """1, 2, 3: standard deviation 1, standard error 1/√3, t = 4.303 with two degrees of freedom."""
    assert half_width([1.0, 2.0, 3.0]) == pytest.approx(4.303 / 3**0.5)
    assert half_width([2.0, 2.0]) == 0
    assert half_width([2.0]) == inf
    assert (mean([]), percentile([], 0.5)) == (0, 0)


def test_bursty_has_its_mean_and_its_bursts() -> None:
    """The mean gap is the period; seven of eight gaps are the moderated one."""
    gaps = bursty(1000, random.Random(3).random)
    drawn = [gaps() for _ in range(40_000)]
    assert abs(sum(drawn) / len(drawn) - 1000) < 20
    assert abs(drawn.count(251) / len(drawn) - 7 / 8) < 0.01


def test_recorded() -> None:
    """Gaps lead from one time to the next; after the last there is none."""
    gaps = recorded([5, 5, 12])
    assert [gaps() for _ in range(4)] == [5, 0, 7, NO_MORE]
