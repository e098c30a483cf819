"""Tasks that are to be good: what goes wrong in them as well is not for the stage that something has gone wrong with.

Where a process has ended, that is the first program of the suite, executed on the baseline for as long as the other task has lasted. Where
the harness has failed, it is the same job on the baseline.
"""

from __future__ import annotations

import time
from dataclasses import replace

from harness.explored.explored_engine import ExploredEngine
from harness.jobs.executor import Task
from harness.jobs.job import Job
from harness.jobs.stage_loading import load
from harness.jobs.watchdog import execute_watched, on_duty
from harness.sources.shipped import targets_of_series
from harness.sources.target import Target
from harness.suite.registry import suite_named
from stages import FIXED, SERIES

# No longer, however long the other task has lasted; and when it is given up.
LONGEST = 2.0
LIMIT = 60.0
# Of no stage that is tested.
GROUP = -1


def canary(seconds: float) -> Task:
    """The task, for about so long."""
    return Task(GROUP, sing, (min(seconds, LONGEST),), LIMIT)


def control(task: Task) -> Task | None:
    """The same task on the baseline, whatever is known of it already; None if it is that already, or is about no stage."""
    jobs = [argument for argument in task.arguments if isinstance(argument, Job)]
    baseline = _baseline_like(jobs[0].target) if jobs else None
    if baseline is None or jobs[0].target.suite != baseline.suite or jobs[0].target.content_hash == baseline.content_hash:
        return None
    arguments = [replace(argument, target=baseline) if isinstance(argument, Job) else argument for argument in task.arguments]
    return replace(task, group=GROUP, arguments=tuple(arguments), keeps=None)


def _baseline_like(target: Target) -> Target | None:
    """The baseline in the same language, made in the same way."""
    baselines = (targets_of_series(series)[0] for series in SERIES.values())
    found = next((baseline for baseline in baselines if baseline.is_c == target.is_c), None)
    return found and replace(found, native=target.native)


def sing(seconds: float) -> None:
    """Execute the smallest program on the baseline again and again, once at least."""
    until = time.monotonic() + seconds
    baseline, *_ = targets_of_series(FIXED)
    clause = next(iter(suite_named(baseline.suite).clauses.values()))
    program, stage = clause.programs[0], load(baseline)
    # One watchdog for all executions: who looks from outside would take them for one that does not come back.
    with on_duty():
        while True:
            engine = ExploredEngine()
            execute_watched(program, stage, program.kinds[0], engine)
            if engine.failure is not None:
                raise RuntimeError(str(engine.failure))
            if time.monotonic() >= until:
                return
