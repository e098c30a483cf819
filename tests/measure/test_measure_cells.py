"""Measuring cells in batches: who decides when it is enough, and with which seeds it goes on. Runs are made by hand, in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from harness.jobs.executor import DIED, OK, RAISED, Batch, Outcome, Task
from harness.jobs.job import Job
from harness.jobs.standing import Progress, Standing, nobody
from harness.measure import measure_cells as measuring
from harness.measure.measure_cells import HarnessError, StageUnderLoad, measure_cells
from harness.measure.measured_run import Observation
from harness.measure.performance import Performance
from harness.measure.precision import Precision
from harness.measure.workload import Workload, usual_workload
from harness.sources.target import NO_SERIES, Target
from harness.suite.figure import NotMeasured
from harness.tasklets.loads.idle_guests import IdleGuests
from tests.measure.made import target

FAST = usual_workload()
SLOW = Workload(FAST.load, IdleGuests(device_hz=1))


def observation(value: float) -> Observation:
    """A run, all figures of which have this value."""
    return Observation({row.name: value for row in FAST.figures}, (), (), ())


class Played:
    """Takes the place of the pool: `outcome` says what a run gives; keeps which runs there were, batch by batch."""

    def __init__(self, outcome: Callable[[Target, Workload, int], Outcome]) -> None:
        self.outcome = outcome
        self.batches: list[list[tuple[int, int, int]]] = []

    def __call__(self, tasks: Sequence[Task], jobs: int, progress: Progress, cache: object) -> Batch:
        """Run them here."""
        runs = [asked(*task.arguments) for task in tasks]
        self.batches.append([(stage.index, workload.parameters.device_hz, seed) for stage, workload, seed in runs])  # type: ignore[attr-defined]
        progress(Standing(len(tasks), len(tasks)))
        return Batch([self.outcome(*run) for run in runs])


def asked(job: Job) -> tuple[Target, Workload, int]:
    """What a job is about."""
    assert isinstance(job.budget, Workload)
    return job.target, job.budget, job.seed


def play(monkeypatch: pytest.MonkeyPatch, outcome: Callable[[Target, Workload, int], Outcome]) -> Played:
    """Install it."""
    played = Played(outcome)
    monkeypatch.setattr(measuring, "run_tasks", played)
    return played


def spread_out(stage: Target, load: Workload, seed: int) -> Outcome:
    """The slow load varies a lot, the fast one not at all; only the baseline counts."""
    varies = load == SLOW or stage.index
    return Outcome(OK, observation(100 + (50 if seed % 2 else -50) * bool(varies)))


def test_each_load_goes_on_until_its_baseline_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """All stages of a load get the same seeds; a load that is known well enough gets no more, however the other stages vary."""
    played = play(monkeypatch, spread_out)
    cells = [StageUnderLoad(target(index), load) for load in (FAST, SLOW) for index in (1, 0)]
    told: list[tuple[int, int]] = []
    found = measure_cells(cells, range(5, 9), 2, lambda standing: told.append((standing.done, standing.total)), Precision(10, 22))
    rates = FAST.parameters.device_hz, 1  # type: ignore[attr-defined]
    assert played.batches[0] == [(stage, rate, seed) for rate in rates for stage in (1, 0) for seed in range(5, 9)]
    assert played.batches[1] == [(stage, 1, seed) for stage in (1, 0) for seed in range(9, 17)]
    assert [len(batch) for batch in played.batches] == [16, 16, 16, 4]
    assert [len(each.seeds) for each in found if isinstance(each, Performance)] == [4, 4, 22, 22]
    assert told == [(16, 16), (32, 32), (48, 48), (52, 52)]


def test_without_a_rule_there_is_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seeds that were given, and no more."""
    played = play(monkeypatch, spread_out)
    measure_cells([StageUnderLoad(target(0), SLOW)], range(3), 1, nobody)
    assert len(played.batches) == 1


def test_a_stage_that_breaks_down_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its problem is its result, even if it comes late, and the next stage decides."""

    def outcome(stage: Target, load: Workload, seed: int) -> Outcome:
        return Outcome(DIED, problem="broke") if stage.index == 0 and seed > 4 else spread_out(stage, load, seed)

    played = play(monkeypatch, outcome)
    found = measure_cells([StageUnderLoad(target(index), SLOW) for index in (0, 1)], range(4), 1, nobody, Precision(10, 20))
    assert found[0] == NotMeasured("broke")
    assert isinstance(found[1], Performance)
    assert len(found[1].seeds) == 20
    assert {stage for stage, _, _ in played.batches[-1]} == {1}


def test_a_fault_of_the_harness_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in a worker is passed on."""
    play(monkeypatch, lambda stage, load, seed: Outcome(RAISED, problem="stopped the harness"))
    with pytest.raises(HarnessError, match="stopped"):
        measure_cells([StageUnderLoad(target(0), FAST)], range(2), 1, nobody)


def test_files_come_after_the_stages_of_a_series(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file has no number: the stages of the series decide, in which order ever they are named."""
    played = play(monkeypatch, lambda stage, load, seed: Outcome(OK, observation(100 + seed * (stage.index != 3))))
    cells = [StageUnderLoad(target(0, NO_SERIES), SLOW), StageUnderLoad(target(3), SLOW)]
    measure_cells(cells, range(4), 1, nobody, Precision(10, 20))
    assert len(played.batches) == 1
