"""Figures as cells of tables: a value, its spread, its unit, and a mark where it differs from the stage before."""

from __future__ import annotations

from harness.measure.performance import Performance
from harness.suite.figure import Figure

MISSING = "–"


def figure_text(figure: Figure, found: object, shown: int | None = None, spread: bool = True) -> str:
    """`10.1 ±1.5 %`, with `shown` digits after the point instead of the figure's usual ones; a dash if there is no such figure."""
    value = found.value(figure) if isinstance(found, Performance) else None
    if value is None or not isinstance(found, Performance):
        return MISSING
    return figure.text(value, found.spread_of(figure) if spread else None, shown)


def marked_text(figure: Figure, now: object, before: object, spread: bool = True) -> str:
    """The same with a `*` if the figure differs from that of `before` by more than both vary by themselves."""
    differs = isinstance(now, Performance) and isinstance(before, Performance) and now.differs(figure, before)
    return figure_text(figure, now, spread=spread) + " *" * differs
