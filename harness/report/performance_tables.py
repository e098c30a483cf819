"""Tables of performance under various loads. Each function returns text without a final newline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.jobs.stage_loading import NO_SERIES, Target
from harness.measure.lock_ladder import LADDER, LADDER_SHOWS, LockLadder
from harness.measure.measure_cells import StageUnderLoad, place_of
from harness.measure.performance import Measured, Performance
from harness.measure.precision import Precision
from harness.report.figure_cells import MISSING, marked_text
from harness.report.tables import table
from harness.suite.load import Load
from harness.suite.parameters import describe
from stages.api import short_title


def stage_number(target: Target) -> str:
    """What the column "stage" has: the number, or a dash for a file."""
    return MISSING if target.series == NO_SERIES else str(target.index)


def cells_table(columns: Sequence[str], cells: Sequence[StageUnderLoad], found: Sequence[Measured], tablefmt: str) -> str:
    """A row per cell: what varies (named by `columns`), the stage, and the figures with their spread, but for those that nobody has.

    A `*` marks what differs from the row above beyond both spreads, where both are of the same load.
    """
    rows = dict.fromkeys(row for each in found if isinstance(each, Performance) for row in each.rows)
    figures = [row for row in rows if any(isinstance(each, Performance) and each.value(row) is not None for each in found)]
    lines = []
    for cell, now, above, before in zip(cells, found, [None, *cells], [None, *found], strict=False):
        same = above is not None and above.varied == cell.varied
        texts = [marked_text(figure, now, before if same else None) for figure in figures]
        lines.append([*cell.varied, stage_number(cell.target), short_title(cell.target.title), *texts])
    headers = [*columns, "stage", "patch"]
    return table(lines, [*headers, *[figure.title for figure in figures]], tablefmt, headers)


def precision_line(precision: Precision, columns: Sequence[str], cells: Sequence[StageUnderLoad], found: Sequence[Measured]) -> str:
    """How many runs there were, and which headline figures are not known as well as was asked for. The first stage of a load decides."""
    deciding = _deciding(cells, found)
    if not deciding:
        return "no stage could be measured"
    counts = sorted({len(each.seeds) for _, each in deciding.values()})
    runs = f"{counts[0]} to {counts[-1]} runs" if len(counts) > 1 else f"{counts[0]} runs"
    wide = {varied: (target, widths) for varied, (target, each) in deciding.items() if (widths := precision.wide(each))}
    lines = [runs + _how_well(precision, len(deciding), len(wide))]
    for varied, (target, widths) in wide.items():
        where = ", ".join([*(f"{name} {value}" for name, value in zip(columns, varied, strict=True)), target.label])
        lines.append(f"{where}: " + ", ".join(f"{row.headline} ±{width:.0f} %" for row, width in widths.items()))
    return "\n".join(lines)


def _deciding(cells: Sequence[StageUnderLoad], found: Sequence[Measured]) -> Mapping[tuple[str, ...], tuple[Target, Performance]]:
    """The first stage of each load that could be measured."""
    deciding: dict[tuple[str, ...], tuple[Target, Performance]] = {}
    for cell, each in zip(cells, found, strict=True):
        first = cell.varied not in deciding or place_of(cell.target) < place_of(deciding[cell.varied][0])
        if isinstance(each, Performance) and first:
            deciding[cell.varied] = (cell.target, each)
    return deciding


def _how_well(precision: Precision, loads: int, wide: int) -> str:
    """For how many loads the headline figures are known well enough."""
    goal = f"to ±{precision.percent} %"
    if loads > 1:
        rest = f", the others stopped at {precision.most}" if wide else ""
        return f": headline figures known {goal} for {loads - wide} of {loads} loads{rest}"
    return f", the most that were allowed: headline figures not known {goal}" if wide else f": headline figures known {goal}"


def loads_table(loads: Sequence[Load], tablefmt: str) -> str:
    """Every load with what it shows, then its parameters; the lock ladder, which needs no suite, at the end."""
    rows = [*[[load.name, load.shows, load.observed] for load in loads], [LADDER, LADDER_SHOWS, MISSING]]
    parts = [table(rows, ["scenario", "shows", "observed"], tablefmt)]
    kinds = {**{load.name: load.parameters for load in loads}, LADDER: LockLadder}
    parts += [f"{name}\n{table(list(describe(kind)), ['parameter', 'default', 'unit', 'why'], tablefmt)}" for name, kind in kinds.items()]
    return "\n\n".join(parts)


def profile_table(found: Performance, tablefmt: str) -> str:
    """The locks, in the order of the fields of Xen's lock profile: count and time held, count and time blocked; and the longest block."""
    us = found.configuration["mhz"]
    rows = [
        [
            lock["name"],
            lock["lock_count"],
            f"{lock['lock_time'] / us:.1f}",
            lock["block_count"],
            f"{lock['block_time'] / us:.1f}",
            f"{lock['max_block'] / us:.1f}",
        ]
        for lock in found.locks
    ]
    numbers = ["lock count", "lock time µs", "block count", "block time µs", "longest block µs"]
    return table(rows, ["lock", *numbers], tablefmt, numbers)


# How the headers of a table have them.
STATES = {"running": "RUNNING", "runnable": "RUNNABLE", "blocked": "BLOCKED"}


def runstates_table(found: Performance, tablefmt: str) -> str:
    """What each observed vCPU did with its time."""
    ms = found.configuration["mhz"] * 1000
    names = [name for name in (found.runstates[0] if found.runstates else ()) if name != "vcpu"]
    rows = [[each["vcpu"], *[f"{each[name] / ms:.3f}" for name in names]] for each in found.runstates]
    numbers = [f"{STATES.get(name, name)} ms" for name in names]
    return table(rows, ["vCPU", *numbers], tablefmt, numbers)
