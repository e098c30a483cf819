"""What is measured on stages comes to the stage that it belongs to."""

from __future__ import annotations

from pathlib import Path

from harness.jobs.driving import drive
from harness.measure.measure_stages import Measurements, gather_measurements, measure_steps
from harness.sources.shipped import targets_of_series
from harness.sources.single_file import target_of_file
from harness.suite.figure import NotMeasured
from stages import FIXED


def test_behaviour(tmp_path: Path) -> None:
    """Behaviour of a stage that can be probed, the reason for one that cannot; nothing that was not asked for."""
    path = tmp_path / "stage.py"
    path.write_text("1 / 0", encoding="utf-8")
    targets = [target_of_file(str(path)), targets_of_series(FIXED)[5]]
    broken, good = gather_measurements(targets, drive(targets, measure_steps(targets, Measurements(behaviour=True)), 2))
    assert isinstance(broken.behaviour, NotMeasured)
    assert "ZeroDivisionError" in broken.behaviour.problem
    assert good.behaviour
    assert not isinstance(good.behaviour, NotMeasured)
    assert broken.performance is good.performance is None


def test_performance_is_measured_first() -> None:
    """It takes longer than the behaviour."""
    targets = targets_of_series(FIXED)[:2]
    steps = measure_steps(targets, Measurements(behaviour=True, performance=True, seed=3))
    assert [(step.position, step.job.part) for step in sorted(steps, key=lambda step: step.urgency)] == [
        (0, "performance"),
        (1, "performance"),
        (0, "behaviour"),
        (1, "behaviour"),
    ]
    assert {step.job.seed for step in steps if step.job.part == "performance"} == {3}
