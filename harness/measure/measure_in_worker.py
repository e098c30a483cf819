"""What worker processes do with a job of this room: measure a stage, observe one run of it, probe its behaviour. They return plain data."""

from __future__ import annotations

from typing import Any, cast

from harness.jobs.job import Job
from harness.jobs.stage_loading import NotAStage, load
from harness.jobs.with_stage import with_stage
from harness.measure.behaviour import probe
from harness.measure.measured_run import MeasurementError, Observation
from harness.measure.summary import Load, measure, observe
from harness.suite.parameters import ParameterError
from harness.suite.registry import suite_named
from stages.api import StageModule


def measure_stage(job: Job) -> dict[str, Any]:
    """Measure the usual load."""
    try:
        return with_stage(job.target, lambda module: measure(cast(StageModule, module), seed=job.seed).to_json())
    except MeasurementError as error:
        raise NotAStage(f"cannot be measured: {error}") from None


def observe_stage(job: Job) -> Observation | str:
    """One run of the load that is the job's budget; what is wrong with the load, if it cannot be set up."""
    try:
        return observe(cast(StageModule, load(job.target)), cast(Load, job.budget), job.seed)
    except ParameterError as error:
        return str(error)
    except MeasurementError as error:
        raise NotAStage(f"cannot be measured: {error}") from None


def probe_stage(job: Job) -> dict[str, Any]:
    """Measure the behaviour."""
    return with_stage(job.target, lambda module: probe(suite_named(job.target.suite).probes, module))
