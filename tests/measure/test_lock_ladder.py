"""Scenario `lock-ladder`: the emulator's locks against the birth-death model, which shares no code with them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from harness.measure.costs import CostTable
from harness.measure.lock_ladder import handover_cost, lock_ladder
from harness.measure.lock_model import birth_death

E = 200
C = 320
# Near the cliff a crowd comes and goes every few ten million cycles.
LONG = 150_000_000


def model_peak(a: int) -> int:
    """The number of CPUs at which the model's ticket lock does most."""
    return max(range(1, 101), key=lambda n: birth_death(n, a, E, C))


def test_uniform_profile_has_the_models_handover() -> None:
    """On `uniform` a queue lock's handover costs the c of the model."""
    assert handover_cost(CostTable("uniform").caches()) == C


@pytest.mark.parametrize("a", [20_000, 50_000, 100_000])
def test_ticket_lock_peaks_where_the_model_does(a: int) -> None:
    """The throughput of a ticket lock rises and falls: most of it within 15 % of the model's number of CPUs, and within 25 % as much."""
    peak = model_peak(a)
    # Just inside and just outside of the 15 % on both sides, and between.
    below, above = int(peak * 0.85) - 1, int(peak * 1.15) + 2
    numbers = sorted({*range(below, above, max(1, peak // 18)), below, above})
    found = {n: lock_ladder(n, a, E, "ticket").throughput for n in numbers}
    best = max(found, key=lambda n: found[n])
    assert abs(best - peak) <= 0.15 * peak
    assert below < best < above
    assert found[best] == pytest.approx(birth_death(peak, a, E, C), rel=0.25)


@pytest.mark.parametrize(("n", "a"), [(10, 20_000), (20, 20_000), (10, 50_000), (30, 50_000), (40, 100_000)])
def test_ticket_lock_rises_as_in_the_model(n: int, a: int) -> None:
    """Before the peak nearly every attempt succeeds at once."""
    assert lock_ladder(n, a, E, "ticket").throughput == pytest.approx(birth_death(n, a, E, C), rel=0.1)


@pytest.mark.parametrize(("n", "a"), [(30, 20_000), (40, 20_000), (60, 20_000), (80, 20_000), (60, 50_000), (80, 50_000), (80, 100_000)])
def test_ticket_lock_collapses_as_in_the_model(n: int, a: int) -> None:
    """After the peak the throughput is the model's within 25 %, a fraction of a queue lock's."""
    rung = lock_ladder(n, a, E, "ticket")
    assert rung.from_crowd == pytest.approx(birth_death(n, a, E, C), rel=0.25)
    assert rung.from_crowd < birth_death(n, a, E, C, constant=True) / 4


@pytest.mark.parametrize("a", [20_000, 50_000, 100_000])
def test_ticket_lock_collapses_where_the_model_does(a: int) -> None:
    """The number of CPUs with which half of the peak is lost is the model's within 15 %."""
    peak = model_peak(a)
    half = birth_death(peak, a, E, C) / 2
    lost = next(n for n in range(peak, 200) if birth_death(n, a, E, C) < half)
    before, after = (lock_ladder(n, a, E, "ticket", length=LONG).throughput for n in (int(lost * 0.85), int(lost * 1.15) + 1))
    assert after < half < before


@pytest.mark.parametrize(("n", "a"), [(30, 20_000), (38, 50_000), (40, 50_000), (60, 100_000)])
def test_ticket_lock_at_the_edge_of_the_cliff(n: int, a: int) -> None:
    """Where few wait, what the model leaves out of a handover counts (a release's store, an attempt's atomic add): with it, it agrees."""
    found = lock_ladder(n, a, E, "ticket", length=LONG).throughput
    assert found == pytest.approx(birth_death(n, a, E, C, other=C), rel=0.25)


def test_what_the_model_leaves_out_counts_at_the_edge_only() -> None:
    """At the edge the model without it is still on the way down; further on it makes no difference."""
    assert birth_death(40, 50_000, E, C, other=C) < 0.6 * birth_death(40, 50_000, E, C)
    assert birth_death(80, 50_000, E, C, other=C) == pytest.approx(birth_death(80, 50_000, E, C), rel=0.05)


@pytest.mark.parametrize("a", [20_000, 50_000])
def test_queue_lock_saturates(a: int) -> None:
    """More CPUs never do less than fewer, up to what a constant handover allows: 1 / (E + c)."""
    found = [lock_ladder(n, a, E, "mcs", length=6_000_000).throughput for n in (10, 20, 40, 60, 80)]
    for n, throughput in zip((10, 20, 40, 60, 80), found, strict=True):
        assert throughput == pytest.approx(birth_death(n, a, E, C, constant=True), rel=0.1)
    assert all(later > 0.99 * earlier for earlier, later in pairwise(found))


def test_a_crowd_waits_for_its_turn() -> None:
    """In a saturated closed system the mean wait is what n and the throughput leave for it (Little's law)."""
    n, a = 60, 20_000
    rung = lock_ladder(n, a, E, "mcs", length=6_000_000)
    cycle = 1_000_000 * n / rung.throughput
    # (The release's store, a transfer, and a look at the node and the first exchange belong to neither.)
    assert rung.mean_wait == pytest.approx(cycle - a - E - C / 2, rel=0.05)
    assert rung.mean_handover == pytest.approx(C, rel=0.02)


def test_test_and_test_and_set_collapses_too() -> None:
    """The flavour of the time does no better than a ticket lock where both have collapsed."""
    assert lock_ladder(60, 20_000, E, "ttas", length=6_000_000).throughput < lock_ladder(60, 20_000, E, "ticket").throughput


def test_same_seed_same_figures() -> None:
    """A seed gives the same figures each time, another seed others."""
    first, again, other = (lock_ladder(12, 5_000, E, "ticket", "westmere-ex-8s", seed, 400_000) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_more_cpus_than_cores() -> None:
    """A machine has only so many CPUs."""
    with pytest.raises(ValueError, match="81 CPUs on a machine of 80"):
        lock_ladder(81, 1000, E, topology="westmere-ex-8s")
