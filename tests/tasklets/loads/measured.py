"""A stage under a load, measured as a job does it, but in this process."""

from __future__ import annotations

from types import ModuleType

from harness.measure.performance import Performance
from harness.measure.summary import observe, summarise, usual_seeds
from harness.measure.workload import Workload, usual_workload


def measure(module: ModuleType, seed: int = 0, seeds: int | None = None, workload: Workload | None = None) -> Performance:
    """The figures with the first `seeds` of the usual seeds, or with all, under a load, or under the usual one."""
    under = workload or usual_workload()
    chosen = usual_seeds(seed)[:seeds]
    return summarise(under, chosen, [observe(module, under, each) for each in chosen])
