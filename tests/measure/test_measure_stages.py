"""What is measured on stages comes to the stage that it belongs to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.jobs.driving import drive
from harness.measure.measure_stages import Measurements, gather_measurements, measure_steps
from harness.sources.shipped import targets_of_series
from harness.sources.single_file import target_of_file
from harness.suite.figure import NotMeasured
from harness.suite.registry import suite_named
from stages import FIXED
from tests.suite.own_suites import STAGE, small


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


def test_a_probe_that_asks_for_what_a_stage_lacks(tmp_path: Path) -> None:
    """Nothing of that stage is measured, and the reason says so; the text of a diagnosis would look like a behaviour that all share."""
    probe = ", probes=(Probe('p', 'P.', (), lambda module, kind: module.stepp.count('x')),)"
    (tmp_path / "suite.py").write_text(small(extra="from harness.suite import Probe", more=probe), encoding="utf-8")
    (tmp_path / "stage.py").write_text(STAGE, encoding="utf-8")
    suite = suite_named(str(tmp_path / "suite.py")).found_as
    targets = [replace(target_of_file(str(tmp_path / "stage.py")), suite=suite)]
    (found,) = gather_measurements(targets, drive(targets, measure_steps(targets, Measurements(behaviour=True)), 1))
    assert isinstance(found.behaviour, NotMeasured)
    assert "has no 'stepp', which suite suite.py:17 asks for (" in found.behaviour.problem


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
