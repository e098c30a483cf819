"""The command `perf --scenario lock-ladder`, which needs no stage: locks against CPUs, beside the model."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, replace
from math import isnan

from harness.cli.exit_codes import GOOD, HarnessFault, UsageError
from harness.cli.load_options import pair, settings_of
from harness.cli.perf_request import OutputFiles, PerfRequest
from harness.cli.perf_results import check_files, json_text
from harness.cli.progress_line import Counter
from harness.cli.selection import file_errors
from harness.measure.lock_ladder import LockLadder, Rung, handover_cost
from harness.measure.lock_model import birth_death
from harness.measure.measure_cells import HarnessError, LadderRun, measure_ladder
from harness.measure.settings import LOCKS, Settings
from harness.report.figure_cells import MISSING
from harness.report.files import write_atomically
from harness.report.fitted_text import fitted
from harness.report.tables import table
from harness.suite.parameters import ParameterError, with_texts

# The second one with what the model leaves out of a handover: a release's store and an attempt's atomic add.
MODELS = ("model, ticket", "model, ticket, all transfers", "model, queue")
# The one that the model can be held against.
USUAL_TOPOLOGY = "uniform"


def ladder(request: PerfRequest) -> int:
    """Measure every flavour with each number of CPUs."""
    if request.stages or request.sweep or request.profile or request.sensitivity:
        raise UsageError("lock-ladder has no stages, and nothing to sweep or profile")
    if request.runs.runs or request.runs.precision or request.runs.max_runs:
        raise UsageError("lock-ladder is one run per row: --runs, --precision and --max-runs are for scenarios with stages")
    check_files(request.files)
    settings = settings_of(request.load, USUAL_TOPOLOGY)
    try:
        parameters = with_texts(LockLadder(), [pair(text, "--set") for text in request.load.changes])
        found = _measure(parameters, settings, request.runs.seed, request.runs.jobs)
    except ParameterError as error:
        raise UsageError(str(error)) from None
    except HarnessError as error:
        raise HarnessFault(str(error)) from None
    rows = [[cpus, *[found[lock, cpus].throughput for lock in LOCKS], *_models(parameters, settings, cpus)] for cpus in parameters.cpus]
    print(fitted(_table(rows, parameters, found, request.tablefmt), request.tablefmt), file=request.files.beside)
    _write(request.files, parameters, settings, found, rows)
    return GOOD


# By flavour and number of CPUs.
Found = dict[tuple[str, int], Rung]


def _measure(parameters: LockLadder, settings: Settings, seed: int, jobs: int) -> Found:
    p = parameters
    runs = [LadderRun(cpus, p.between, p.critical, p.length, replace(settings, lock=lock), seed) for lock in LOCKS for cpus in p.cpus]
    progress = Counter("harness")
    try:
        rungs = measure_ladder(runs, jobs, progress)
    finally:
        progress.clear()
    return {(run.settings.lock, run.cpus): rung for run, rung in zip(runs, rungs, strict=True)}


def _models(parameters: LockLadder, settings: Settings, cpus: int) -> list[float]:
    """What the model says, which knows one distance only."""
    caches = settings.table().caches()
    if len(caches.costs.store_shared) > 1:
        return []
    cost = handover_cost(caches)
    other = caches.costs.store_shared[0] + caches.costs.atomic_modified[0]
    shape = (cpus, parameters.between, parameters.critical, cost)
    return [birth_death(*shape), birth_death(*shape, other=other), birth_death(*shape, constant=True)]


def _table(rows: Sequence[Sequence[float]], parameters: LockLadder, found: Found, tablefmt: str) -> str:
    headers = ["CPUs", *LOCKS, *MODELS][: len(rows[0])]
    throughput = [[f"{value:.0f}" for value in row] for row in rows]
    handovers = [[cpus, *[_number(found[lock, cpus].mean_handover) for lock in LOCKS]] for cpus in parameters.cpus]
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


def _write(files: OutputFiles, parameters: LockLadder, settings: Settings, found: Found, rows: Sequence[Sequence[float]]) -> None:
    names = [*LOCKS, *MODELS][: len(rows[0]) - 1]
    with file_errors():
        if files.json:
            write_atomically(files.json, json_text(_document(parameters, settings, found)))
        if files.csv:
            write_atomically(files.csv, _csv(["cpus", *names], rows))
        if files.plot:
            from harness.report.plots import plot_ladder

            lines = {name: [row[column] for row in rows] for column, name in enumerate(names, start=1)}
            plot_ladder(files.plot, parameters.cpus, lines, MODELS)


def _document(parameters: LockLadder, settings: Settings, found: Found) -> dict[str, object]:
    costs = settings.table()
    rungs = [{"lock": lock, "cpus": cpus, **_plain(rung)} for (lock, cpus), rung in found.items()]
    return {"parameters": asdict(parameters), "machine": costs.machine(), "costs": costs.to_json(), "rungs": rungs}


def _csv(headers: Sequence[str], rows: Sequence[Sequence[float]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return text.getvalue()


def _plain(rung: Rung) -> dict[str, float | None]:
    return {name: None if isnan(value) else value for name, value in asdict(rung).items()}
