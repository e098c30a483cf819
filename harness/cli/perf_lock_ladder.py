"""The command `perf --scenario lock-ladder`, which needs no stage: locks against CPUs, beside the model."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from math import isnan

from harness.cli.exit_codes import GOOD, HarnessFault, UsageError
from harness.cli.load_options import pair, settings_of
from harness.cli.perf_request import OutputFiles, PerfRequest
from harness.cli.perf_results import check_files, json_text
from harness.cli.progress_line import Counter
from harness.cli.selection import file_errors
from harness.measure.ladder_curves import USUAL_TOPOLOGY, LadderCurves, measure_curves
from harness.measure.lock_ladder import LockLadder, Rung
from harness.measure.measure_cells import HarnessError
from harness.measure.settings import LOCKS, Settings
from harness.report.figure_cells import MISSING
from harness.report.files import write_atomically
from harness.report.fitted_text import fitted
from harness.report.tables import table
from harness.suite.parameters import ParameterError, with_texts


def ladder(request: PerfRequest) -> int:
    """Measure every flavour with each number of CPUs."""
    if request.stages or request.named.of_commits or request.sweep or request.profile or request.sensitivity:
        raise UsageError("lock-ladder has no stages, and nothing to sweep or profile")
    if request.runs.runs or request.runs.precision or request.runs.max_runs:
        raise UsageError("lock-ladder is one run per row: --runs, --precision and --max-runs are for scenarios with stages")
    check_files(request.files)
    settings = settings_of(request.load, USUAL_TOPOLOGY)
    try:
        parameters = with_texts(LockLadder(), [pair(text, "--set") for text in request.load.changes])
        curves = _measure(parameters, settings, request.runs.seed, request.runs.jobs)
    except ParameterError as error:
        raise UsageError(str(error)) from None
    except HarnessError as error:
        raise HarnessFault(str(error)) from None
    print(fitted(_table(curves, request.tablefmt), request.tablefmt), file=request.files.beside)
    _write(request.files, curves)
    return GOOD


def _measure(parameters: LockLadder, settings: Settings, seed: int, jobs: int) -> LadderCurves:
    progress = Counter("harness")
    try:
        return measure_curves(parameters, settings, seed, jobs, progress)
    finally:
        progress.clear()


def _rows(curves: LadderCurves) -> list[list[float]]:
    """The number of CPUs, and what every curve has there."""
    return [list(row) for row in zip(curves.parameters.cpus, *curves.throughputs.values(), strict=True)]


def _table(curves: LadderCurves, tablefmt: str) -> str:
    headers = ["CPUs", *curves.throughputs]
    throughput = [[f"{value:.0f}" for value in row] for row in _rows(curves)]
    handovers = [[cpus, *[_number(curves.rungs[lock, cpus].mean_handover) for lock in LOCKS]] for cpus in curves.parameters.cpus]
    return "\n".join(
        [
            "acquisitions per million cycles",
            table(throughput, headers, tablefmt, headers),
            "",
            "mean handover to a waiting CPU, cycles",
            table(handovers, ["CPUs", *LOCKS], tablefmt, ["CPUs", *LOCKS]),
        ]
    )


def _number(value: float) -> str:
    """A mean; that of nothing is no number."""
    return MISSING if isnan(value) else f"{value:.0f}"


def _write(files: OutputFiles, curves: LadderCurves) -> None:
    with file_errors():
        if files.json:
            write_atomically(files.json, json_text(_document(curves)))
        if files.csv:
            write_atomically(files.csv, _csv(["cpus", *curves.throughputs], _rows(curves)))
        if files.plot:
            from harness.report.plots import plot_ladder

            plot_ladder(files.plot, curves)


def _document(curves: LadderCurves) -> dict[str, object]:
    costs = curves.settings.table()
    rungs = [{"lock": lock, "cpus": cpus, **_plain(rung)} for (lock, cpus), rung in curves.rungs.items()]
    return {"parameters": asdict(curves.parameters), "machine": costs.machine(), "costs": costs.to_json(), "rungs": rungs}


def _csv(headers: Sequence[str], rows: Sequence[Sequence[float]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return text.getvalue()


def _plain(rung: Rung) -> dict[str, float | None]:
    return {name: None if isnan(value) else value for name, value in asdict(rung).items()}
