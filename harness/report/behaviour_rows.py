"""What two stages do differently, as rows: the probe, and its values with their units. Nothing is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.measure.behaviour import differences
from harness.suite.probe import Probe


def behaviour_rows(probes: Sequence[Probe], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """A row for each probe that differs: its name, what it was before and what it is after."""
    units = {name: probe.unit for probe in probes for name in probe.names if probe.unit}
    return [(name, _with_unit(was, units.get(name)), _with_unit(now, units.get(name))) for name, was, now in differences(before, after)]


def _with_unit(value: str, unit: str | None) -> str:
    """A number with its unit; a diagnosis, or that there is no value, stays as it is."""
    return f"{value} {unit}" if unit and value.isdecimal() else value
