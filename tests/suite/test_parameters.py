"""Parameters as text: what is understood, and what is refused with the parameter's name."""

from __future__ import annotations

import pytest

from harness.measure.lock_ladder import LockLadder
from harness.suite.parameters import ParameterError, describe, to_text, with_texts
from harness.tasklets.loads.idle_guests import IdleGuests
from harness.tasklets.loads.scenarios import LOADS


@pytest.mark.parametrize("kind", [*[row.parameters for row in LOADS.values()], LockLadder])
def test_every_parameter_is_explained_and_can_be_written(kind: type[IdleGuests]) -> None:
    """Each has a reason, and its default, written as text, is the default again."""
    rows = list(describe(kind))
    assert all(len(reason) > 10 for _, _, _, reason in rows)
    assert with_texts(kind(), [(name, default) for name, default, _, _ in rows]) == kind()


def test_values() -> None:
    """Numbers, lists and words."""
    changed = with_texts(IdleGuests(), [("device_hz", "5"), ("busy_vfs", "4,4"), ("device_arrivals", "bursty"), ("idle_vfs", "")])
    assert (changed.device_hz, changed.busy_vfs, changed.device_arrivals, changed.idle_vfs) == (5, (4, 4), "bursty", ())
    assert to_text((1, 2)) == "1,2"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("device_khz", "5", "no such parameter: device_khz; choose from warmup_us"),
        ("device_hz", "0", "device_hz is a whole number of at least 1, not '0'"),
        ("device_hz", "", "device_hz is a whole number of at least 1, not ''"),
        ("device_hz", "1,2", "device_hz is a whole number of at least 1, not '1,2'"),
        ("busy_vfs", "1,x", "busy_vfs is a whole number of at least 0, not 'x'"),
        ("busy_vfs", "9" * 400, "busy_vfs is at most 1024, not '99999"),
        ("busy_vfs", "9" * 5000, "busy_vfs is at most 1024, not '99999"),
        ("busy_vfs", "1," * 2000, "busy_vfs has 2001 values, and may have 1024"),
        ("device_arrivals", "daily", "device_arrivals is one of periodic, poisson, bursty, trace, not 'daily'"),
    ],
)
def test_nonsense(name: str, text: str, complaint: str) -> None:
    """The complaint names the parameter and the value."""
    with pytest.raises(ParameterError, match=complaint.replace("(", r"\(")):
        with_texts(IdleGuests(), [(name, text)])
