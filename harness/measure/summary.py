"""Measuring a stage: a load run with several seeds, the mean of each figure and how far it can be trusted.

One run is `observe`, and `summarise` puts runs together, so that the runs can be spread over processes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import ModuleType
from typing import Any

from harness.machine.spectator import Spectator
from harness.measure.measured_run import MeasuredRun, MeasurementError, Observation
from harness.measure.performance import Performance
from harness.measure.statistics import half_width, mean
from harness.measure.workload import Workload
from harness.suite.figure import LARGEST, Clients, Figure
from harness.suite.parameters import ParameterError
from harness.suite.program import SuiteMistake, crash_of_stage, line_of
from harness.suite.stuck import suite_on_watch

SEEDS = 8


def usual_seeds(first: int) -> range:
    """So many seeds tell stages apart."""
    return range(first, first + SEEDS)


def observe(module: ModuleType, workload: Workload, seed: int, spectator: Spectator | None = None) -> Observation:
    """One run, which somebody may watch; raises `MeasurementError` if the stage breaks down.

    One that loops without a call to its hypervisor does not come back: observe in a process that can be ended.
    """
    try:
        run = MeasuredRun(workload.parameters, workload.settings, seed, spectator)
        with suite_on_watch():
            return run.observe(_built(workload, run, module), workload.figures)
    except (MeasurementError, ParameterError, SuiteMistake, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise MeasurementError(str(crash_of_stage(error))) from error


def check_parameters(workload: Workload) -> None:
    """Raise `ParameterError` if a load cannot be set up, without a stage or a run: for instance if its vCPUs do not fit on the machine."""
    try:
        with suite_on_watch():
            _built(workload, MeasuredRun(workload.parameters, workload.settings, 0), None)
    except (ParameterError, SuiteMistake, KeyboardInterrupt):
        raise
    except BaseException as error:
        crash_of_stage(error)
        raise


def _built(workload: Workload, run: MeasuredRun, module: ModuleType | None) -> Clients:
    """The clients that a load has made; raises `SuiteMistake` if they are none."""
    built = workload.row.build(run, module, workload.parameters)
    if missing := [name for name in ("runs", "irq_latencies", "run_latencies", "reset") if not hasattr(built, name)]:
        what = f"load {workload.row.name!r} has to return its clients, and what it returns has no {missing[0]}"
        raise SuiteMistake(f"{line_of(workload.row.build)}: {what}")
    return built


def summarise(workload: Workload, seeds: Sequence[int], runs: Sequence[Observation]) -> Performance:
    """Put the runs with these seeds together."""
    if len(runs) < 2:
        raise ValueError("a spread needs at least two seeds")
    rows = workload.figures
    latencies = list(zip(*(run.latencies for run in runs if run.latencies), strict=True))
    samples = {row: [value for run in runs if (value := run.figures[row.name]) is not None] for row in rows}
    return Performance(
        rows=rows,
        figures={row.name: _together(row, values) for row, values in samples.items()},
        spread={row.name: round(half_width(values), row.digits) if len(values) > 1 else None for row, values in samples.items()},
        locks=_lock_profile(runs),
        runstates=_runstates(runs, f"{workload.row.work}s"),
        latencies=tuple(round(mean(values), 3) for values in latencies),
        seeds=tuple(seeds),
        configuration=_configuration(workload, seeds),
        work=workload.row.work,
        latency_spread=tuple(round(half_width(values), 3) for values in latencies if len(values) > 1),
    )


def _configuration(workload: Workload, seeds: Sequence[int]) -> dict[str, Any]:
    """All that the figures depend on, as plain data."""
    costs = workload.settings.table()
    return {
        "scenario": workload.load,
        "seeds": list(seeds),
        "machine": costs.machine(),
        "lock": workload.settings.lock,
        "parameters": asdict(workload.parameters),
        "mhz": costs.mhz,
        "costs": costs.to_json(),
    }


def _together(row: Figure, values: list[float]) -> float | None:
    return round((max if row.seeds == LARGEST else mean)(values), row.digits) if values else None


def _lock_profile(runs: Sequence[Observation]) -> tuple[Mapping[str, Any], ...]:
    """The locks' profiles of all runs, lock by lock."""
    total = [asdict(lock) for lock in runs[0].locks]
    for run in runs[1:]:
        for into, lock in zip(total, run.locks, strict=True):
            for key in ("lock_count", "lock_time", "block_count", "block_time"):
                into[key] += getattr(lock, key)
            into["max_block"] = max(into["max_block"], lock.max_block)
    return tuple(total)


def _runstates(runs: Sequence[Observation], work: str) -> tuple[Mapping[str, Any], ...]:
    """The sums over all runs, vCPU by vCPU; time in the stage's code is called `work`."""
    names = {"running": "running", "runnable": "runnable", "blocked": "blocked", "in_stage": work}
    return tuple(
        {"vcpu": together[0].vcpu, **{name: sum(getattr(each, field) for each in together) for field, name in names.items()}}
        for together in zip(*(run.runstates for run in runs), strict=True)
    )
