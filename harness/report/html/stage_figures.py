"""Figures of performance against stages: a row for each stage, with a point, its interval and its value in words. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from harness.measure.figures import PER_CENT
from harness.measure.performance import Performance
from harness.report.plot_style import COLOURS, logarithmic, new_figure
from harness.suite.figure import Figure as FigureRow

# Inches.
ROW, AROUND = 0.36, 0.75
# Values that differ by more than this factor are on a logarithmic axis, but for shares, of which there is a whole.
FAR = 30
# What an axis has beyond its values.
MARGIN = 0.12
# Points, of what is written.
SMALL = 7.5
# What stands where there is no point.
NO_RUN, NO_VALUE = "not measured", "no value: nothing of the kind happened"


def stage_figure(rows: Sequence[FigureRow], named: Sequence[tuple[str, object]]) -> Figure:
    """Draw each figure in an area of its own, the stages from top to bottom, so that no stage hides another one."""
    figure = new_figure(ROW * len(named) + AROUND)
    areas = figure.subplots(1, len(rows), sharey=True, squeeze=False)[0]
    results = [found for _, found in named]
    for area, row in zip(areas, rows, strict=True):
        _draw(area, row, results)
    areas[0].set_yticks(range(len(named)), [name for name, _ in named])
    areas[0].set_ylim(len(named) - 0.5, -0.7)
    return figure


def _draw(area: Any, row: FigureRow, results: Sequence[object]) -> None:
    """One figure of all stages."""
    points: list[tuple[int, float, float]] = []
    for place, found in enumerate(results):
        value = found.value(row) if isinstance(found, Performance) else None
        if isinstance(found, Performance) and value is not None:
            points.append((place, value, found.spread_of(row)))
        else:
            _write(area, 0.02, place, NO_VALUE if isinstance(found, Performance) else NO_RUN, across=True)
    wide = _scale(area, row, points)
    for place, value, spread in points:
        area.errorbar(value, place, xerr=spread, color=COLOURS[0], marker="o", markersize=5, capsize=4, elinewidth=1.5)
        _write(area, value, place, row.text(value, spread), right=value > wide)
    area.grid(visible=True)


def _scale(area: Any, row: FigureRow, points: Sequence[tuple[int, float, float]]) -> float:
    """Choose the axis; return the value from which on there is no room for words on the right."""
    title = f"{row.title}, {row.unit}" if row.unit else row.title
    least = min((value for _, value, _ in points), default=0.0)
    most = max((value + spread for _, value, spread in points), default=0.0) or 1.0
    if row.unit != PER_CENT and most > FAR * least > 0:
        area.set_xscale("log")
        logarithmic(area.xaxis)
        area.set_xlim(least / 2, most * 2)
        area.set_xlabel(f"{title} (logarithmic)")
        return float((least * most) ** 0.5)
    area.set_xlim(min(0.0, least) - most * MARGIN / 3, most * (1 + MARGIN))
    area.set_xlabel(title)
    if row.threshold is not None and row.threshold < most:
        area.axvline(row.threshold, color=COLOURS[1], linestyle="--", linewidth=1)
    return most / 2


def _write(area: Any, value: float, place: int, text: str, right: bool = False, across: bool = False) -> None:
    """Write above a point and beside it; or, `across`, in the row, from a share of the area's width on. The layout need not know."""
    note = area.annotate(
        text,
        (value, place),
        xycoords=area.get_yaxis_transform() if across else "data",
        xytext=(0, 0) if across else (-4 if right else 4, 4),
        textcoords="offset points",
        ha="right" if right else "left",
        va="center" if across else "bottom",
        fontsize=SMALL,
    )
    note.set_in_layout(False)
