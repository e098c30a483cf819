"""From the measurements that are asked for to figures and behaviours: which jobs that takes on each stage, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.jobs.driving import Driven, JobStep
from harness.jobs.executor import OK, Outcome
from harness.jobs.job import Job
from harness.measure.measure_in_worker import measure_stage, probe_stage
from harness.measure.measured_run import Observation
from harness.measure.performance import Measured
from harness.measure.summary import summarise, usual_seeds
from harness.measure.workload import usual_workload
from harness.sources.target import Target
from harness.suite.figure import NotMeasured
from harness.suite.probe import Value

# Many times what a job needs on a slow machine: only a stage that does not come back gets there.
PROBE_SECONDS = 15.0
MEASURE_SECONDS = 300.0

# After what takes longest, before everything else.
MEASURE_URGENCY = 7
PROBE_URGENCY = 8

BEHAVIOUR = "behaviour"
PERFORMANCE = "performance"


@dataclass(frozen=True)
class Measurements:
    """What to measure on each stage, from which seed on."""

    behaviour: bool = False
    performance: bool = False
    seed: int = 0


@dataclass
class MeasuredStage:
    """What was measured on one stage.

    `behaviour` is empty, and `performance` None, if it was not asked for.
    """

    behaviour: Mapping[str, Any] | NotMeasured = field(default_factory=dict)
    performance: Measured | None = None


def measure_steps(targets: Sequence[Target], plan: Measurements) -> list[JobStep]:
    """At most one step for the behaviour and one for the performance of each stage."""
    steps = []
    for position, target in enumerate(targets):
        if plan.performance:
            job = Job(target, PERFORMANCE, seed=plan.seed)
            steps.append(JobStep(position, job, measure_stage, MEASURE_SECONDS, MEASURE_URGENCY, keeps=list[Observation]))
        if plan.behaviour:
            job = Job(target, BEHAVIOUR)
            steps.append(JobStep(position, job, probe_stage, PROBE_SECONDS, PROBE_URGENCY, keeps=dict[str, Value]))
    return steps


def _together(job: Job, outcome: Outcome) -> Measured:
    if outcome.status != OK:
        return NotMeasured(outcome.sentence)
    return summarise(usual_workload(job.target.suite), usual_seeds(job.seed), outcome.value)


def gather_measurements(targets: Sequence[Target], driven: Driven) -> list[MeasuredStage]:
    """What was measured on each stage; steps of others are left alone."""
    found = [MeasuredStage() for _ in targets]
    for step, outcome in driven.outcomes.items():
        if step.work is measure_stage:
            found[step.position].performance = _together(step.job, outcome)
        elif step.work is probe_stage:
            found[step.position].behaviour = outcome.value if outcome.status == OK else NotMeasured(outcome.sentence)
    return found
