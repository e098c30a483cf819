"""Plots of performance, as SVG or PNG; needs matplotlib (the extra `plots`). The same results give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan, nan
from typing import Any

from matplotlib.figure import Figure

from harness.measure.ladder_curves import LadderCurves
from harness.measure.measure_cells import StageUnderLoad
from harness.measure.measured_run import QUANTILES
from harness.measure.performance import Measured, Performance
from harness.report.files import write_atomically
from harness.report.plot_style import add_legend, drawing, legend_height, logarithmic, looks, new_figure
from harness.report.plot_text import INTERVALS, MOST_BANDS, alike, conditions, gaps, stage_name
from harness.sources.target import NO_SERIES, Target
from harness.suite.figure import Figure as FigureRow
from harness.suite.parameters import describe

# Without a date, so that the bytes depend on the results only.
METADATA: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "png": {"Software": None}}

# Inches.
AREA, HEAD = 2.4, 0.7
# How far apart the markers of a curve are, in shares of a distribution.
MARKED = 20
FAINT_BAND = 0.18


@dataclass(frozen=True)
class LatencyCurve:
    """A distribution: the times in µs at `QUANTILES`, and half the width of the interval of each; empty without any."""

    latencies: tuple[float, ...]
    spread: tuple[float, ...] = ()

    @property
    def off_scale(self) -> int:
        """At how many shares, from the lowest on, the time is not above zero, as suites may note it: a logarithmic axis cannot show it."""
        return sum(value <= 0 for value in self.latencies)


@dataclass(frozen=True)
class Point:
    """A value at a place on the axis of a load, and how much it varies; NaN if there is none."""

    place: int
    value: float
    spread: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[int, float | None, float]:
        return self.place, None if isnan(self.value) else self.value, self.spread


def plot(path: str, columns: Sequence[str], cells: Sequence[StageUnderLoad], results: Sequence[Measured]) -> None:
    """Draw figures against the last numeric column that varies; without one, the distribution of the latency to the run."""
    found = [cell for cell, result in zip(cells, results, strict=True) if isinstance(result, Performance)]
    numeric = [index for index in range(len(columns)) if all(cell.varied[index].isdigit() for cell in found)]
    with drawing():
        if found and numeric:
            _save(_against(columns, numeric[-1], cells, results), path)
        else:
            named = [(_name(columns, cell), result) for cell, result in zip(cells, results, strict=True)]
            _save(distribution_figure(named, f"From the request to the run\n{conditions(results)}; {INTERVALS}"), path)


def plot_ladder(path: str, curves: LadderCurves) -> None:
    """Draw throughput against CPUs, a line per lock and per model."""
    p, machine = curves.parameters, curves.settings.table().profile.name
    title = f"A lock alone on {machine}: {p.critical:,} cycles in the critical section, {p.between:,} between two acquisitions on average"
    with drawing():
        _save(ladder_figure(curves, f"{title}\none run of {p.length:,} cycles from each of two starts; bands: between the two"), path)


def _save(figure: Figure, path: str) -> None:
    kind, drawn = path.rpartition(".")[2].lower(), io.BytesIO()
    figure.savefig(drawn, format=kind, metadata=METADATA[kind])
    write_atomically(path, drawn.getvalue())


def target_name(target: Target) -> str:
    """What a plot calls a stage: by number and title, or by its file."""
    return target.label if target.series == NO_SERIES else stage_name(target.index, target.title)


def _name(columns: Sequence[str], cell: StageUnderLoad, without: str = "") -> str:
    varied = [f"{name} {value}" for name, value in zip(columns, cell.varied, strict=True) if name != without]
    return ", ".join([target_name(cell.target), *varied])


def _against(columns: Sequence[str], axis: int, cells: Sequence[StageUnderLoad], results: Sequence[Measured]) -> Figure:
    """The figures that have an axis against a load, each in an area of its own."""
    measured: dict[str, list[tuple[int, Measured]]] = {}
    for cell, found in zip(cells, results, strict=True):
        measured.setdefault(_name(columns, cell, columns[axis]), []).append((int(cell.varied[axis]), found))
    rows = dict.fromkeys(row for found in results if isinstance(found, Performance) for row in found.rows if row.axis)
    same = alike((name, tuple(tuple(_points(line, row)) for row in rows)) for name, line in measured.items())
    missing = gaps((f"{name} at {columns[axis]} {place}", found) for name, line in measured.items() for place, found in line)
    labels = [name for name, _ in same]
    figure = new_figure(HEAD + AREA * len(rows) + legend_height([*labels, *missing]), f"{conditions(results)}\n{INTERVALS}")
    areas = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
    by_row = zip(*[line for _, line in same], strict=True)
    drawn = [_draw_lines(area, row.axis, lines) for area, row, lines in zip(areas, rows, by_row, strict=True)]
    areas[-1].set_xlabel(_with_unit(columns[axis], cells[0]))
    add_legend(figure, list(zip(drawn[0], labels, strict=True)), missing)
    return figure


def _with_unit(column: str, cell: StageUnderLoad) -> str:
    units = [unit for name, _, unit, _ in describe(type(cell.workload.parameters)) if name == column]
    return ", ".join([column, *filter(None, units)])


def _points(line: Sequence[tuple[int, Measured]], row: FigureRow) -> list[Point]:
    """In the order of the axis; where nothing was measured the line is broken."""
    points = []
    for place, found in sorted(line, key=lambda each: each[0]):
        value = found.value(row) if isinstance(found, Performance) else None
        points.append(Point(place, nan if value is None else value, found.spread_of(row) if isinstance(found, Performance) else 0.0))
    return points


def _draw_lines(area: Any, label: str, lines: Sequence[Sequence[Point]]) -> list[Any]:
    """Draw lines with error bars; return what a legend shows of them."""
    drawn = []
    for look, line in zip(looks(len(lines)), lines, strict=True):
        x, y, spread = ([getattr(point, name) for point in line] for name in ("place", "value", "spread"))
        drawn.append(area.errorbar(x, y, spread, capsize=2 + look.width, elinewidth=0.8, **look.options()))
    area.set_ylabel(label)
    area.grid(visible=True)
    return drawn


def distribution_figure(named: Sequence[tuple[str, object]], title: str = "") -> Figure:
    """Which share of the runs began within a time after they were asked for: a curve for each name, one for the same ones."""
    results = [found for _, found in named if isinstance(found, Performance)]
    curves = latency_curves(named)
    idle = [name for name, found in named if isinstance(found, Performance) and not found.latencies]
    missing = [*gaps(named), *[f"{name}: no run was asked for" for name in idle]]
    labels = [name for name, _ in curves]
    figure = new_figure(3.6 + HEAD * bool(title) + legend_height([*labels, *missing]), title)
    area = figure.subplots()
    drawn = [_draw_distribution(area, curve, number, len(curves)) for number, (_, curve) in enumerate(curves)]
    area.set_xscale("log")
    logarithmic(area.xaxis)
    area.set_ylim(-2, 102)
    area.set_xlabel("from the request to the run, µs (logarithmic)")
    area.set_ylabel(f"{results[0].work if results else 'function'} runs that began by then, %")
    area.grid(visible=True)
    add_legend(figure, list(zip(drawn, labels, strict=True)), missing)
    return figure


def latency_curves(named: Sequence[tuple[str, object]]) -> list[tuple[str, LatencyCurve]]:
    """What there is to draw of each; curves that are the same, once."""
    found = [(name, each) for name, each in named if isinstance(each, Performance) and each.latencies]
    return alike((name, LatencyCurve(each.latencies, each.latency_spread)) for name, each in found)


def _draw_distribution(area: Any, curve: LatencyCurve, number: int, of: int) -> Any:
    look, first = looks(of)[number], curve.off_scale
    times, shares = curve.latencies[first:], QUANTILES[first:]
    # The markers of curves that nearly coincide are at different heights.
    start = number * MARKED // of
    (line,) = area.step(times, shares, where="post", **look.options(every=slice(start, None, MARKED)))
    if curve.spread and of <= MOST_BANDS:
        pairs = list(zip(times, curve.spread[first:], strict=True))
        lowest = min(times)
        low, high = [max(time - spread, lowest) for time, spread in pairs], [time + spread for time, spread in pairs]
        area.fill_betweenx(shares, low, high, color=look.colour, alpha=FAINT_BAND, linewidth=0)
    return line


def ladder_figure(curves: LadderCurves, title: str = "") -> Figure:
    """Throughput against CPUs: flavours with markers, and with a band between the two starts of a run; models without."""
    lines: Mapping[str, Sequence[float]] = curves.throughputs
    same = alike((name, tuple(values)) for name, values in lines.items())
    figure = new_figure(4.0 + HEAD * bool(title) + legend_height([name for name, _ in same]), title)
    area = figure.subplots()
    cpus, drawn = curves.parameters.cpus, []
    draw = partial(area.plot, cpus)
    for look, (name, values) in zip(looks(len(same)), same, strict=True):
        first = name.split("\n")[0]
        drawn += draw(values, **look.options(drawn=first not in curves.models))
        if first not in curves.models:
            rungs = curves.rungs_of(first)
            area.fill_between(cpus, [r.from_idle for r in rungs], [r.from_crowd for r in rungs], color=look.colour, alpha=FAINT_BAND)
    area.set_xlabel("CPUs")
    area.set_ylabel("acquisitions per million cycles")
    area.grid(visible=True)
    add_legend(figure, list(zip(drawn, [name for name, _ in same], strict=True)))
    return figure
