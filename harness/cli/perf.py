"""The command `perf`: stages under one load, or one of the questions of `harness.cli.perf_questions`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from harness.cli import perf_questions as questions
from harness.cli.exit_codes import BAD, GOOD
from harness.cli.load_options import axes_of, load_of, swept
from harness.cli.perf_lock_ladder import ladder
from harness.cli.perf_results import Bench, Findings, write_files
from harness.cli.selection import series_named, stages_numbered
from harness.measure.precision import USUAL_PCT
from harness.measure.summary import USUAL, Load
from harness.report import performance_tables as loads
from harness.sources.target import Target
from harness.tasklets.loads.scenarios import LADDER
from harness.verify.conclusions import performance_line
from harness.verify.verdicts import StageResult

QUESTIONS: dict[str, Callable[[argparse.Namespace, Bench], Findings]] = {
    "calibrate": questions.calibration,
    "reviewers": questions.reviewers,
    "all_scenarios": questions.all_scenarios,
    "sensitivity": questions.sensitivity,
}


def perf(options: argparse.Namespace) -> int:
    """Measure the performance of stages."""
    if options.list:
        print(loads.scenarios_table(options.tablefmt))
        return GOOD
    if options.scenario == LADDER and not any(getattr(options, name) for name in QUESTIONS):
        return ladder(options)
    targets = stages_numbered(series_named(options.series), options.stages)
    asked = [name for name in QUESTIONS if getattr(options, name)]
    bench = Bench(targets, options, None if asked or options.sweep else USUAL_PCT)
    found = QUESTIONS[asked[0]](options, bench) if asked else _measured(options, bench)
    print("\n\n".join([found.text, *found.footer()]))
    write_files(options, found)
    return BAD if _complain(found) else GOOD


def _measured(options: argparse.Namespace, bench: Bench) -> Findings:
    load = load_of(options)
    axes = axes_of(options.sweep)
    if axes:
        return _sweep(options, bench, load, [axis.name for axis in axes])
    found = bench.measure([((), target, load) for target in bench.targets])
    parts = [found.table(options.tablefmt)]
    if options.profile:
        parts += [text for target, result in zip(bench.targets, found.results, strict=True) for text in _profile(target, result, options)]
    if load.scenario == USUAL:
        parts.append(performance_line([_as_stage(target, result) for target, result in zip(bench.targets, found.results, strict=True)]))
    found.text = "\n\n".join(parts)
    return found


def _sweep(options: argparse.Namespace, bench: Bench, load: Load, names: Sequence[str]) -> Findings:
    combinations = swept(load, axes_of(options.sweep))
    found = bench.measure([(values, target, at) for values, at in combinations for target in bench.targets], names)
    found.text = found.table(options.tablefmt)
    return found


def _profile(target: Target, result: loads.Measured, options: argparse.Namespace) -> list[str]:
    if isinstance(result, str):
        return []
    return [
        f"{target.label}: lock profile, {len(result.seeds)} seeds together\n{loads.profile_table(result, options.tablefmt)}",
        f"{target.label}: runstates\n{loads.runstates_table(result, options.tablefmt)}",
    ]


def _as_stage(target: Target, result: loads.Measured) -> StageResult:
    made = StageResult(target.index, target.title, target.module)
    made.performance = {"error": result} if isinstance(result, str) else result.to_json()
    return made


def _complain(found: Findings) -> bool:
    """Say on stderr which stages could not be measured; tell whether there were any."""
    problems = {cell.target.label: result for cell, result in zip(found.cells, found.results, strict=True) if isinstance(result, str)}
    for label, problem in problems.items():
        print(f"harness: {label} could not be measured: the stage {problem}", file=sys.stderr)
    return bool(problems)
