"""What a command line of `harness perf` asks for, as plain data: below this module nobody sees the parser's namespace."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import TextIO

from harness.cli.exit_codes import UsageError
from harness.cli.load_options import LoadOptions
from harness.cli.named_stages import NamedStages
from harness.cli.requests import request_of
from harness.cli.selection import suite_with_stages
from harness.cli.series_source import SourceRequest
from harness.measure.loads_of_suite import usual_load
from harness.report.files import STDOUT

# The questions, in the order in which they are looked for: the first one that is asked is answered.
CALIBRATE, REVIEWERS, ALL_SCENARIOS, SENSITIVITY = "calibrate", "reviewers", "all_scenarios", "sensitivity"
QUESTIONS = (CALIBRATE, REVIEWERS, ALL_SCENARIOS, SENSITIVITY)


@dataclass(frozen=True)
class RunOptions:
    """How much to measure: None where the command line says nothing."""

    seed: int
    jobs: int
    runs: int | None = None
    precision: int | None = None
    max_runs: int | None = None
    no_cache: bool = False


@dataclass(frozen=True)
class OutputFiles:
    """Where to write what: None for not at all."""

    json: str | None = None
    csv: str | None = None
    plot: str | None = None
    perfetto: str | None = None

    @property
    def beside(self) -> TextIO:
        """Where the tables go: a file that goes to stdout has it for itself."""
        return sys.stderr if STDOUT in (self.json, self.csv) else sys.stdout


@dataclass(frozen=True)
class PerfRequest:
    """Everything that one command line says: `stages` as words, numbers and files, of `named`; `question` is "" if none is asked."""

    named: NamedStages
    stages: tuple[str, ...]
    load: LoadOptions
    runs: RunOptions
    files: OutputFiles
    tablefmt: str
    question: str = ""
    sensitivity: bool = False
    sweep: tuple[str, ...] = ()
    list_loads: bool = False
    profile: bool = False
    yes: bool = False


def perf_request(options: argparse.Namespace) -> PerfRequest:
    """Read the namespace."""
    named = NamedStages(request_of(SourceRequest, options), options.suite)
    return PerfRequest(
        named=named,
        stages=tuple(options.stages),
        load=_load_options(options, named),
        runs=RunOptions(options.seed, options.jobs, options.runs, options.precision, options.max_runs, options.no_cache),
        files=OutputFiles(options.json, options.csv, options.plot, options.perfetto),
        tablefmt=options.tablefmt,
        question=next((name for name in QUESTIONS if getattr(options, name)), ""),
        sensitivity=options.sensitivity,
        sweep=tuple(options.sweep),
        list_loads=options.list,
        profile=options.profile,
        yes=options.yes,
    )


def _load_options(options: argparse.Namespace, named: NamedStages) -> LoadOptions:
    """The load: of the suite that the series is tested with, by default the first one that it has."""
    found = suite_with_stages(options.suite or named.series_suite)
    suite, usual = found.found_as, usual_load(found.found_as)
    if usual is None:
        raise UsageError(f"suite {found.name!r} has no loads: there is nothing to measure")
    words = (tuple(options.set), options.topology, options.lock, tuple(options.cost), options.config)
    return LoadOptions(suite, options.scenario or usual, *words)
