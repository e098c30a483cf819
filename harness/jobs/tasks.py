"""What worker processes do with a stage: each function loads it afresh and returns plain data. Nothing else in the harness runs a stage."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

from harness.jobs.stage_loading import NeverReturns, NotAStage, Target, describe, load
from harness.machine.diagnosis import HANG
from harness.measure.behaviour import probe
from harness.measure.measured_run import MeasurementError
from harness.measure.performance import Performance
from harness.measure.summary import measure
from harness.measure.workload import usual_workload
from harness.suite.registry import suite_named
from harness.verify.checking import Budget, check
from harness.verify.verdicts import Failure, KindResult

T = TypeVar("T")


def try_load(target: Target) -> None:
    """See that `target` is a stage."""
    load(target)


def check_kind(target: Target, clause: str, kind: str, budget: Budget) -> KindResult:
    """Test one clause for one kind."""
    return returning(
        with_stage(target, lambda module: check(module, suite_named(target.suite).clauses[clause], kind, budget)),
        lambda result: result.failure,
        clause,
        kind,
    )


def returning(result: T, failure_of: Callable[[T], Failure | None], *where: str) -> T:
    """Return `result`, unless it says that the stage does not come back."""
    failure = failure_of(result)
    if failure is not None and failure.kind == HANG:
        raise NeverReturns(f"does not come back ({', '.join(where)}{': ' if where else ''}{failure.message})")
    return result


def measure_stage(target: Target, seed: int) -> Performance:
    """Measure the usual load."""
    try:
        return with_stage(target, lambda module: measure(module, seed=seed, workload=usual_workload(target.suite)))
    except MeasurementError as error:
        raise NotAStage(f"cannot be measured: {error}") from None


def probe_stage(target: Target) -> dict[str, Any]:
    """Measure the behaviour."""
    return with_stage(target, lambda module: probe(suite_named(target.suite).probes, module))


def with_stage(target: Target, function: Callable[[ModuleType], T]) -> T:
    """Call `function` with the stage. An exception that has passed through the stage's code is the stage's fault, any other one is ours."""
    module = load(target)
    try:
        return function(module)
    except BaseException as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == target.path]
        if lines:
            raise NotAStage(f"raises {describe(error)}, line {lines[-1]}") from None
        raise
