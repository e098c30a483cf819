"""The rows of figures: computed from counts made by hand, written, and put where they belong in JSON."""

from __future__ import annotations

import pickle

import pytest

from harness.measure.figures import IDLE_OVERHEAD, LOCK_WAIT_MEAN
from harness.suite.figure import Tally
from harness.timed.accounting import LockProfile, Runstates
from tests.measure.made import BY_NAME, ROWS, performance

LOCKS = (LockProfile("a", 6, 600, 2, 4000, 3000), LockProfile("b", 2, 200, 1, 4000, 4000))
VCPUS = (Runstates("x", 3000, 500, 0, 300), Runstates("y", 1000, 500, 0, 100))
# A CPU of 1000 MHz: 1000 cycles are a µs.
TALLY = Tally(LOCKS, VCPUS, 4, tuple(range(1000, 101_000, 1000)), (2000, 4000), 500, 1000)
NOTHING = Tally((), (), 0, (), (), 500, 1000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("locks_per_run", 2.0),
        ("lock_wait_us_mean", 1.0),
        ("lock_wait_us_max", 4.0),
        ("idle_overhead_pct", 10.0),
        ("idle_steal_pct", 20.0),
        ("irq_p50_us", 50.0),
        ("irq_p99_us", 99.0),
        ("irq_max_us", 100.0),
        ("run_p50_us", 2.0),
        ("run_p99_us", 4.0),
        ("run_max_us", 4.0),
        ("tasklets_per_s", 8000.0),
    ],
)
def test_values(name: str, value: float) -> None:
    """Each figure, from counts that can be divided in one's head."""
    assert BY_NAME[name].of(TALLY) == value


def test_every_figure_is_of_something() -> None:
    """Where nothing happened a figure is missing or nothing, and none breaks down."""
    assert {row.name for row in ROWS if row.of(NOTHING)} == set()


def test_rows_can_be_sent_to_another_process() -> None:
    """Equal on the other side, functions included."""
    assert pickle.loads(pickle.dumps(ROWS)) == ROWS


def test_text() -> None:
    """Digits and unit of the row, with a spread if there is one, with more digits if that is asked for."""
    assert LOCK_WAIT_MEAN.text(1.26) == "1.3 µs"
    assert LOCK_WAIT_MEAN.text(1.26, 0.04) == "1.3 ±0.0 µs"
    assert LOCK_WAIT_MEAN.text(1.26, 0.04, shown=2) == "1.26 ±0.04 µs"
    assert BY_NAME["tasklets_per_s"].text(8000.0, 1.0) == "8000 ±1"


def test_a_threshold_is_reached_when_it_is_met() -> None:
    """Half a per cent is too large; a figure without a threshold never is."""
    assert IDLE_OVERHEAD.too_large(0.5)
    assert not IDLE_OVERHEAD.too_large(0.49)
    assert not LOCK_WAIT_MEAN.too_large(1e9)


def test_place_in_json() -> None:
    """Latencies are objects of their own, also in the spread."""
    found = performance(0.5, irq_p99_us=7.0).to_json()
    assert found["irq_latency_us"] == {"p50": 1.0, "p99": 7.0, "max": 1.0}
    assert found["spread"]["run_latency_us"] == {"p50": 0.5, "p99": 0.5, "max": 0.5}
    assert found["tasklets_per_s"] == 1.0
