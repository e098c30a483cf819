"""All rungs of a lock ladder together."""

from __future__ import annotations

import pytest

from harness.jobs.standing import nobody
from harness.measure.ladder_curves import MODELS, LadderCurves, measure_curves
from harness.measure.lock_ladder import LockLadder, lock_ladder
from harness.measure.settings import LOCKS, Settings

SMALL = LockLadder(cpus=(1, 4), length=100_000)


def measure(topology: str) -> LadderCurves:
    """A small ladder."""
    return measure_curves(SMALL, Settings(topology), 3, 1, nobody)


def test_every_flavour_with_each_number_of_cpus() -> None:
    """A curve for each flavour, with what is measured alone; then the models, the last of them without a collapse."""
    curves = measure("uniform")
    assert list(curves.throughputs) == [*LOCKS, *MODELS]
    alone = lock_ladder(4, SMALL.between, SMALL.critical, "mcs", "uniform", 3, SMALL.length)
    assert curves.throughputs["mcs"][1] == alone.throughput
    assert curves.models["model, queue"][0] == pytest.approx(1_000_000 / (SMALL.between + SMALL.critical))


def test_the_model_knows_one_distance() -> None:
    """On a machine with several it says nothing."""
    assert measure("westmere-ex-8s").models == {}
