"""Carries out everything that a command wants to know about stages, in one batch, so that no worker waits for another room's jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.cli.progress import Counter
from harness.jobs.driving import drive
from harness.measure.measure_stages import Measurements, gather_measurements, measure_steps
from harness.sources.target import Target
from harness.verify.checking import Budget
from harness.verify.run_stages import Verification, gather_verdicts, verify_steps
from harness.verify.verdicts import StageResult


@dataclass(frozen=True)
class Plan:
    """What to find out about each stage: clauses with their kinds, and whether to probe and to measure."""

    clauses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    budget: Budget = field(default_factory=Budget)
    seed: int = 0
    behaviour: bool = False
    performance: bool = False


@dataclass
class Run:
    """The results of all stages; `problems` says, by position, why a stage could not be tested at all; `faults` are the harness's own."""

    targets: list[Target]
    plan: Plan
    stages: list[StageResult]
    problems: dict[int, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    interrupted: bool = False


def carry_out(targets: Sequence[Target], plan: Plan, jobs: int) -> Run:
    """Carry out `plan` on every target, with progress on a terminal."""
    verification = Verification(plan.clauses, plan.budget)
    measurements = Measurements(plan.behaviour, plan.performance, plan.seed)
    steps = [*verify_steps(targets, verification), *measure_steps(targets, measurements)]
    progress = Counter("harness")
    try:
        driven = drive(targets, steps, jobs, progress)
    finally:
        progress.clear()
    verdicts = gather_verdicts(targets, verification, driven)
    measured = gather_measurements(targets, driven)
    stages = [
        StageResult(target.index, target.title, target.module, clauses, found.behaviour, found.performance)
        for target, clauses, found in zip(targets, verdicts, measured, strict=True)
    ]
    return Run(list(targets), plan, stages, driven.problems, driven.faults, driven.interrupted)
