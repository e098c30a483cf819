"""The command `diff`, which measures without judging."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from harness.cli.carry_out import Plan, Run, carry_out
from harness.cli.exit_codes import BAD, GOOD, UNDECIDED, UsageError
from harness.cli.named_stages import NamedStages
from harness.cli.remembered import remembered
from harness.cli.selection import suite_called, with_suite
from harness.cli.series_source import SourceRequest
from harness.jobs.remembering import KnownOutcomes
from harness.report import tables
from harness.report.behaviour_rows import behaviour_rows
from harness.report.fitted_text import fitted
from harness.sources.target import Target
from harness.suite.figure import NotMeasured


@dataclass(frozen=True)
class DiffRequest:
    """What `harness diff` was asked for: a pair of stages, each a number or a file, or all neighbours."""

    source: SourceRequest
    suite: str | None
    pair: tuple[str, ...]
    all: bool
    jobs: int
    no_cache: bool
    tablefmt: str


def diff(request: DiffRequest) -> int:
    """Show the behaviours that differ between two stages, or, with --all, between each stage and the one before.

    Exit code 1: a stage could not be measured. 3: a patch of the mailbox does not apply, and --all ends before it. 2: wrong usage.
    """
    stages, suite = NamedStages(request.source, request.suite), request.suite
    stages.require(request.pair)
    if request.all == bool(request.pair) or len(request.pair) not in (0, 2):
        raise UsageError("diff needs two stages, or --all; see `harness diff --help`")
    named = stages.numbered(()) if request.all else [stages.stage_or_file(word) for word in request.pair]
    targets = [with_suite(target, suite) for target in named]
    if len({target.suite for target in targets}) > 1:
        names = " and ".join(f"{target.label}: {suite_called(target.suite).name}" for target in targets)
        raise UsageError(f"the stages have suites of their own ({names}): name one with --suite")
    request.source.native.require_c(targets, "--include")
    with remembered(request.no_cache) as cache:
        done = _measure(targets, Plan(behaviour=True), request.jobs, cache)
    found = [(target, stage.behaviour) for target, stage in zip(targets, done.stages, strict=True)]
    measured = [(target, behaviour) for target, behaviour in found if not isinstance(behaviour, NotMeasured)]
    if len(measured) < len(found):
        _complain(found)
        return BAD
    for number, ((old, before), (new, after)) in enumerate(pairwise(measured)):
        print("\n" * (number > 0) + fitted(_compared(old, before, new, after, request.tablefmt), request.tablefmt))
    if remarks := stages.remarks(targets):
        print(fitted(f"\n{remarks}", request.tablefmt))
    return UNDECIDED if request.all and stages.ends_early else GOOD


def _compared(old: Target, before: Mapping[str, Any], new: Target, after: Mapping[str, Any], tablefmt: str) -> str:
    rows = behaviour_rows(suite_called(new.suite).probes, before, after)
    head = f"{old.label} → {new.label}: {new.title}"
    if not rows:
        return f"{head}\nno measured behaviour differs"
    return tables.headed(head, tables.table(rows, ["behaviour", old.label, new.label], tablefmt))


def _measure(targets: Sequence[Target], plan: Plan, jobs: int, cache: KnownOutcomes | None) -> Run:
    done = carry_out(targets, plan, jobs, cache)
    if done.interrupted:
        raise KeyboardInterrupt
    for position, problem in done.problems.items():
        raise UsageError(f"{targets[position].label} cannot be measured: it {problem}; name a stage")
    return done


def _complain(found: Sequence[tuple[Target, Mapping[str, Any] | NotMeasured]]) -> None:
    """Say on stderr which stages could not be measured."""
    for target, behaviour in found:
        if isinstance(behaviour, NotMeasured):
            print(f"harness: {target.label} could not be measured: {behaviour.problem}", file=sys.stderr)
