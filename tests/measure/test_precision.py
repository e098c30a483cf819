"""When to stop: the rule on figures made by hand, and what stopping does to the intervals."""

from __future__ import annotations

import random
from math import inf

import pytest

from harness.measure.performance import Performance
from harness.measure.precision import BATCH, FIRST, USUAL_MOST, USUAL_PCT, Precision, headlines
from harness.measure.statistics import half_width, mean, student_t
from tests.measure import made


def performance(spread: float, **figures: float | None) -> Performance:
    """A result with these figures, 100 for all others, each with the same spread."""
    return made.performance(spread, 100.0, **figures)


def wide(rule: Precision, found: Performance) -> dict[str, float]:
    """What is not known well enough, by name."""
    return {row.name: width for row, width in rule.wide(found).items()}


def names(found: Performance) -> list[str]:
    """The headlines, by name."""
    return [row.name for row in headlines(found)]


def test_headlines() -> None:
    """Overhead, steal and the interrupts' p99; the runs' p99 where there are no interrupts; nothing that was not measured."""
    assert names(performance(1)) == ["idle_overhead_pct", "idle_steal_pct", "irq_p99_us"]
    assert names(performance(1, irq_p99_us=None, idle_steal_pct=None)) == ["idle_overhead_pct", "run_p99_us"]


def test_half_the_interval_against_the_figure() -> None:
    """10 of 100 is 10 %, which is good enough for 10 and not for 9; the widest does not hide the others."""
    assert wide(Precision(10), performance(10)) == {}
    assert wide(Precision(9), performance(10, idle_steal_pct=200)) == {"idle_overhead_pct": 10, "irq_p99_us": 10}


def test_what_the_table_does_not_show_is_good_enough() -> None:
    """Half of a tenth, whatever the figure; a figure of nothing that varies is not known at all."""
    assert wide(Precision(10), performance(0.05, idle_overhead_pct=0.0, idle_steal_pct=0.01)) == {}
    assert wide(Precision(10), performance(0.06, idle_overhead_pct=0.0)) == {"idle_overhead_pct": inf}


def test_the_next_batch() -> None:
    """The seeds that follow, as many as a batch has or as are left; none when all is known or nothing is left."""
    rule = Precision(5, 20)
    assert rule.following(range(3, 11), performance(10)) == range(11, 11 + BATCH)
    assert list(rule.following(range(3, 19), performance(10))) == [19, 20, 21, 22]
    assert not rule.following(range(20), performance(10))
    assert not rule.following(range(8), performance(5))


@pytest.mark.parametrize(("freedom", "t"), [(1, 12.706), (18, 2.101), (19, 2.093), (23, 2.069), (39, 2.023), (63, 1.998), (120, 1.980)])
def test_student_t(freedom: int, t: float) -> None:
    """The values of the usual tables, within their last digit."""
    assert student_t(freedom) == pytest.approx(t, abs=6e-4)


def stopped(draw: random.Random, variation: float, percent: int) -> tuple[int, bool]:
    """A measurement of a figure of 1 that is normally distributed: the runs it took, and whether its interval has the figure."""
    values = [draw.gauss(1, variation) for _ in range(FIRST)]
    while 100 * half_width(values) > percent * mean(values) and len(values) < USUAL_MOST:
        values += [draw.gauss(1, variation) for _ in range(BATCH)]
    return len(values), abs(mean(values) - 1) <= half_width(values)


@pytest.mark.parametrize("variation", [0.15, 0.25, 0.35, 0.6])
def test_intervals_are_nearly_what_they_say(variation: float) -> None:
    """Of the intervals of measurements that stop by the rule, at least 93 % have the figure, and some do stop early or late."""
    draw = random.Random(f"precision {variation}")
    found = [stopped(draw, variation, USUAL_PCT) for _ in range(3000)]
    covered = sum(covers for _, covers in found) / len(found)
    assert 0.93 <= covered <= 0.96
    assert {count for count, _ in found} <= set(range(FIRST, USUAL_MOST + 1, BATCH))
