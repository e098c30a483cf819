"""What was reported of the bug and its cure, as rows that a measurement of the stages can be held against (scenario `idle-guests`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.measure.summary import Performance

# By number of the stage; 0 is the baseline.
Stages = Mapping[int, Performance]

LEAST_IMPROVEMENT = 5


def _largest(stages: Stages, name: str) -> float:
    """The largest value from stage 1 on."""
    return max(stages[index].figures[name] or 0 for index in stages if index)


def _baseline(stages: Stages, name: str) -> float:
    return stages[0].figures[name] or 0


def _improvement(stages: Stages) -> float:
    return _baseline(stages, "irq_p99_us") / (_largest(stages, "irq_p99_us") or 1)


@dataclass(frozen=True)
class Claim:
    """`value` is what is predicted, `holds` whether it agrees with what was `reported`."""

    what: str
    reported: str
    form: str
    value: Callable[[Stages], float]
    holds: Callable[[float], bool]


CLAIMS = (
    Claim("overhead, baseline", "about a tenth", "{:.1f} %", lambda s: _baseline(s, "idle_overhead_pct"), lambda v: v >= 0.5),
    Claim("steal, baseline", "about 40 %", "{:.1f} %", lambda s: _baseline(s, "idle_steal_pct"), lambda v: 25 <= v <= 55),
    Claim("overhead, from stage 1 on", "vanishes", "{:.2f} %", lambda s: _largest(s, "idle_overhead_pct"), lambda v: v < 0.5),
    Claim("steal, from stage 1 on", "vanishes", "{:.2f} %", lambda s: _largest(s, "idle_steal_pct"), lambda v: v < 2),
    Claim("interrupt p99, baseline / stage 1", "improves", "{:.1f} ×", _improvement, lambda v: v >= LEAST_IMPROVEMENT),
)

# The verdict "fixed by patch 1", and the others.
CURED = (CLAIMS[0], CLAIMS[2], CLAIMS[3])
