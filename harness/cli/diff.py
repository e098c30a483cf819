"""The command `diff`, which measures without judging."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.cli.carry_out import Plan, Run, carry_out
from harness.cli.exit_codes import BAD, GOOD, UsageError
from harness.cli.selection import series_named, stage_or_file, stages_numbered, suite_called
from harness.measure.behaviour import differences
from harness.report import tables
from harness.sources.target import Target
from harness.suite.probe import Probe
from harness.verify.verdicts import StageResult


@dataclass(frozen=True)
class DiffRequest:
    """What `harness diff` was asked for: a pair of stages, each a number or a file, or all neighbours."""

    series: str
    pair: tuple[str, ...]
    all: bool
    jobs: int
    tablefmt: str


def diff(request: DiffRequest) -> int:
    """Show the behaviours that differ between two stages, or, with --all, between each stage and the one before."""
    series = series_named(request.series)
    if request.all == bool(request.pair) or len(request.pair) not in (0, 2):
        raise UsageError("diff needs two stages, or --all; see `harness diff --help`")
    targets = stages_numbered(series, ()) if request.all else [stage_or_file(series, word) for word in request.pair]
    done = _measure(targets, Plan(behaviour=True), request.jobs)
    bad = _complain(done, [stage.behaviour for stage in done.stages])
    if bad:
        return BAD
    for number, ((old, before), (new, after)) in enumerate(pairwise(zip(targets, done.stages, strict=True))):
        print("\n" * (number > 0) + _compared(old, before, new, after, request.tablefmt))
    return GOOD


def _compared(old: Target, before: StageResult, new: Target, after: StageResult, tablefmt: str) -> str:
    units = _units(suite_called(new.suite).probes)
    rows = [
        (name, _with_unit(was, units.get(name)), _with_unit(now, units.get(name)))
        for name, was, now in differences(before.behaviour, after.behaviour)
    ]
    head = f"{old.label} → {new.label}: {new.title}"
    if not rows:
        return f"{head}\nno measured behaviour differs"
    return f"{head}\n{tables.table(rows, ['behaviour', old.label, new.label], tablefmt)}"


def _units(probes: Sequence[Probe]) -> Mapping[str, str]:
    return {name: probe.unit for probe in probes for name in probe.names if probe.unit}


def _with_unit(value: str, unit: str | None) -> str:
    """A number with its unit; a diagnosis, or that there is no value, stays as it is."""
    return f"{value} {unit}" if unit and value.isdecimal() else value


def _measure(targets: Sequence[Target], plan: Plan, jobs: int) -> Run:
    done = carry_out(targets, plan, jobs)
    if done.interrupted:
        raise KeyboardInterrupt
    for position, problem in done.problems.items():
        raise UsageError(f"{targets[position].label} cannot be measured: it {problem}; name a stage")
    return done


def _complain(done: Run, parts: Sequence[dict[str, object]]) -> bool:
    """Say on stderr which stages could not be measured; tell whether there were any."""
    bad = [(target, part["error"]) for target, part in zip(done.targets, parts, strict=True) if "error" in part]
    for target, problem in bad:
        print(f"harness: {target.label} could not be measured: {problem}", file=sys.stderr)
    return bool(bad)
