"""Plots of performance, as SVG or PNG; needs matplotlib (the extra `plots`). The same results give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "harness"

from matplotlib.figure import Figure  # noqa: E402

from harness.measure.measured_run import QUANTILES  # noqa: E402
from harness.measure.summary import Performance  # noqa: E402
from harness.report.files import CannotWrite  # noqa: E402

Row = tuple[tuple[str, ...], int, Performance | str]

# The figures drawn against a load, each in an area of its own.
AGAINST_LOAD = {
    "idle_overhead_pct": "overhead, %",
    "run_p99_us": "schedule to run, p99, µs",
    "tasklets_per_s": "tasklets per second",
}
# Without a date, so that the bytes depend on the results only.
METADATA: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "png": {"Software": None}}


def plot(path: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Draw figures against the last numeric column that varies; without one, the distribution of the latency from schedule to run."""
    measured = [(values, stage, found) for values, stage, found in rows if isinstance(found, Performance)]
    numeric = [index for index in range(len(columns)) if all(values[index].isdigit() for values, _, _ in measured)]
    _save(_against(columns, numeric[-1], measured) if numeric else _distribution(columns, measured), path)


def plot_ladder(path: str, cpus: Sequence[int], lines: Mapping[str, Sequence[float]], dashed: Sequence[str]) -> None:
    """Draw throughput against CPUs, a line per lock, those of the models dashed."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    area = figure.subplots()
    for name, values in lines.items():
        area.plot(cpus, values, label=name, linestyle="--" if name in dashed else "-", marker="" if name in dashed else "o")
    area.set_xlabel("CPUs")
    area.set_ylabel("acquisitions per million cycles")
    area.grid(visible=True, alpha=0.3)
    area.legend(fontsize="small")
    _save(figure, path)


def _save(figure: Figure, path: str) -> None:
    kind = path.rpartition(".")[2].lower()
    try:
        figure.savefig(path, metadata=METADATA[kind])
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror}") from None


def _label(columns: Sequence[str], values: Sequence[str], stage: int) -> str:
    return ", ".join([f"stage {stage}", *[f"{name} {value}" for name, value in zip(columns, values, strict=True)]])


def _against(columns: Sequence[str], axis: int, rows: Sequence[tuple[tuple[str, ...], int, Performance]]) -> Figure:
    figure = Figure(figsize=(8, 10), layout="constrained")
    lines: dict[str, list[tuple[int, Performance]]] = {}
    for values, stage, found in rows:
        label = _label([*columns[:axis], *columns[axis + 1 :]], [*values[:axis], *values[axis + 1 :]], stage)
        lines.setdefault(label, []).append((int(values[axis]), found))
    areas = figure.subplots(len(AGAINST_LOAD), 1, sharex=True)
    for area, (name, title) in zip(areas, AGAINST_LOAD.items(), strict=True):
        for label, points in lines.items():
            shown = sorted((x, found.figures[name], found.spread[name]) for x, found in points if found.figures[name] is not None)
            area.errorbar([x for x, _, _ in shown], [y for _, y, _ in shown], [e or 0 for _, _, e in shown], label=label, capsize=2)
        area.set_ylabel(title)
        area.grid(visible=True, alpha=0.3)
    areas[-1].set_xlabel(columns[axis])
    areas[0].legend(fontsize="small")
    return figure


def _distribution(columns: Sequence[str], rows: Sequence[tuple[tuple[str, ...], int, Performance]]) -> Figure:
    figure = Figure(figsize=(8, 5), layout="constrained")
    area = figure.subplots()
    for values, stage, found in rows:
        if found.latencies:
            area.step(found.latencies, QUANTILES, where="post", label=_label(columns, values, stage))
    area.set_xscale("log")
    area.set_xlabel("schedule to run, µs")
    area.set_ylabel("tasklet runs, %")
    area.grid(visible=True, alpha=0.3)
    area.legend(fontsize="small")
    return figure
