"""The questions that `perf` answers by measuring many cells: calibration, lock flavours, scenarios, sensitivity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from harness.cli.exit_codes import UsageError
from harness.cli.load_options import with_parameter, workload_of
from harness.cli.perf_request import PerfRequest
from harness.cli.perf_results import CellMeasurer, PerfResults
from harness.jobs.stage_loading import NO_SERIES
from harness.measure.calibration import NotReached, calibrate
from harness.measure.costs import Cost
from harness.measure.figures import IDLE_OVERHEAD
from harness.measure.loads_of_suite import loads_named, usual_load
from harness.measure.measure_cells import StageUnderLoad
from harness.measure.performance import Measured, Performance
from harness.measure.reported_figures import CLAIMS, Stages
from harness.measure.settings import LOCKS
from harness.measure.summary import check_parameters
from harness.measure.workload import Workload
from harness.report import question_tables
from harness.suite.figure import NotMeasured
from harness.suite.parameters import ParameterError

CALIBRATED = "device_hz"
GOAL_PCT = 10.0
CALIBRATION_RANGE = (2_000, 60_000)

# What nobody reported either, and what is halved and doubled like the estimates.
STRUCTURE = ("vcpus_per_guest", "vcpus_per_cpu", "other_hz", "tick_hz", "unused_device_hz", "think_us", "callers", "walks", "stop_hz")

Variations = list[tuple[str, Workload]]


def calibration(request: PerfRequest, measurer: CellMeasurer) -> PerfResults:
    """Find the device rate at which the baseline loses a tenth; the rest is prediction."""
    workload = _usual(request, "--calibrate")
    baseline = measurer.stage(0)

    def overhead(rate: int) -> tuple[float, float]:
        cell = StageUnderLoad(baseline, with_parameter(workload, CALIBRATED, str(rate)))
        result = measurer.measure([cell], precisely=False).results[0]
        if isinstance(result, NotMeasured):
            raise UsageError(f"{baseline.label} cannot be measured: it {result.problem}")
        return result.value(IDLE_OVERHEAD) or 0, result.spread_of(IDLE_OVERHEAD)

    try:
        rate = calibrate(overhead, GOAL_PCT, *CALIBRATION_RANGE)
    except NotReached as reason:
        raise UsageError(f"no rate between {CALIBRATION_RANGE[0]} and {CALIBRATION_RANGE[1]} gives {GOAL_PCT:g} %: {reason}") from None
    calibrated = with_parameter(workload, CALIBRATED, str(rate.value))
    found = measurer.measure([StageUnderLoad(target, calibrated) for target in measurer.targets])
    form = request.tablefmt
    found.text = "\n\n".join([question_tables.calibration(rate, form), _held_against(found, form), found.table(form)])
    found.extra["calibration"] = {CALIBRATED: rate.value, "low": rate.low, "high": rate.high, "steps": rate.steps}
    return found


def _held_against(found: PerfResults, tablefmt: str) -> str:
    stages = _by_stage(found.cells, found.results)
    return question_tables.claims(stages, tablefmt) if 0 in stages and len(stages) > 1 else "only the baseline was measured"


def _by_stage(cells: Sequence[StageUnderLoad], results: Sequence[Measured]) -> Stages:
    """The stages of a series that could be measured, by number."""
    pairs = zip(cells, results, strict=True)
    return {cell.target.index: result for cell, result in pairs if isinstance(result, Performance) and cell.target.series != NO_SERIES}


def reviewers(request: PerfRequest, measurer: CellMeasurer) -> PerfResults:
    """Stages with each lock flavour, for several loads and sizes of the machine."""
    workload = _usual(request, "--reviewers")
    usual = getattr(workload.parameters, CALIBRATED)
    every = workload.settings.table().topology.nodes
    rates = [usual // 2, usual, usual * 2]
    sizes = [size for size in (2, 4, 8) if size <= every]
    targets = measurer.targets if request.stages else [measurer.stage(0), measurer.stage(1)]
    cells = []
    for size, rate, target, lock in product(sizes, rates, targets, LOCKS):
        at = with_parameter(with_parameter(workload, "sockets", str(size)), CALIBRATED, str(rate))
        at = replace(at, settings=replace(at.settings, lock=lock))
        cells.append(StageUnderLoad(target, at, (str(size), str(rate), lock)))
    found = measurer.measure(cells, ("sockets", CALIBRATED, "lock"))
    found.text = question_tables.reviewers(found.cells, found.results, request.tablefmt)
    return found


def all_scenarios(request: PerfRequest, measurer: CellMeasurer) -> PerfResults:
    """Every stage under every scenario."""
    if request.sensitivity:
        return _cells_sensitivity(request, measurer)
    loads = [workload_of(request.load, name) for name in loads_named(request.load.suite)]
    cells = [StageUnderLoad(target, workload, (workload.load,)) for workload in loads for target in measurer.targets]
    found = measurer.measure(cells, ("scenario",))
    found.text = question_tables.scenarios(found.cells, found.results, request.tablefmt)
    return found


def _variations(workload: Workload) -> tuple[Variations, list[str]]:
    """Every estimated cost, and the structural parameters that the scenario has, halved and doubled; and those that do not fit."""
    found, left_out = _of_costs(workload), []
    for name in STRUCTURE:
        usual = getattr(workload.parameters, name, 0)
        for value in filter(None, (usual // 2, usual * 2)):
            at = with_parameter(workload, name, str(value))
            try:
                check_parameters(at)
            except ParameterError as reason:
                left_out.append(f"{workload.load} with {name} {value}: {reason}")
            else:
                found.append((f"{name} {value}", at))
    return found, left_out


def _of_costs(workload: Workload) -> Variations:
    found = []
    for cost in workload.estimates:
        for factor, word in ((0.5, "halved"), (2, "doubled")):
            value = _times(cost, factor)
            if value != cost.value:
                found.append((f"{cost.name} {word}", replace(workload, settings=workload.settings.with_cost(cost.name, value))))
    return found


def _times(cost: Cost, factor: float) -> int | tuple[int, ...]:
    return int(cost.value * factor) if isinstance(cost.value, int) else tuple(int(value * factor) for value in cost.value)


def sensitivity(request: PerfRequest, measurer: CellMeasurer) -> PerfResults:
    """Each verdict on the usual load with every estimate halved and doubled."""
    workload = _usual(request, "--sensitivity")
    targets = measurer.targets if request.stages else [measurer.stage(0), measurer.stage(1)]
    measurer.stage(0)
    varied, left_out = _variations(workload)
    variations = [(question_tables.AS_IT_IS, workload), *varied]
    found = measurer.measure([StageUnderLoad(target, at, (name,)) for name, at in variations for target in targets], ("variation",))
    size = len(targets)
    groups = [_by_stage(found.cells[at : at + size], found.results[at : at + size]) for at in range(0, len(found.cells), size)]
    text = question_tables.sensitivity([name for name, _ in variations], groups, CLAIMS, request.tablefmt)
    found.text = "\n".join([text, *_not_tried(left_out)])
    return found


def _cells_sensitivity(request: PerfRequest, measurer: CellMeasurer) -> PerfResults:
    cells: list[StageUnderLoad] = []
    every_left_out: list[str] = []
    for name in loads_named(request.load.suite):
        workload = workload_of(request.load, name)
        varied, left_out = _variations(workload)
        every_left_out += left_out
        for variation, at in [(question_tables.AS_IT_IS, workload), *varied]:
            cells += [StageUnderLoad(target, at, (name, variation)) for target in measurer.targets]
    found = measurer.measure(cells, ("scenario", "variation"))
    text = question_tables.cells_sensitivity(found.cells, found.results, request.tablefmt)
    found.text = "\n".join([text, *_not_tried(every_left_out)])
    return found


def _not_tried(left_out: Sequence[str]) -> list[str]:
    return [f"not tried, {what}" for what in left_out]


def _usual(request: PerfRequest, option: str) -> Workload:
    """The usual load of the suite: other loads do not have the parameters that the question is about."""
    usual = usual_load(request.load.suite)
    if request.load.scenario != usual:
        raise UsageError(f"{option} is about scenario {usual}")
    return workload_of(request.load)
