"""What worker processes do with a job of this room: measure a stage, observe one run of it, probe its behaviour. They return plain data."""

from __future__ import annotations

from typing import Any, cast

from harness.jobs.job import Job
from harness.jobs.stage_loading import NotAStage, load
from harness.jobs.with_stage import with_stage
from harness.measure.behaviour import probe
from harness.measure.measured_run import MeasurementError, Observation
from harness.measure.summary import observe, usual_seeds
from harness.measure.workload import Workload, usual_workload
from harness.suite.parameters import ParameterError
from harness.suite.registry import suite_named


def measure_stage(job: Job) -> list[Observation]:
    """The usual load, with each of the usual seeds."""
    workload = usual_workload(job.target.suite)
    try:
        return with_stage(job.target, lambda module: [observe(module, workload, seed) for seed in usual_seeds(job.seed)])
    except MeasurementError as error:
        raise NotAStage(f"cannot be measured: {error}") from None


def observe_stage(job: Job) -> Observation | str:
    """One run of the load that is the job's budget; what is wrong with the load, if it cannot be set up."""
    try:
        return observe(load(job.target), cast(Workload, job.budget), job.seed)
    except ParameterError as error:
        return str(error)
    except MeasurementError as error:
        raise NotAStage(f"cannot be measured: {error}") from None


def probe_stage(job: Job) -> dict[str, Any]:
    """Measure the behaviour."""
    return with_stage(job.target, lambda module: probe(suite_named(job.target.suite).probes, module))
