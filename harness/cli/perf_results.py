"""Measures lists of cells for the command `perf`, and keeps what came out for tables and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from typing import Any

from harness.cli.exit_codes import HarnessFault, UsageError
from harness.cli.perf_request import OutputFiles, PerfRequest, RunOptions
from harness.cli.perfetto_option import OPTION, require_perfetto
from harness.cli.progress_line import Counter
from harness.cli.selection import file_errors
from harness.jobs.remembering import KnownOutcomes
from harness.measure.figures import figures_of
from harness.measure.loads_of_suite import loads_named
from harness.measure.measure_cells import HarnessError, StageUnderLoad, measure_cells
from harness.measure.performance import Measured, Performance
from harness.measure.precision import FIRST, USUAL_MOST, Precision
from harness.report.files import require_distinct, require_writable, write_atomically
from harness.report.performance_tables import cells_table, precision_line
from harness.sources.target import NO_SERIES, Target
from harness.suite.parameters import ParameterError

# Of the JSON file, docs/performance-json.md.
SCHEMA = 1


@dataclass
class PerfResults:
    """Cells and their results; `columns` names what varies; `text` is what is printed; `extra` goes into the JSON file."""

    columns: Sequence[str]
    cells: Sequence[StageUnderLoad]
    results: list[Measured]
    precision: Precision | None = None
    text: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def table(self, tablefmt: str) -> str:
        """All figures: a row per cell, in groups of equal loads; a `*` marks what differs from the stage above."""
        return cells_table(self.columns, self.cells, self.results, tablefmt)

    def footer(self) -> list[str]:
        """How many runs there were, and how well the headline figures are known, if that decided it."""
        return [] if self.precision is None else [precision_line(self.precision, self.columns, self.cells, self.results)]


class CellMeasurer:
    """The stages and seeds of a command, and the processes to measure with; `usual` is the precision if the request asks for nothing."""

    def __init__(
        self, targets: Sequence[Target], request: PerfRequest, usual: int | None = None, cache: KnownOutcomes | None = None
    ) -> None:
        self.targets = targets
        self.cache = cache
        runs = request.runs
        first = runs.runs or FIRST
        self.seeds = range(runs.seed, runs.seed + first)
        self.jobs = runs.jobs
        # What to measure on for, if anything is.
        self.precision = precision_of(runs, first, usual)
        check_files(request.files)

    def stage(self, index: int) -> Target:
        """The stage of the series with this number; an error if it is not among those to measure."""
        for target in self.targets:
            if target.index == index and target.series != NO_SERIES:
                return target
        raise UsageError(f"stage {index} is needed for this: name it, or no stage at all")

    def measure(self, cells: Sequence[StageUnderLoad], columns: Sequence[str] = (), precisely: bool = True) -> PerfResults:
        """Measure every cell; only with the runs to begin with, if not `precisely`."""
        progress = Counter("harness")
        try:
            precision = self.precision if precisely else None
            results = measure_cells(cells, self.seeds, self.jobs, progress, precision, self.cache)
            return PerfResults(columns, cells, results, precision)
        except ParameterError as error:
            raise UsageError(str(error)) from None
        except HarnessError as error:
            raise HarnessFault(str(error)) from None
        finally:
            progress.clear()


def precision_of(options: RunOptions, first: int, usual: int | None) -> Precision | None:
    """What to measure on for: as the options say, `usual` if they give neither that nor the number of runs, or for nothing."""
    percent = options.precision or (None if options.runs else usual)
    if percent is None:
        if options.max_runs:
            raise UsageError("--max-runs goes with --precision")
        return None
    most = options.max_runs or max(first, USUAL_MOST)
    if most < first:
        raise UsageError(f"--max-runs {most} is less than the {first} runs to begin with (--runs)")
    return Precision(percent, most)


def check_files(files: OutputFiles) -> None:
    """See before the work that the files can be written, and that there is something to draw with."""
    if files.plot:
        if files.plot.rpartition(".")[2].lower() not in ("svg", "png"):
            raise UsageError(f"{files.plot}: a plot is an .svg or a .png file")
        if find_spec("matplotlib") is None:
            raise UsageError("--plot needs matplotlib: install the extra `plots`")
    require_perfetto(files.perfetto)
    with file_errors():
        require_distinct({"--json": files.json, "--csv": files.csv, "--plot": files.plot, OPTION: files.perfetto})
        for path in (files.json, files.csv, files.plot):
            if path is not None:
                require_writable(path)


def write_files(files: OutputFiles, suite: str, found: PerfResults) -> None:
    """Write what was asked for."""
    with file_errors():
        if files.json:
            write_atomically(files.json, json_text(_document(found)))
        if files.csv:
            write_atomically(files.csv, _csv(suite, found))
        if files.plot:
            from harness.report.plots import plot

            plot(files.plot, found.columns, found.cells, found.results)


def json_text(document: dict[str, Any]) -> str:
    """A JSON file of this command."""
    return json.dumps({"schema": SCHEMA, **document}, indent=2, ensure_ascii=False) + "\n"


def _document(found: PerfResults) -> dict[str, Any]:
    precision = {"precision": asdict(found.precision)} if found.precision else {}
    cells = [_cell(found.columns, cell, result) for cell, result in zip(found.cells, found.results, strict=True)]
    return {**found.extra, **precision, "cells": cells}


def _cell(columns: Sequence[str], cell: StageUnderLoad, result: Measured) -> dict[str, Any]:
    """One of the list `cells`; a file has no number, but a path."""
    target = cell.target
    stage = {"stage": None, "file": target.path} if target.series == NO_SERIES else {"stage": target.index}
    commit = {"commit": target.commit} if target.commit else {}
    varied = {"varied": dict(zip(columns, cell.varied, strict=True))} if cell.varied else {}
    runstates = {"runstates": list(result.runstates)} if isinstance(result, Performance) else {}
    return {**stage, "title": target.title, **commit, **varied, "performance": {**result.to_json(), **runstates}}


def _csv(suite: str, found: PerfResults) -> str:
    """A row per cell; the columns are those of all loads of the suite, so that files can be put together."""
    figures = figures_of(loads_named(suite).values())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*found.columns, "stage", *[part for figure in figures for part in (figure.name, f"{figure.name}_spread")]])
    for cell, result in zip(found.cells, found.results, strict=True):
        stage = cell.target.path if cell.target.series == NO_SERIES else cell.target.index
        values: list[float | None] = []
        if isinstance(result, Performance):
            values = [part for figure in figures for part in (result.value(figure), result.spread.get(figure.name))]
        writer.writerow([*cell.varied, stage, *values])
    return text.getvalue()
