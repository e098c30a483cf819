"""What a figure is: one row that says how it is called, computed, put together, written and judged.

The rows that every suite has are in `harness.measure.figures`; a suite adds rows of its own to its loads (`harness.suite.load`). Whoever
shows, stores or compares figures reads the rows and spells no name. The functions of a row are functions of a module, so that results
can be sent from process to process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol

from harness.timed.accounting import LockProfile, Runstates

# How the runs of several seeds become one figure.
MEAN, LARGEST = "mean", "largest"


class Clients(Protocol):
    """Who uses the stage under a load, and what they have counted since the last `reset`; times are in cycles.

    A CPU is executed ahead of the others as long as it touches nothing of theirs. So what two CPUs note need not be noted in the order of
    their times: whoever takes the difference of two such times has to put them in order first.
    """

    @property
    def runs(self) -> int:
        """How often the stage has run a client's function."""

    @property
    def irq_latencies(self) -> Sequence[int]:
        """From each device interrupt to its injection into a guest."""

    @property
    def run_latencies(self) -> Sequence[int]:
        """From each call that asks for a run to the run."""

    def reset(self) -> None:
        """Forget what has been counted."""


@dataclass(frozen=True)
class Tally:
    """What was counted in one run, of which figures are computed: the stage's locks, the observed vCPUs, the clients; times in cycles."""

    locks: tuple[LockProfile, ...]
    runstates: tuple[Runstates, ...]
    runs: int
    # In ascending order.
    irq_latencies: tuple[int, ...]
    run_latencies: tuple[int, ...]
    length_us: int
    mhz: int

    def us_at(self, ordered: Sequence[int], share: float) -> float | None:
        """The percentile at `share` (0 to 1) of times in ascending order, in µs; None of nothing."""
        return percentile(ordered, share) / self.mhz if ordered else None


def percentile(ordered: Sequence[int], share: float) -> int:
    """The smallest of `ordered` values that at least `share` (0 to 1) of them do not exceed (nearest rank); 0 of nothing."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0


@dataclass(frozen=True)
class NotMeasured:
    """What stands where figures would, if a stage could not be measured: why."""

    problem: str

    def to_json(self) -> dict[str, str]:
        """The same in files."""
        return {"error": self.problem}


@dataclass(frozen=True)
class Judged:
    """How a figure is called and written where stages are judged by it."""

    words: str
    shown: int


@dataclass(frozen=True)
class Figure:
    """One figure. `of` gives it for one run, None where there was nothing to measure."""

    # In the command line's files.
    name: str
    # The header of its column.
    title: str
    unit: str
    # After the point: in files, and in tables.
    digits: int
    shown: int
    of: Callable[[Tally], float | None]
    seeds: str = MEAN
    more_is_better: bool = False
    # Where it is in the JSON object `performance`; () for a key of its own.
    nested: tuple[str, ...] = ()
    # Whether `harness run` has a column for it.
    in_run: bool = False
    # A load has the fault that the series is to mend if the figure is as large as this; None: nothing depends on it.
    threshold: float | None = None
    # What it is called as one of the figures that say how many runs are enough; "" if it is none of them. The figure with the name
    # `unless` comes first: if that could be measured, this one is no headline.
    headline: str = ""
    unless: str = ""
    # None: stages are not judged by it.
    judged: Judged | None = None
    # The label of its axis; "" if it is not drawn.
    axis: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        """Where it is in the JSON object `performance`."""
        return self.nested or (self.name,)

    def too_large(self, value: float) -> bool:
        """Whether a value has reached the threshold."""
        return self.threshold is not None and value >= self.threshold

    def text(self, value: float, spread: float | None = None, shown: int | None = None) -> str:
        """A value as tables have it, with `±` and the spread if there is one; `shown` digits after the point instead of the usual ones."""
        digits = self.shown if shown is None else shown
        variation = "" if spread is None else f" ±{spread:.{digits}f}"
        return f"{value:.{digits}f}{variation}{f' {self.unit}' if self.unit else ''}"
