"""Measures lists of cells for the command `perf`, and keeps what came out for tables and files."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from typing import Any

from harness.cli.exit_codes import HarnessFault, UsageError
from harness.cli.progress import Counter
from harness.cli.selection import file_errors
from harness.measure.measure_cells import Cell, HarnessError, measure_cells
from harness.measure.precision import FIRST, USUAL_MOST, Precision
from harness.measure.summary import FIGURES, Load
from harness.report import performance_tables as loads
from harness.report.files import require_writable, write_atomically
from harness.sources.target import Target
from harness.suite.parameters import ParameterError
from stages.api import short_title

# What to measure: values for the columns that vary, a stage, a load.
Row = tuple[tuple[str, ...], Target, Load]


@dataclass
class Findings:
    """Cells and their results; `columns` names the values that vary; `text` is what is printed; `extra` goes into the JSON file."""

    columns: Sequence[str]
    rows: Sequence[Row]
    cells: list[Cell]
    results: list[loads.Measured]
    precision: Precision | None = None
    text: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def table(self, tablefmt: str) -> str:
        """All figures: a row per cell, in groups of equal loads; a `*` marks what differs from the stage above."""
        headers = [*self.columns, "stage", "patch"]
        rows = [(*values, target.index, short_title(target.title)) for values, target, _ in self.rows]
        return loads.figures_table(headers, rows, self.results, tablefmt, same=len(self.columns))

    def footer(self) -> list[str]:
        """How many runs there were, and how well the headline figures are known, if that decided it."""
        return [] if self.precision is None else [loads.precision_line(self.precision, self.columns, self.rows, self.results)]


class Bench:
    """The stages and seeds of a command, and the processes to measure with; `usual` is the precision if the options ask for nothing."""

    def __init__(self, targets: Sequence[Target], options: argparse.Namespace, usual: int | None = None) -> None:
        self.targets = targets
        first = options.runs or FIRST
        self.seeds = range(options.seed, options.seed + first)
        self.jobs: int = options.jobs
        # What to measure on for, if anything is.
        self.precision = precision_of(options, first, usual)
        check_files(options)

    def stage(self, index: int) -> Target:
        """The stage with this number; an error if it is not among those to measure."""
        for target in self.targets:
            if target.index == index:
                return target
        raise UsageError(f"stage {index} is needed for this: name it, or no stage at all")

    def measure(self, rows: Sequence[Row], columns: Sequence[str] = (), precisely: bool = True) -> Findings:
        """Measure every row; only with the runs to begin with, if not `precisely`."""
        cells = [Cell(target, load) for _, target, load in rows]
        progress = Counter("harness")
        try:
            precision = self.precision if precisely else None
            return Findings(columns, rows, cells, measure_cells(cells, self.seeds, self.jobs, progress, precision), precision)
        except ParameterError as error:
            raise UsageError(str(error)) from None
        except HarnessError as error:
            raise HarnessFault(str(error)) from None
        finally:
            progress.clear()


def precision_of(options: argparse.Namespace, first: int, usual: int | None) -> Precision | None:
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


def check_files(options: argparse.Namespace) -> None:
    """See before the work that the files can be written, and that there is something to draw with."""
    if options.plot:
        if options.plot.rpartition(".")[2].lower() not in ("svg", "png"):
            raise UsageError(f"{options.plot}: a plot is an .svg or a .png file")
        if find_spec("matplotlib") is None:
            raise UsageError("--plot needs matplotlib: install the extra `plots`")
    with file_errors():
        for path in (options.json, options.csv, options.plot):
            if path is not None:
                require_writable(path)


def write_files(options: argparse.Namespace, found: Findings) -> None:
    """Write what was asked for."""
    with file_errors():
        if options.json:
            write_atomically(options.json, json.dumps(_document(found), indent=2, ensure_ascii=False) + "\n")
        if options.csv:
            write_atomically(options.csv, _csv(found))
    if options.plot:
        _plot(options.plot, found)


def _plot(path: str, found: Findings) -> None:
    from harness.report.plots import plot

    rows = [(values, target.index, result) for (values, target, _), result in zip(found.rows, found.results, strict=True)]
    with file_errors():
        plot(path, found.columns, rows)


def _document(found: Findings) -> dict[str, Any]:
    precision = {"precision": asdict(found.precision)} if found.precision else {}
    return {
        **found.extra,
        **precision,
        "cells": [
            {
                "stage": target.index,
                "title": target.title,
                **({"varied": dict(zip(found.columns, values, strict=True))} if values else {}),
                "performance": {"error": result} if isinstance(result, str) else {**result.to_json(), "runstates": list(result.runstates)},
            }
            for (values, target, _), result in zip(found.rows, found.results, strict=True)
        ],
    }


def _csv(found: Findings) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*found.columns, "stage", *[part for name in FIGURES for part in (name, f"{name}_spread")]])
    for (values, target, _), result in zip(found.rows, found.results, strict=True):
        figures = [] if isinstance(result, str) else [part for name in FIGURES for part in (result.figures[name], result.spread[name])]
        writer.writerow([*values, target.index, *figures])
    return text.getvalue()
