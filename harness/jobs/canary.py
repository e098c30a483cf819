"""A task that is known to be good: if its process ends as well, it was not for the task that the other one did.

It loads a stage as every task does, and executes the first program of the suite on it, for as long as the other task has lasted.
"""

from __future__ import annotations

import time

from harness.explored.explored_engine import ExploredEngine
from harness.jobs.executor import Task
from harness.jobs.stage_loading import load
from harness.jobs.watchdog import execute_watched
from harness.sources.shipped import targets_of_series
from harness.suite.registry import suite_named
from stages.fixed import FIXED

# No longer, however long the other task has lasted; and when it is given up.
LONGEST = 2.0
LIMIT = 60.0
# Of no stage that is tested.
GROUP = -1


def canary(seconds: float) -> Task:
    """The task, for about so long."""
    return Task(GROUP, sing, (min(seconds, LONGEST),), LIMIT)


def sing(seconds: float) -> None:
    """Execute the smallest program on the baseline again and again, once at least."""
    until = time.monotonic() + seconds
    baseline, *_ = targets_of_series(FIXED)
    clause = next(iter(suite_named(baseline.suite).clauses.values()))
    program, stage = clause.programs[0], load(baseline)
    while True:
        engine = ExploredEngine()
        execute_watched(program, stage, program.kinds[0], engine)
        if engine.failure is not None:
            raise RuntimeError(str(engine.failure))
        if time.monotonic() >= until:
            return
