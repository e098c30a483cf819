"""How every plot looks, and what makes it the same bytes each time; needs matplotlib (the extra `plots`).

The colours can be told apart without colour vision, on white and on black: their luminances are between 0.13 and 0.30, which is a contrast
of 3 to 1 and more with either. No curve is told by its colour alone: each has a dash and a marker of its own. Where curves coincide, those
beneath are wider, and their markers larger and hollow, so that all of them are seen.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, TypeVar

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from harness.report.plot_text import INK

Key = TypeVar("Key")

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", INK)
Dash = str | tuple[int, tuple[float, ...]]
DASHES: tuple[Dash, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1.5, 1.5, 1.5)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
FAINT = 0.15

# In points: the curve on top, and how much wider each one beneath it is, up to the widest.
TOP_WIDTH, WIDER, WIDEST = 1.4, 1.0, 6.0
TOP_MARKER = 4.5

# Widths and heights in inches.
WIDTH = 8.5

SETTINGS: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "figure.titlesize": 11,
    "font.size": 9,
    "grid.alpha": FAINT,
    "grid.color": INK,
    "legend.fontsize": 8,
    "legend.frameon": False,
    # Where nothing else decides about them, identifiers in the SVG are hashes: of this.
    "svg.hashsalt": "harness",
    # Text stays text: small, searchable, and read aloud.
    "svg.fonttype": "none",
    # What people have called their patches is no formula.
    "text.parse_math": False,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


@dataclass(frozen=True)
class CurveLook:
    """How one of several curves is drawn; widths in points."""

    colour: str
    dash: Dash
    marker: str
    width: float
    size: float

    def options(self, drawn: bool = True, every: object = None) -> dict[str, Any]:
        """The same for matplotlib; without its markers if they are not to be `drawn`, otherwise at the points that `every` says."""
        return {
            "color": self.colour,
            "linestyle": self.dash,
            "linewidth": self.width,
            "marker": self.marker if drawn else "",
            "markersize": self.size,
            "markerfacecolor": "none",
            "markeredgewidth": TOP_WIDTH,
            "markevery": every,
        }


def looks(count: int) -> list[CurveLook]:
    """How to draw so many curves, in the order in which they are drawn: the last one lies on top of all."""
    step = min(WIDER, (WIDEST - TOP_WIDTH) / max(count - 1, 1))
    beneath = [step * (count - 1 - number) for number in range(count)]
    kinds = zip(_first(COLOURS, count), _first(DASHES, count), _first(MARKERS, count), strict=True)
    return [CurveLook(*kind, TOP_WIDTH + more, TOP_MARKER + 1.5 * more) for kind, more in zip(kinds, beneath, strict=True)]


def _first(kinds: Sequence[Key], count: int) -> Iterator[Key]:
    return islice(cycle(kinds), count)


@contextmanager
def drawing() -> Iterator[None]:
    """Draw, and save, with the settings of this module: what the user has configured for other plots does not count here.

    Nothing is said meanwhile: neither of a letter that no font has, nor of a cache of fonts that is made.
    """
    log = logging.getLogger("matplotlib")
    before, log.level = log.level, logging.ERROR
    try:
        with matplotlib.rc_context(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            matplotlib.rcdefaults()
            # (The names are literal types in some versions of matplotlib only.)
            settings: Any = matplotlib.rcParams
            settings.update(SETTINGS)
            yield
    finally:
        log.level = before


def new_figure(height: float, title: str = "") -> Figure:
    """A figure so many inches high; the title may have several lines."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    if title:
        figure.suptitle(title, x=0.01, ha="left")
    return figure


def add_legend(figure: Figure, curves: Sequence[tuple[Any, str]], remarks: Sequence[str] = ()) -> None:
    """Say below the areas which curve is which, and then what there is no curve of."""
    handles = [*[handle for handle, _ in curves], *[Line2D([], [], linestyle="") for _ in remarks]]
    labels = [*[label for _, label in curves], *remarks]
    if labels:
        figure.legend(handles, labels, loc="outside lower left", handlelength=4)


def logarithmic(axis: Any) -> None:
    """Have the ticks of an axis say 0.1, 1, 10 (other than as formulas, which are no plain text)."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_formatter(NullFormatter())


def legend_height(labels: Sequence[str]) -> float:
    """Inches that a legend with these labels takes."""
    return 0.2 + 0.18 * sum(label.count("\n") + 1 for label in labels)
