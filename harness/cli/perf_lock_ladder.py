"""The command `perf --scenario lock-ladder`, which needs no stage: locks against CPUs, beside the model."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from harness.cli.exit_codes import GOOD, HarnessFault, UsageError
from harness.cli.load_options import pair, settings_of
from harness.cli.perf_results import check_files
from harness.cli.progress import Counter
from harness.cli.selection import file_errors
from harness.measure.lock_ladder import Rung, handover_cost
from harness.measure.lock_model import birth_death
from harness.measure.measure_cells import HarnessError, LadderRun, measure_ladder
from harness.measure.settings import LOCKS, Settings
from harness.report.files import write_atomically
from harness.report.tables import MISSING, table
from harness.suite.parameters import ParameterError, with_texts
from harness.tasklets.loads.scenarios import LockLadder

# The second one with what the model leaves out of a handover: a release's store and an attempt's atomic add.
MODELS = ("model, ticket", "model, ticket, all transfers", "model, queue")
# The one that the model can be held against.
USUAL_TOPOLOGY = "uniform"


def ladder(options: argparse.Namespace) -> int:
    """Measure every flavour (or the one of --lock) with each number of CPUs."""
    if options.stages or options.sweep or options.profile or options.sensitivity:
        raise UsageError("lock-ladder has no stages, and nothing to sweep or profile")
    if options.runs or options.precision or options.max_runs:
        raise UsageError("lock-ladder is one run per row: --runs, --precision and --max-runs are for scenarios with stages")
    check_files(options)
    settings = settings_of(options, USUAL_TOPOLOGY)
    try:
        parameters = with_texts(LockLadder(), [pair(text, "--set") for text in options.set])
        found = _measure(parameters, settings, options)
    except ParameterError as error:
        raise UsageError(str(error)) from None
    except HarnessError as error:
        raise HarnessFault(str(error)) from None
    rows = [[cpus, *[found[lock, cpus].throughput for lock in LOCKS], *_models(parameters, settings, cpus)] for cpus in parameters.cpus]
    print(_table(rows, parameters, found, options.tablefmt))
    _write(options, parameters, settings, found, rows)
    return GOOD


# By flavour and number of CPUs.
Found = dict[tuple[str, int], Rung]


def _measure(parameters: LockLadder, settings: Settings, options: argparse.Namespace) -> Found:
    p = parameters
    runs = [
        LadderRun(cpus, p.between, p.critical, p.length, replace(settings, lock=lock), options.seed) for lock in LOCKS for cpus in p.cpus
    ]
    progress = Counter("harness")
    try:
        rungs = measure_ladder(runs, options.jobs, progress)
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
    # A mean of nothing is not equal to itself.
    return MISSING if value != value else f"{value:.0f}"


def _write(options: argparse.Namespace, parameters: LockLadder, settings: Settings, found: Found, rows: Sequence[Sequence[float]]) -> None:
    with file_errors():
        if options.json:
            rungs = [{"lock": lock, "cpus": cpus, **_plain(rung)} for (lock, cpus), rung in found.items()]
            table_ = settings.table()
            document = {"parameters": asdict(parameters), "machine": table_.machine(), "costs": table_.to_json(), "rungs": rungs}
            write_atomically(options.json, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        if options.csv:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(["cpus", *LOCKS, *MODELS][: len(rows[0])])
            writer.writerows(rows)
            write_atomically(options.csv, text.getvalue())
        if options.plot:
            from harness.report.plots import plot_ladder

            plot_ladder(
                options.plot, parameters.cpus, dict(zip([*LOCKS, *MODELS], list(zip(*rows, strict=True))[1:], strict=False)), MODELS
            )


def _plain(rung: Rung) -> dict[str, float | None]:
    return {name: None if value != value else value for name, value in asdict(rung).items()}
