"""Plots of performance, as SVG or PNG; needs matplotlib (the extra `plots`). The same results give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "harness"

from matplotlib.figure import Figure  # noqa: E402

from harness.measure.measure_cells import StageUnderLoad  # noqa: E402
from harness.measure.measured_run import QUANTILES  # noqa: E402
from harness.measure.performance import Measured, Performance  # noqa: E402
from harness.report.files import CannotWrite  # noqa: E402

# Without a date, so that the bytes depend on the results only.
METADATA: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "png": {"Software": None}}


# A cell that could be measured.
Point = tuple[StageUnderLoad, Performance]


def plot(path: str, columns: Sequence[str], cells: Sequence[StageUnderLoad], results: Sequence[Measured]) -> None:
    """Draw figures against the last numeric column that varies; without one, the distribution of the latency to the run."""
    points = [(cell, found) for cell, found in zip(cells, results, strict=True) if isinstance(found, Performance)]
    numeric = [index for index in range(len(columns)) if all(cell.varied[index].isdigit() for cell, _ in points)]
    _save(_against(columns, numeric[-1], points) if points and numeric else _distribution(columns, points), path)


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


def _label(columns: Sequence[str], cell: StageUnderLoad, without: str = "") -> str:
    varied = [f"{name} {value}" for name, value in zip(columns, cell.varied, strict=True) if name != without]
    return ", ".join([cell.target.label, *varied])


def _against(columns: Sequence[str], axis: int, points: Sequence[Point]) -> Figure:
    figure = Figure(figsize=(8, 10), layout="constrained")
    lines: dict[str, list[tuple[int, Performance]]] = {}
    for cell, found in points:
        lines.setdefault(_label(columns, cell, columns[axis]), []).append((int(cell.varied[axis]), found))
    # The figures drawn against a load, each in an area of its own.
    drawn = [row for row in dict.fromkeys(row for _, found in points for row in found.rows) if row.axis]
    areas = figure.subplots(len(drawn), 1, sharex=True, squeeze=False)[:, 0]
    for area, row in zip(areas, drawn, strict=True):
        for label, line in lines.items():
            shown = sorted((x, value, found.spread_of(row)) for x, found in line if (value := found.value(row)) is not None)
            area.errorbar([x for x, _, _ in shown], [y for _, y, _ in shown], [e for _, _, e in shown], label=label, capsize=2)
        area.set_ylabel(row.axis)
        area.grid(visible=True, alpha=0.3)
    areas[-1].set_xlabel(columns[axis])
    areas[0].legend(fontsize="small")
    return figure


def _distribution(columns: Sequence[str], points: Sequence[Point]) -> Figure:
    figure = Figure(figsize=(8, 5), layout="constrained")
    area = figure.subplots()
    for cell, found in points:
        if found.latencies:
            area.step(found.latencies, QUANTILES, where="post", label=_label(columns, cell))
    area.set_xscale("log")
    area.set_xlabel("schedule to run, µs")
    area.set_ylabel(f"{points[0][1].work if points else 'function'} runs, %")
    area.grid(visible=True, alpha=0.3)
    area.legend(fontsize="small")
    return figure
