"""Measures cells (a stage under a load) in worker processes, one run of one seed per task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.performance.lock_ladder import Rung, lock_ladder
from harness.performance.measurement import Load, Performance, observe, summarise
from harness.performance.parameters import ParameterError
from harness.performance.scene import MeasurementError, Observation
from harness.performance.settings import Settings
from harness.series.loading import NotAStage, Target, load
from harness.series.pool import OK, RAISED, Outcome, Progress, Task, run_tasks

# Many times what a run needs on a slow machine, so that only a stage that does not come back gets there.
RUN_SECONDS = 60.0
SECONDS_PER_MS = 1.0


@dataclass(frozen=True)
class Cell:
    """A stage under a load."""

    target: Target
    load: Load


@dataclass(frozen=True)
class LadderRun:
    """A run of `lock-ladder`."""

    cpus: int
    between: int
    critical: int
    length: int
    settings: Settings
    seed: int


class HarnessError(Exception):
    """The harness itself failed in a worker."""


def run_once(target: Target, load_: Load, seed: int) -> Observation | str:
    """One run; what is wrong with the load, if it cannot be set up."""
    try:
        return observe(load(target), load_, seed)
    except ParameterError as error:
        return str(error)
    except MeasurementError as error:
        raise NotAStage(f"cannot be measured: {error}") from None


def climb(run: LadderRun) -> Rung | str:
    """One rung; what is wrong with it, if it cannot be set up."""
    try:
        return lock_ladder(run.cpus, run.between, run.critical, run.settings.lock, run.settings.table().caches(), run.seed, run.length)
    except ValueError as error:
        return str(error)


def measure_ladder(runs: Sequence[LadderRun], jobs: int, progress: Progress) -> list[Rung]:
    """Measure all rungs; raises `ParameterError` for one that makes no sense."""
    batch = run_tasks([Task(number, climb, (run,), RUN_SECONDS + run.length / 100_000) for number, run in enumerate(runs)], jobs, progress)
    if batch.interrupted:
        raise KeyboardInterrupt
    rungs = []
    for outcome in batch.outcomes:
        if outcome.status != OK:
            raise HarnessError(outcome.problem)
        if isinstance(outcome.value, str):
            raise ParameterError(outcome.value)
        rungs.append(outcome.value)
    return rungs


def measure_cells(cells: Sequence[Cell], seeds: Sequence[int], jobs: int, progress: Progress) -> list[Performance | str]:
    """Measure every cell with every seed: a result, or why there is none; raises `ParameterError` for a load that makes no sense."""
    groups = {target: number for number, target in enumerate(dict.fromkeys(cell.target for cell in cells))}
    tasks = [
        Task(
            groups[cell.target],
            run_once,
            (cell.target, cell.load, seed),
            RUN_SECONDS + SECONDS_PER_MS * cell.load.parameters.length_us / 1000,
        )
        for cell in cells
        for seed in seeds
    ]
    batch = run_tasks(tasks, jobs, progress)
    if batch.interrupted:
        raise KeyboardInterrupt
    outcomes = [batch.outcomes[start : start + len(seeds)] for start in range(0, len(tasks), len(seeds))]
    return [_together(cell, seeds, of_cell) for cell, of_cell in zip(cells, outcomes, strict=True)]


def _together(cell: Cell, seeds: Sequence[int], outcomes: Sequence[Outcome]) -> Performance | str:
    for outcome in outcomes:
        if outcome.status == RAISED:
            raise HarnessError(outcome.problem)
        if outcome.status != OK:
            return outcome.problem
        if isinstance(outcome.value, str):
            raise ParameterError(outcome.value)
    return summarise(cell.load, seeds, [outcome.value for outcome in outcomes])
