"""How many runs are enough: batches of them, until the headline figures are known well enough or a limit is reached.

The headline figures of a load are those of its first stage, usually the baseline: overhead, steal and the 99th percentile of the latency.
All stages of a load get the same seeds. Whether there is another batch depends on the figures alone, not on time or processes.

To stop when an interval happens to be narrow makes intervals a little narrower than they should be. That is why there is a minimum of
runs, and why batches are looked at, not runs; what is left of it is measured in `tests/measure/test_precision.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from harness.measure.performance import Performance
from harness.suite.figure import Figure

# The runs to begin with, and those of each further batch.
FIRST = 16
BATCH = 8

# Where nothing else is asked for: half the width of the interval in per cent of the figure, and the most runs.
USUAL_PCT = 10
USUAL_MOST = 64

# The tables give tenths (of a per cent, of a µs): what is known better than that is known well enough.
SHOWN = 0.05


def headlines(found: Performance) -> list[Figure]:
    """The headline figures that there are, without those that only take the place of another."""
    return [row for row in found.rows if row.headline and found.value(row) is not None and found.figures.get(row.unless) is None]


@dataclass(frozen=True)
class Precision:
    """To measure until half the width of the 95 % interval of each headline figure is `percent` of the figure, with `most` runs at most."""

    percent: int
    most: int = USUAL_MOST

    def wide(self, found: Performance) -> Mapping[Figure, float]:
        """The headline figures that are not known so well, and how well they are known, in per cent."""
        widths = {row: self._width(found, row) for row in headlines(found)}
        return {row: width for row, width in widths.items() if width > self.percent}

    def _width(self, found: Performance, row: Figure) -> float:
        half, value = found.spread[row.name], found.value(row)
        if half is None or value is None:
            return inf
        return 0.0 if half <= SHOWN else 100 * half / value if value else inf

    def following(self, seeds: Sequence[int], found: Performance) -> range:
        """The seeds of the next batch, none if these are enough."""
        start = seeds[-1] + 1
        return range(start, start + min(BATCH, self.most - len(seeds))) if self.wide(found) else range(start, start)
