"""Measures stages under loads in worker processes, one run of one seed per task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from harness.jobs.driving import run_tasks
from harness.jobs.executor import OK, RAISED, Outcome, Task
from harness.jobs.job import Job
from harness.jobs.remembering import KnownOutcomes
from harness.jobs.standing import Further, Progress, Standing
from harness.measure.lock_ladder import Rung, lock_ladder
from harness.measure.measure_in_worker import observe_stage
from harness.measure.measure_stages import PERFORMANCE
from harness.measure.measured_run import Observation
from harness.measure.performance import Measured
from harness.measure.precision import Precision
from harness.measure.settings import Settings
from harness.measure.summary import summarise
from harness.measure.workload import Workload
from harness.sources.target import NO_SERIES, Target
from harness.suite.figure import NotMeasured
from harness.suite.parameters import ParameterError

# Many times what a run needs on a slow machine, so that only a stage that does not come back gets there.
RUN_SECONDS = 60.0
SECONDS_PER_MS = 1.0


@dataclass(frozen=True)
class StageUnderLoad:
    """What is measured at once: a stage under a load. `varied` are texts: in what the load differs from the others that are measured."""

    target: Target
    workload: Workload
    varied: tuple[str, ...] = ()


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


def measure_cells(
    cells: Sequence[StageUnderLoad],
    seeds: Sequence[int],
    jobs: int,
    progress: Progress,
    enough: Precision | None = None,
    cache: KnownOutcomes | None = None,
) -> list[Measured]:
    """Measure every cell with every seed, and with more as long as `enough` asks for them.

    Raises `ParameterError` for a load that makes no sense.
    """
    groups = _of_equal_loads(cells)
    results = [_CellSoFar(cell, [], []) for cell in cells]
    wanted = dict.fromkeys(range(len(cells)), seeds)
    done = 0
    while wanted:
        told = progress if enough is None else partial(_told_further, progress, done)
        _run_batch(results, wanted, jobs, told, cache)
        done += sum(map(len, wanted.values()))
        wanted = {} if enough is None else _following(groups, results, enough)
    return [result.together() for result in results]


def _told_further(progress: Progress, before: int, now: Standing) -> None:
    progress(Further(before, now))


@dataclass
class _CellSoFar:
    """What is known of a cell so far; `problem` is why there will be no more."""

    cell: StageUnderLoad
    seeds: list[int]
    runs: list[Observation]
    problem: str = ""

    def add(self, seeds: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        """Take in a batch."""
        for seed, outcome in zip(seeds, outcomes, strict=True):
            if outcome.status == RAISED:
                raise HarnessError(outcome.problem)
            if outcome.status != OK:
                self.problem = outcome.problem
                return
            if isinstance(outcome.value, str):
                raise ParameterError(outcome.value)
            self.seeds.append(seed)
            self.runs.append(outcome.value)

    def together(self) -> Measured:
        """All runs together."""
        return NotMeasured(self.problem) if self.problem else summarise(self.cell.workload, self.seeds, self.runs)


def _of_equal_loads(cells: Sequence[StageUnderLoad]) -> list[list[int]]:
    """The numbers of the cells with the same load, the first stage first, files after the stages of a series."""
    groups: dict[Workload, list[int]] = {}
    for number, cell in enumerate(cells):
        groups.setdefault(cell.workload, []).append(number)
    return [sorted(group, key=lambda number: place_of(cells[number].target)) for group in groups.values()]


def place_of(target: Target) -> tuple[bool, int]:
    """Orders stages: those of a series by number, then files."""
    return target.series == NO_SERIES, target.index


def _run_batch(
    results: Sequence[_CellSoFar], wanted: Mapping[int, Sequence[int]], jobs: int, progress: Progress, cache: KnownOutcomes | None
) -> None:
    groups = {target: number for number, target in enumerate(dict.fromkeys(result.cell.target for result in results))}
    tasks = []
    for number, seeds in wanted.items():
        cell = results[number].cell
        limit = RUN_SECONDS + SECONDS_PER_MS * cell.workload.parameters.length_us / 1000
        observations = [Job(cell.target, PERFORMANCE, budget=cell.workload, seed=seed) for seed in seeds]
        # What another file says is in no job.
        keeps = None if cell.workload.parameters.free_words else Observation
        tasks += [Task(groups[cell.target], observe_stage, (job,), limit, keeps=keeps) for job in observations]
    batch = run_tasks(tasks, jobs, progress, cache=cache)
    if batch.interrupted:
        raise KeyboardInterrupt
    outcomes = iter(batch.outcomes)
    for number, seeds in wanted.items():
        results[number].add(seeds, [next(outcomes) for _ in seeds])


def _following(groups: Sequence[Sequence[int]], results: Sequence[_CellSoFar], enough: Precision) -> dict[int, Sequence[int]]:
    """The seeds of the next batch, by number of the cell: the first stage that can be measured decides for its load."""
    wanted: dict[int, Sequence[int]] = {}
    for group in groups:
        measurable = [number for number in group if not results[number].problem]
        if measurable:
            first = results[measurable[0]]
            seeds = enough.following(first.seeds, summarise(first.cell.workload, first.seeds, first.runs))
            wanted |= {number: seeds for number in measurable if seeds}
    return dict(sorted(wanted.items()))
