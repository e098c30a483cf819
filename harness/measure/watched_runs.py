"""Watches one run of stages under a load: what ran on which CPU, who waited, and what became of the vCPUs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from harness.jobs.driving import run_tasks
from harness.jobs.executor import OK, Task
from harness.jobs.job import Job
from harness.jobs.stage_loading import load
from harness.machine.spectator import CYCLES, Recording
from harness.machine.watching import Watch
from harness.measure.measure_cells import RUN_SECONDS, SECONDS_PER_MS, HarnessError, StageUnderLoad
from harness.measure.measure_stages import PERFORMANCE
from harness.measure.summary import observe
from harness.measure.workload import Workload

# So many slices of one stage, from the beginning on: 64 CPUs have as many in some milliseconds.
MOST = 100_000
# Who watches takes longer.
SLOWER = 4


def watch_runs(cells: Sequence[StageUnderLoad], seed: int, jobs: int) -> list[Recording] | None:
    """A run with `seed` of each cell, all of which have been measured with it; None after an interrupt. Raises `HarnessError`."""
    tasks = []
    for number, cell in enumerate(cells):
        limit = RUN_SECONDS + SLOWER * SECONDS_PER_MS * cell.workload.parameters.length_us / 1000
        tasks.append(Task(number, watch_stage, (Job(cell.target, PERFORMANCE, budget=cell.workload, seed=seed),), limit))
    batch = run_tasks(tasks, jobs)
    if batch.interrupted:
        return None
    for outcome in batch.outcomes:
        if outcome.status != OK:
            raise HarnessError(outcome.problem)
    return [outcome.value for outcome in batch.outcomes]


def watch_stage(job: Job) -> Recording:
    """One run of the load that is the job's budget, in a worker process."""
    workload = cast(Workload, job.budget)
    watch = Watch(lambda process: process.clock, MOST)
    observe(load(job.target), workload, job.seed, watch)
    about = {"stage": job.target.label, "load": workload.load, "seed": str(job.seed)}
    return replace(watch.recording(CYCLES), mhz=workload.settings.table().mhz, about=about)
