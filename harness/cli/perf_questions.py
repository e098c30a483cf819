"""The questions that `perf` answers by measuring many cells: calibration, lock flavours, scenarios, sensitivity."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from harness.cli.exit_codes import UsageError
from harness.cli.load_options import load_errors, load_of, settings_of
from harness.cli.perf_results import Bench, Findings, Row
from harness.measure.calibration import NotReached, calibrate
from harness.measure.reported_figures import CLAIMS, Stages
from harness.measure.settings import LOCKS
from harness.measure.summary import USUAL, Load, Performance, check, estimates
from harness.report import question_tables as answers
from harness.sources.target import Target
from harness.suite.parameters import ParameterError, with_texts
from harness.tasklets.loads.scenarios import SCENARIOS

CALIBRATED = "device_hz"
GOAL_PCT = 10.0
CALIBRATION_RANGE = (2_000, 60_000)

# What nobody reported either, and what is halved and doubled like the estimates.
STRUCTURE = ("vcpus_per_guest", "vcpus_per_cpu", "other_hz", "tick_hz", "unused_device_hz", "think_us", "callers", "walks", "stop_hz")


def calibration(options: argparse.Namespace, bench: Bench) -> Findings:
    """Find the device rate at which the baseline loses a tenth; the rest is prediction."""
    load = _usual(options, "--calibrate")
    baseline = bench.stage(0)

    def overhead(rate: int) -> tuple[float, float]:
        result = bench.measure([((), baseline, _with(load, CALIBRATED, rate))], precisely=False).results[0]
        if isinstance(result, str):
            raise UsageError(f"{baseline.label} cannot be measured: it {result}")
        return result.figures["idle_overhead_pct"] or 0, result.spread["idle_overhead_pct"] or 0

    try:
        rate = calibrate(overhead, GOAL_PCT, *CALIBRATION_RANGE)
    except NotReached as reason:
        raise UsageError(f"no rate between {CALIBRATION_RANGE[0]} and {CALIBRATION_RANGE[1]} gives {GOAL_PCT:g} %: {reason}") from None
    found = bench.measure([((), target, _with(load, CALIBRATED, rate.value)) for target in bench.targets])
    found.text = "\n\n".join([answers.calibration(rate, options.tablefmt), _held_against(found, options), found.table(options.tablefmt)])
    found.extra["calibration"] = {CALIBRATED: rate.value, "low": rate.low, "high": rate.high, "steps": rate.steps}
    return found


def _held_against(found: Findings, options: argparse.Namespace) -> str:
    stages = _by_stage([cell.target for cell in found.cells], found.results)
    return answers.claims(stages, options.tablefmt) if 0 in stages and len(stages) > 1 else "only the baseline was measured"


def _by_stage(targets: Sequence[Target], results: Sequence[Performance | str]) -> Stages:
    return {target.index: result for target, result in zip(targets, results, strict=True) if isinstance(result, Performance)}


def reviewers(options: argparse.Namespace, bench: Bench) -> Findings:
    """Stages with each lock flavour, for several loads and sizes of the machine."""
    load = _usual(options, "--reviewers")
    usual = getattr(load.parameters, CALIBRATED)
    every = load.settings.table().topology.nodes
    rates = [usual // 2, usual, usual * 2]
    sizes = [size for size in (2, 4, 8) if size <= every]
    targets = bench.targets if options.stages else [bench.stage(0), bench.stage(1)]
    rows: list[Row] = []
    for size, rate, target, lock in product(sizes, rates, targets, LOCKS):
        at = _with(_with(load, "sockets", size), CALIBRATED, rate)
        at = replace(at, settings=replace(at.settings, lock=lock))
        rows.append(((str(size), str(rate), lock), target, at))
    found = bench.measure(rows, ("sockets", CALIBRATED, "lock"))
    found.text = answers.reviewers(found.rows, found.results, options.tablefmt)
    return found


def all_scenarios(options: argparse.Namespace, bench: Bench) -> Findings:
    """Every stage under every scenario."""
    if options.sensitivity:
        return _cells_sensitivity(options, bench)
    rows: list[Row] = [((name,), target, load_of(options, name)) for name in SCENARIOS for target in bench.targets]
    found = bench.measure(rows, ("scenario",))
    found.text = answers.scenarios(found.rows, found.results, options.tablefmt)
    return found


def _variations(load: Load) -> tuple[list[tuple[str, Load]], list[str]]:
    """Every estimated cost, and the structural parameters that the scenario has, halved and doubled; and those that do not fit."""
    found, left_out = [], []
    for cost in estimates(load.settings):
        for factor, word in ((0.5, "halved"), (2, "doubled")):
            value = tuple(int(v * factor) for v in cost.value) if isinstance(cost.value, tuple) else int(cost.value * factor)
            if value != cost.value:
                found.append((f"{cost.name} {word}", replace(load, settings=load.settings.with_cost(cost.name, value))))
    for name in STRUCTURE:
        usual = getattr(load.parameters, name, 0)
        for value in (usual // 2, usual * 2):
            if value:
                at = _with(load, name, value)
                try:
                    check(at)
                except ParameterError as reason:
                    left_out.append(f"{load.scenario} with {name} {value}: {reason}")
                else:
                    found.append((f"{name} {value}", at))
    return found, left_out


def sensitivity(options: argparse.Namespace, bench: Bench) -> Findings:
    """Each verdict on `idle-guests` with every estimate halved and doubled."""
    load = _usual(options, "--sensitivity")
    targets = bench.targets if options.stages else [bench.stage(0), bench.stage(1)]
    bench.stage(0)
    varied, left_out = _variations(load)
    variations = [(answers.AS_IT_IS, load), *varied]
    rows: list[Row] = [((name,), target, at) for name, at in variations for target in targets]
    found = bench.measure(rows, ("variation",))
    size = len(targets)
    groups = [_by_stage(targets, found.results[start : start + size]) for start in range(0, len(rows), size)]
    found.text = "\n".join([answers.sensitivity([name for name, _ in variations], groups, CLAIMS, options.tablefmt), *_left_out(left_out)])
    return found


def _cells_sensitivity(options: argparse.Namespace, bench: Bench) -> Findings:
    rows: list[Row] = []
    every_left_out: list[str] = []
    for scenario in SCENARIOS:
        load = load_of(options, scenario)
        varied, left_out = _variations(load)
        every_left_out += left_out
        for name, at in [(answers.AS_IT_IS, load), *varied]:
            rows += [((scenario, name), target, at) for target in bench.targets]
    found = bench.measure(rows, ("scenario", "variation"))
    found.text = "\n".join([answers.cells_sensitivity(found.rows, found.results, options.tablefmt), *_left_out(every_left_out)])
    return found


def _left_out(loads: Sequence[str]) -> list[str]:
    return [f"not tried, {load}" for load in loads]


def _usual(options: argparse.Namespace, option: str) -> Load:
    if options.scenario != USUAL:
        raise UsageError(f"{option} is about scenario {USUAL}")
    settings_of(options)
    return load_of(options)


def _with(load: Load, name: str, value: int) -> Load:
    with load_errors():
        return replace(load, parameters=with_texts(load.parameters, [(name, str(value))]))
