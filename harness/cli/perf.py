"""The command `perf`: stages under one load, or one of the questions of `harness.cli.perf_questions`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.cli import perf_questions as questions
from harness.cli.exit_codes import BAD, GOOD, UNDECIDED, UsageError
from harness.cli.load_options import Axis, axes_of, points_of, swept, workload_of
from harness.cli.named_stages import is_number
from harness.cli.native_request import target_named
from harness.cli.perf_lock_ladder import ladder
from harness.cli.perf_request import ALL_SCENARIOS, CALIBRATE, REVIEWERS, SENSITIVITY, PerfRequest, perf_request
from harness.cli.perf_results import CellMeasurer, PerfResults, write_files
from harness.cli.perfetto_option import OPTION, write_perfetto
from harness.cli.remembered import remembered
from harness.cli.selection import stage_number
from harness.measure.figures import IDLE_OVERHEAD
from harness.measure.loads_of_suite import loads_named, usual_load
from harness.measure.lock_ladder import LADDER
from harness.measure.measure_cells import StageUnderLoad
from harness.measure.performance import Measured, Performance
from harness.measure.precision import USUAL_PCT
from harness.measure.watched_runs import watch_runs
from harness.report.fitted_text import fitted
from harness.report.perfetto import NamedRecording
from harness.report.performance_line import performance_line
from harness.report.performance_tables import loads_table, profile_table, runstates_table
from harness.sources.target import NO_SERIES, Target
from harness.suite.figure import NotMeasured

ANSWERS: Mapping[str, Callable[[PerfRequest, CellMeasurer], PerfResults]] = {
    CALIBRATE: questions.calibration,
    REVIEWERS: questions.reviewers,
    ALL_SCENARIOS: questions.all_scenarios,
    SENSITIVITY: questions.sensitivity,
}

# A sweep of more points than these is measured only if that is confirmed.
MOST_POINTS = 1000
# More than these are a mistake.
MOST_CONFIRMED = 100_000


def perf(options: argparse.Namespace) -> int:
    """Measure the performance of stages.

    Exit code 1: a stage could not be measured. 3: a patch of the mailbox does not apply, and only the stages before it are measured.
    2: wrong usage.
    """
    return _answer(perf_request(options))


def _answer(request: PerfRequest) -> int:
    if request.list_loads:
        print(fitted(loads_table(list(loads_named(request.load.suite).values()), request.tablefmt), request.tablefmt))
        return GOOD
    if request.files.perfetto is not None and (request.question or request.sweep or request.load.scenario == LADDER):
        raise UsageError(f"{OPTION} shows a run of stages under one load: it goes with no question, no sweep and no {LADDER}")
    if request.load.scenario == LADDER and not request.question:
        return ladder(request)
    targets = _targets(request)
    with remembered(request.runs.no_cache) as cache:
        measurer = CellMeasurer(targets, request, None if request.question or request.sweep else USUAL_PCT, cache)
        found = ANSWERS[request.question](request, measurer) if request.question else _measured(request, measurer)
    parts = filter(None, [found.text, *found.footer(), request.named.remarks(targets)])
    print(fitted("\n\n".join(parts), request.tablefmt), file=request.files.beside)
    write_files(request.files, request.load.suite, found)
    if request.files.perfetto is not None:
        _write_runs(request.files.perfetto, request, found)
    if _complain(found):
        return BAD
    return UNDECIDED if not request.stages and request.named.ends_early else GOOD


def _write_runs(path: str, request: PerfRequest, found: PerfResults) -> None:
    """Write the run with the first seed of every stage that could be measured."""
    pairs = zip(found.cells, found.results, strict=True)
    cells = [cell for cell, result in pairs if not isinstance(result, NotMeasured)]
    runs = watch_runs(cells, request.runs.seed, request.runs.jobs)
    if runs is None:
        raise KeyboardInterrupt
    write_perfetto(path, [NamedRecording(f"{cell.target.label}: {cell.target.title}", run) for cell, run in zip(cells, runs, strict=True)])


def _targets(request: PerfRequest) -> list[Target]:
    """The stages that are named by number, in the order of the series, then the files; all stages if none is named."""
    request.named.require(request.stages)
    native = request.named.source.native
    numbers = [stage_number(word) for word in request.stages if is_number(word)]
    files = [word for word in dict.fromkeys(request.stages) if not is_number(word)]
    for word in files:
        if not Path(word).is_file():
            raise UsageError(f"{word!r} is neither the number of a stage nor a file")
    suite = request.load.suite
    stages = request.named.numbered(numbers) if numbers or not files else []
    targets = [*[replace(stage, suite=suite) for stage in stages], *[target_named(word, native, suite) for word in files]]
    native.require_c(targets, "--include")
    return targets


def _measured(request: PerfRequest, measurer: CellMeasurer) -> PerfResults:
    axes = axes_of(request.sweep)
    if axes:
        return _sweep(request, measurer, axes)
    workload = workload_of(request.load)
    found = measurer.measure([StageUnderLoad(target, workload) for target in measurer.targets])
    pairs = list(zip(measurer.targets, found.results, strict=True))
    parts = [found.table(request.tablefmt)]
    if request.profile:
        parts += [text for target, result in pairs for text in _profile(target, result, request.tablefmt)]
    if workload.load == usual_load(workload.suite):
        parts.append("\n".join(_conclusions(pairs)))
    found.text = "\n\n".join(parts)
    return found


def _conclusions(pairs: Sequence[tuple[Target, Measured]]) -> list[str]:
    """A sentence about the stages of a series together, and one about each file."""
    stages = [(target.index, result) for target, result in pairs if target.series != NO_SERIES]
    files = [(target, result) for target, result in pairs if target.series == NO_SERIES]
    return [*([performance_line(stages)] if stages else []), *[_about_file(target, result) for target, result in files]]


def _about_file(target: Target, result: Measured) -> str:
    overhead = result.value(IDLE_OVERHEAD) if isinstance(result, Performance) else None
    if overhead is None:
        return f"{target.path}: not measured"
    found = "has the performance bug" if IDLE_OVERHEAD.too_large(overhead) else "does not have the performance bug"
    return f"{target.path} {found}"


def _sweep(request: PerfRequest, measurer: CellMeasurer, axes: Sequence[Axis]) -> PerfResults:
    _confirm(points_of(axes), len(measurer.targets), request.yes)
    combinations = swept(workload_of(request.load), axes)
    cells = [StageUnderLoad(target, at, values) for values, at in combinations for target in measurer.targets]
    found = measurer.measure(cells, [axis.name for axis in axes])
    found.text = found.table(request.tablefmt)
    return found


def _confirm(loads: int, stages: int, yes: bool) -> None:
    """Raise unless a sweep is small or confirmed."""
    points = loads * stages
    if points > MOST_CONFIRMED:
        raise UsageError(f"this sweep has more than {MOST_CONFIRMED:,} points: nobody waits for its end")
    if points > MOST_POINTS and not yes:
        raise UsageError(f"this sweep has {points:,} points ({loads:,} loads × {stages} stages): write --yes to measure them all")


def _profile(target: Target, result: Measured, tablefmt: str) -> list[str]:
    if isinstance(result, NotMeasured):
        return []
    return [
        f"{target.label}: lock profile, {len(result.seeds)} seeds together\n{profile_table(result, tablefmt)}",
        f"{target.label}: runstates\n{runstates_table(result, tablefmt)}",
    ]


def _complain(found: PerfResults) -> bool:
    """Say on stderr which stages could not be measured; tell whether there were any."""
    pairs = zip(found.cells, found.results, strict=True)
    problems = {cell.target.label: result.problem for cell, result in pairs if isinstance(result, NotMeasured)}
    for label, problem in problems.items():
        print(f"harness: {label} could not be measured: the stage {problem}", file=sys.stderr)
    return bool(problems)
