"""The figures of one stage under one load, put together from runs with several seeds: values, their spread, what they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.suite.figure import Figure, NotMeasured


@dataclass(frozen=True)
class Performance:
    """One stage under one load. `spread` has, for each figure, half the width of the 95 % confidence interval of its mean over seeds.

    (For the maxima, which have no such interval: of the mean of the seeds' maxima.) Shares are in per cent, times in µs; None: nothing
    of the kind happened.
    """

    # What was measured: values and spreads have the names of these rows.
    rows: tuple[Figure, ...]
    figures: Mapping[str, float | None]
    spread: Mapping[str, float | None]
    # Lock profile, the sum over all seeds, in cycles (as in Xen: count and time held, count and time blocked).
    locks: tuple[Mapping[str, Any], ...]
    # Of the observed vCPUs, the sum over all seeds, in cycles.
    runstates: tuple[Mapping[str, Any], ...]
    # From the call that asks for a run to the run, the means over the seeds at the shares of `harness.measure.measured_run.QUANTILES`.
    latencies: tuple[float, ...]
    seeds: tuple[int, ...]
    configuration: Mapping[str, Any]
    # What it is that ran, in the singular.
    work: str = "function"
    # Of `latencies`, share by share: half the width of the 95 % confidence interval; empty if only one seed has any.
    latency_spread: tuple[float, ...] = ()

    def value(self, figure: Figure) -> float | None:
        """A figure; None if it could not be measured, or is not measured under this load."""
        return self.figures.get(figure.name)

    def spread_of(self, figure: Figure) -> float:
        """How much it varies by itself."""
        return self.spread.get(figure.name) or 0.0

    def differs(self, figure: Figure, other: Performance) -> bool:
        """Tell whether a figure that both have differs from that of `other` by more than the two spreads together."""
        mine, theirs = self.value(figure), other.value(figure)
        return mine is not None and theirs is not None and abs(mine - theirs) > self.spread_of(figure) + other.spread_of(figure)

    def to_json(self) -> dict[str, Any]:
        """The object `performance` of a stage in the results file; other keys than the figures' are additions to it."""
        return {
            **self._nested(self.figures),
            "spread": self._nested(self.spread),
            "locks": [dict(lock) for lock in self.locks],
            "configuration": dict(self.configuration),
        }

    def _nested(self, values: Mapping[str, float | None]) -> dict[str, Any]:
        """Each value where its row says."""
        document: dict[str, Any] = {}
        for row in self.rows:
            *objects, key = row.path
            place = document
            for name in objects:
                place = place.setdefault(name, {})
            place[key] = values[row.name]
        return document


Measured = Performance | NotMeasured
