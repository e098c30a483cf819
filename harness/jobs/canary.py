"""A task that is known to be good: if its process ends as well, it was not for the task that the other one did.

It loads a stage as every task does, and executes the first program of the suite on it, once.
"""

from __future__ import annotations

from harness.explored.explored_engine import ExploredEngine
from harness.jobs.executor import Task
from harness.jobs.stage_loading import load
from harness.jobs.watchdog import execute_watched
from harness.sources.shipped import targets_of_series
from harness.suite.registry import suite_named
from stages.fixed import FIXED

SECONDS = 60.0
# Of no stage that is tested.
GROUP = -1


def sing() -> None:
    """Execute the smallest program on the baseline."""
    baseline, *_ = targets_of_series(FIXED)
    clause = next(iter(suite_named(baseline.suite).clauses.values()))
    program = clause.programs[0]
    engine = ExploredEngine()
    execute_watched(program, load(baseline), program.kinds[0], engine)
    if engine.failure is not None:
        raise RuntimeError(str(engine.failure))


CANARY = Task(GROUP, sing, (), SECONDS)
