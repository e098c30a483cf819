"""What is swept: values as words and ranges that are counted before they are written out."""

from __future__ import annotations

import pytest

from harness.cli.exit_codes import UsageError
from harness.cli.load_options import LoadOptions, axes_of, points_of, settings_of, swept
from harness.measure.workload import usual_workload


def test_values_and_ranges() -> None:
    """Both can stand in one axis, in the order in which they are given."""
    (axis,) = axes_of(["vfs=7,1..3,5"])
    assert list(axis.values()) == ["7", "1", "2", "3", "5"]
    assert len(axis) == 5


def test_points_are_counted_without_being_made() -> None:
    """A billion times two."""
    assert points_of(axes_of(["device_hz=1..1000000000", "lock=ttas,mcs"])) == 2_000_000_000


@pytest.mark.parametrize("text", ["vfs=1..99999999999999999999", f"vfs={'9' * 5000}", f"lock={'x' * 400}"])
def test_values_without_end(text: str) -> None:
    """They are words that no parameter takes; one line says so, and quotes no more than their beginning."""
    with pytest.raises(UsageError) as caught:
        swept(usual_workload(), axes_of([text]))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("cost", [f"inject={'9' * 400}", f"inject={'9' * 5000}", f"inject={'x' * 400}"])
def test_a_cost_has_a_bound(cost: str) -> None:
    """A number that is too large is told apart from what is no number."""
    what = "whole number" if "x" in cost else "at most 1000000000"
    with pytest.raises(UsageError, match=what) as caught:
        settings_of(LoadOptions("tasklets", "idle-guests", costs=(cost,)))
    assert len(str(caught.value)) < 300


def test_every_combination() -> None:
    """Parameters and settings, each with its texts."""
    found = swept(usual_workload(), axes_of(["sockets=2,4", "lock=ttas,mcs"]))
    assert [values for values, _ in found] == [("2", "ttas"), ("2", "mcs"), ("4", "ttas"), ("4", "mcs")]
    assert [at.settings.lock for _, at in found] == ["ttas", "mcs"] * 2


def test_an_empty_range_is_refused() -> None:
    """There is nothing in it."""
    with pytest.raises(UsageError, match="--sweep vfs needs values"):
        axes_of(["vfs=3..1"])
