"""The search for the value of a parameter, on figures that are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.calibration import PRECISION, NotReached, calibrate


@given(st.integers(200, 90_000), st.integers(0, 5))
def test_finds_the_crossing_and_its_interval(goal: int, half: int) -> None:
    """For a figure equal to the value, give or take `half` per cent of the goal, the crossing is the goal and the interval its width."""
    width = goal * half / 100
    found = calibrate(lambda value: (value, width), goal, 100, 100_000)
    assert found.value == pytest.approx(goal, rel=PRECISION, abs=1)
    assert found.low == pytest.approx(goal - width, rel=PRECISION, abs=1)
    assert found.high == pytest.approx(goal + width, rel=PRECISION, abs=1)
    assert [step[0] for step in found.steps] == sorted({step[0] for step in found.steps})


def test_each_value_is_measured_once() -> None:
    """The three searches share what they have measured."""
    asked: list[int] = []

    def measure(value: int) -> tuple[float, float]:
        asked.append(value)
        return value, 0.0

    calibrate(measure, 500, 100, 1000)
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(("goal", "complaint"), [(50, "100.00 at 100 already"), (5000, "only 1000.00 at 1000")])
def test_out_of_range(goal: int, complaint: str) -> None:
    """A figure that the range does not reach is said to be so."""
    with pytest.raises(NotReached, match=complaint):
        calibrate(lambda value: (value, 1.0), goal, 100, 1000)
