"""How far a run has got as lines for a terminal: a bar for each stage that is being worked on, and one for everything.

This is imported by every command, and rich by those alone that show something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.jobs.standing import Share, Standing

if TYPE_CHECKING:
    from rich.table import Table

# No more stages than these have a bar: whoever has so many processes has a line for each of them otherwise.
MOST_STAGES = 8
WIDEST_BAR = 40
# What is narrower says nothing.
NARROWEST_BAR = 5
NARROWEST_NAME = 6
EVERYTHING = "in all"
# What progress is counted in: a clause for a kind on a stage, or one of its measurements.
JOBS = "jobs"


@dataclass(frozen=True)
class BarLine:
    """A line: whose it is, how much of it is done, and how fast that goes."""

    name: str
    done: int
    total: int
    note: str
    # What is counted, where that is said.
    unit: str = ""

    @property
    def count(self) -> str:
        """How much is done of how much."""
        return f"{self.done}/{self.total}{self.unit}"


def bar_lines(what: str, standing: Standing, without: str = "") -> list[BarLine]:
    """A line for each of the stages, if there are several, and one for everything; `what`: its name.

    `without` follows the time that everything takes, since something is not counted in that.
    """
    shares = list(standing.shares)[:MOST_STAGES]
    lines = [_line(share.name, share) for share in shares if share.total < standing.total - 1]
    return [*lines, replace(_line(what or EVERYTHING, standing, without), unit=f" {JOBS}")]


def _line(name: str, of: Share | Standing, without: str = "") -> BarLine:
    left = [] if of.seconds_left is None or of.done == of.total else [f"~{duration(of.seconds_left)} left{without}"]
    pace = [] if of.rate is None else [f"{of.rate:.0f}/s" if of.rate >= 1 else f"{duration(1 / of.rate)} each"]
    return BarLine(name, of.done, of.total, ", ".join([*pace, *left]))


def duration(seconds: float) -> str:
    """A time in one unit."""
    if seconds < 100:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min" if seconds < 6000 else f"{round(seconds / 3600)} h"


def as_table(lines: Sequence[BarLine], room: int) -> Table:
    """The lines in `room` columns: where there are too few, without bars."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    names, counts, notes = (max(map(len, texts)) for texts in zip(*((line.name, line.count, line.note) for line in lines), strict=True))
    width = min(room - names - counts - notes - 3, WIDEST_BAR)
    has_bars = width >= NARROWEST_BAR
    # What is cut is first the names, and then the notes.
    names = min(names, max(room - counts - notes - 2, NARROWEST_NAME))
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True, overflow="ellipsis", max_width=names)
    if has_bars:
        grid.add_column()
    grid.add_column(justify="right", no_wrap=True, min_width=counts)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    for line in lines:
        bars = [ProgressBar(line.total, line.done, width=width)] * has_bars
        grid.add_row(Text(line.name), *bars, Text(line.count), Text(line.note))
    return grid
