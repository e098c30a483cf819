"""Measuring a stage: a scenario run with several seeds, the mean of each figure and how far it can be trusted.

One run is `observe`, and `summarise` puts runs together, so that the runs can be spread over processes.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from harness.machine.diagnosis import Violation, crash
from harness.measure.costs import Cost
from harness.measure.measured_run import MeasurementError, Observation, Scene
from harness.measure.settings import Settings
from harness.measure.statistics import half_width, mean
from harness.suite.parameters import ParameterError, Window
from harness.tasklets.loads.scenarios import SCENARIOS
from stages import FIXED
from stages.api import StageModule

SEEDS = 8
USUAL = "idle-guests"

# The figures of a run, and the digits after the point that are given.
FIGURES: Mapping[str, int] = {
    "locks_per_run": 4,
    "lock_wait_us_mean": 3,
    "lock_wait_us_max": 2,
    "idle_overhead_pct": 3,
    "idle_steal_pct": 3,
    "irq_p50_us": 3,
    "irq_p99_us": 3,
    "irq_max_us": 2,
    "run_p50_us": 3,
    "run_p99_us": 3,
    "run_max_us": 2,
    "tasklets_per_s": 0,
}

# Of these, the largest of all seeds counts, not their mean.
LARGEST = ("lock_wait_us_max", "irq_max_us", "run_max_us")

# Objects of three figures each in the results file.
LATENCIES = {"irq_latency_us": "irq", "run_latency_us": "run"}


@dataclass(frozen=True)
class Load:
    """A scenario with its parameters, and the machine it runs on."""

    scenario: str = USUAL
    parameters: Window = field(default_factory=SCENARIOS[USUAL].parameters)
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class Performance:
    """One stage in one scenario. `spread` has, for each figure, half the width of the 95 % confidence interval of its mean over seeds.

    (For the maxima, which have no such interval: of the mean of the seeds' maxima.) Shares are in per cent, times in µs; None: nothing
    of the kind happened.
    """

    figures: Mapping[str, float | None]
    spread: Mapping[str, float | None]
    # Lock profile, the sum over all seeds, in cycles (as in Xen: count and time held, count and time blocked).
    locks: tuple[Mapping[str, Any], ...]
    # Of the observed vCPUs, the sum over all seeds, in cycles.
    runstates: tuple[Mapping[str, Any], ...]
    # From schedule to run, the means over the seeds at the shares of `harness.measure.measured_run.QUANTILES`.
    latencies: tuple[float, ...]
    seeds: tuple[int, ...]
    configuration: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The object `performance` of a stage in the results file; other keys than the figures' are additions to it."""
        return {
            **_nested(self.figures),
            "spread": _nested(self.spread),
            "locks": [dict(lock) for lock in self.locks],
            "configuration": dict(self.configuration),
        }

    def differs(self, name: str, other: Performance) -> bool:
        """Tell whether a figure differs from that of `other` by more than the two spreads together."""
        mine, theirs = self.figures[name], other.figures[name]
        if mine is None or theirs is None:
            return mine is not theirs
        return abs(mine - theirs) > (self.spread[name] or 0) + (other.spread[name] or 0)


def _nested(figures: Mapping[str, float | None]) -> dict[str, Any]:
    """The latencies in objects of their own, the others side by side."""
    plain: dict[str, Any] = {name: value for name, value in figures.items() if name.split("_")[0] not in LATENCIES.values()}
    rate = plain.pop("tasklets_per_s")
    latencies = {key: {part: figures[f"{short}_{part}_us"] for part in ("p50", "p99", "max")} for key, short in LATENCIES.items()}
    return {**plain, **latencies, "tasklets_per_s": rate}


def measure(module: StageModule, seed: int = 0, seeds: int = SEEDS, load: Load | None = None) -> Performance:
    """Run a load (default: `idle-guests`) on a stage with the seeds `seed`, `seed` + 1, …; raises `MeasurementError` if it breaks down.

    A stage that loops without a call to its hypervisor does not come back: measure in a process that can be ended.
    """
    load = load or Load()
    chosen = tuple(range(seed, seed + seeds))
    return summarise(load, chosen, [observe(module, load, each) for each in chosen])


def observe(module: StageModule, load: Load, seed: int) -> Observation:
    """One run."""
    try:
        scene = Scene(module, load.parameters, load.settings, seed)
        SCENARIOS[load.scenario].build(scene, load.parameters)
        return scene.observe()
    except (MeasurementError, ParameterError, KeyboardInterrupt):
        raise
    except Violation as violation:
        raise MeasurementError(str(violation)) from violation
    except BaseException as error:
        raise MeasurementError(str(crash(error))) from error


def check(load: Load) -> None:
    """Raise `ParameterError` if a load cannot be set up, without a run: for instance if its vCPUs do not fit on the machine."""
    module = cast(StageModule, importlib.import_module(FIXED.stages[0].module))
    SCENARIOS[load.scenario].build(Scene(module, load.parameters, load.settings, 0), load.parameters)


def summarise(load: Load, seeds: Sequence[int], runs: Sequence[Observation]) -> Performance:
    """Put the runs with these seeds together."""
    if len(runs) < 2:
        raise ValueError("a spread needs at least two seeds")
    costs = load.settings.table()
    samples = {name: [value for run in runs if (value := getattr(run, name)) is not None] for name in FIGURES}
    return Performance(
        figures={name: _figure(name, values) for name, values in samples.items()},
        spread={name: round(half_width(values), FIGURES[name]) if len(values) > 1 else None for name, values in samples.items()},
        locks=_profile(runs),
        runstates=_runstates(runs),
        latencies=_latencies(runs),
        seeds=tuple(seeds),
        configuration={
            "scenario": load.scenario,
            "seeds": list(seeds),
            "machine": costs.machine(),
            "lock": load.settings.lock,
            "parameters": asdict(load.parameters),
            "mhz": costs.profile.mhz,
            "costs": costs.to_json(),
        },
    )


def _figure(name: str, values: list[float]) -> float | None:
    return round((max if name in LARGEST else mean)(values), FIGURES[name]) if values else None


def _profile(runs: Sequence[Observation]) -> tuple[Mapping[str, Any], ...]:
    """The locks' profiles of all runs, lock by lock."""
    total = [asdict(lock) for lock in runs[0].locks]
    for run in runs[1:]:
        for into, lock in zip(total, run.locks, strict=True):
            for key in ("lock_count", "lock_time", "block_count", "block_time"):
                into[key] += getattr(lock, key)
            into["max_block"] = max(into["max_block"], lock.max_block)
    return tuple(total)


def _runstates(runs: Sequence[Observation]) -> tuple[Mapping[str, Any], ...]:
    total = [asdict(vcpu) for vcpu in runs[0].runstates]
    for run in runs[1:]:
        for into, vcpu in zip(total, run.runstates, strict=True):
            for key in ("running", "runnable", "blocked", "tasklets"):
                into[key] += getattr(vcpu, key)
    return tuple(total)


def _latencies(runs: Sequence[Observation]) -> tuple[float, ...]:
    return tuple(round(mean(values), 3) for values in zip(*(run.latencies for run in runs if run.latencies), strict=True))


def estimates(settings: Settings) -> list[Cost]:
    """The costs that are estimates."""
    return [cost for cost in settings.table().rows if cost.known == "E"]
