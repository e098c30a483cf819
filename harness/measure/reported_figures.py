"""What was reported of the bug and its cure, as rows that a measurement of the stages can be held against (under the usual load)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.measure.figures import FIGURES, IDLE_OVERHEAD, IDLE_STEAL, IRQ_P99
from harness.measure.performance import Measured, Performance
from harness.suite.figure import Figure, NotMeasured

# By number of the stage; 0 is the baseline.
Stages = Mapping[int, Performance]

LEAST_IMPROVEMENT = 5

# The figures that decide whether a stage has the performance bug.
THRESHOLDS = tuple(figure for figure in FIGURES if figure.threshold is not None)


def has_bug(found: Measured) -> bool | None:
    """Whether a figure that has a threshold has reached it; None if one of them was not measured."""
    if isinstance(found, NotMeasured):
        return None
    values = {row: found.value(row) for row in THRESHOLDS}
    known = {row: value for row, value in values.items() if value is not None}
    return any(row.too_large(value) for row, value in known.items()) if len(known) == len(values) else None


def _largest(stages: Stages, figure: Figure) -> float:
    """The largest value from stage 1 on."""
    return max(stages[index].value(figure) or 0 for index in stages if index)


def _baseline(stages: Stages, figure: Figure) -> float:
    return stages[0].value(figure) or 0


def _improvement(stages: Stages) -> float:
    return _baseline(stages, IRQ_P99) / (_largest(stages, IRQ_P99) or 1)


@dataclass(frozen=True)
class Claim:
    """`value` is what is predicted, `holds` whether it agrees with what was `reported`."""

    what: str
    reported: str
    form: str
    value: Callable[[Stages], float]
    holds: Callable[[float], bool]


def _vanishes(figure: Figure) -> Claim:
    """From stage 1 on the figure stays below its threshold."""
    name = f"{figure.headline}, from stage 1 on"
    return Claim(name, "vanishes", "{:.2f} %", lambda stages: _largest(stages, figure), lambda value: not figure.too_large(value))


OVERHEAD_THERE = Claim("overhead, baseline", "about a tenth", "{:.1f} %", lambda s: _baseline(s, IDLE_OVERHEAD), IDLE_OVERHEAD.too_large)
STEAL_THERE = Claim("steal, baseline", "about 40 %", "{:.1f} %", lambda s: _baseline(s, IDLE_STEAL), lambda v: 25 <= v <= 55)
LATENCY_BETTER = Claim("interrupt p99, baseline / stage 1", "improves", "{:.1f} ×", _improvement, lambda v: v >= LEAST_IMPROVEMENT)

CLAIMS = (OVERHEAD_THERE, STEAL_THERE, _vanishes(IDLE_OVERHEAD), _vanishes(IDLE_STEAL), LATENCY_BETTER)
