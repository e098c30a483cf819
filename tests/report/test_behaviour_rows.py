"""What two stages do differently."""

from __future__ import annotations

from harness.report.behaviour_rows import behaviour_rows
from harness.suite.probe import Probe


def nothing(*_: object) -> int:
    """What is never measured here."""
    raise AssertionError


def test_only_numbers_have_a_unit() -> None:
    """A diagnosis stays as it is, and what is the same is left out."""
    probes = [Probe("off", "", ("a", "b"), nothing, "cycles"), Probe("calls", "", (), nothing)]
    before = {"off (a)": 3, "off (b)": 4, "calls": ["x", "y"], "same": 1}
    after = {"off (a)": 5, "off (b)": "deadlock: it waits", "calls": ["y", "z"], "same": 1}
    assert behaviour_rows(probes, before, after) == [
        ("off (a)", "3 cycles", "5 cycles"),
        ("off (b)", "4 cycles", "deadlock: it waits"),
        ("calls", "x", "z"),
    ]
