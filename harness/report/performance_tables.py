"""Tables of performance under various loads. Each function returns text without a final newline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.measure.precision import HEADLINES, Precision
from harness.measure.summary import Performance
from harness.report.tables import METRICS, MISSING, Metric, table
from harness.sources.target import Target
from harness.suite.parameters import describe
from harness.tasklets.loads.scenarios import LADDER, LADDER_SHOWS, SCENARIOS, LockLadder

COLUMNS = (
    *METRICS[:-1],
    Metric("run p50", ("run_latency_us", "p50"), "{:.1f} µs", in_run=False),
    Metric("run p99", ("run_latency_us", "p99"), "{:.1f} µs", in_run=False),
    Metric("run max", ("run_latency_us", "max"), "{:.0f} µs", in_run=False),
    METRICS[-1],
)

Measured = Performance | str
Rows = Sequence[tuple[tuple[str, ...], Target, Any]]


def figures_table(headers: Sequence[str], rows: Sequence[Sequence[Any]], found: Sequence[Measured], tablefmt: str, same: int = 0) -> str:
    """A row per result, with its figures and their spread; columns that say nothing are left out.

    A `*` marks what differs from the row above beyond both spreads, where the first `same` values of both rows are equal.
    """
    shown = [each.to_json() if isinstance(each, Performance) else {} for each in found]
    columns = [metric for metric in COLUMNS if any(metric.of(each) is not None for each in shown)]
    lines = []
    for number, (row, now) in enumerate(zip(rows, shown, strict=True)):
        follows = number > 0 and list(row[:same]) == list(rows[number - 1][:same])
        before: Mapping[str, Any] = shown[number - 1] if follows else {}
        lines.append([*row, *[_figure(metric, now, before) for metric in columns]])
    return table(lines, [*headers, *[metric.column for metric in columns]], tablefmt, headers)


def _figure(metric: Metric, now: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    value = metric.of(now)
    if value is None:
        return MISSING
    number, space, unit = metric.form.format(value).partition(" ")
    spread = metric.form.format(metric.spread(now)).partition(" ")[0]
    return f"{number} ±{spread}{space}{unit}{' *' if metric.differs(now, before) else ''}"


def precision_line(precision: Precision, columns: Sequence[str], rows: Rows, found: Sequence[Measured]) -> str:
    """How many runs there were, and which headline figures are not known as well as was asked for. The first stage of a load decides."""
    deciding: dict[tuple[str, ...], tuple[int, Performance]] = {}
    for (values, target, _), each in zip(rows, found, strict=True):
        if isinstance(each, Performance) and (values not in deciding or target.index < deciding[values][0]):
            deciding[values] = (target.index, each)
    if not deciding:
        return "no stage could be measured"
    counts = sorted({len(each.seeds) for _, each in deciding.values()})
    lines = [f"{counts[0]} to {counts[-1]} runs" if len(counts) > 1 else f"{counts[0]} runs"]
    wide = {values: (index, precision.wide(each)) for values, (index, each) in deciding.items()}
    good = sum(not widths for _, widths in wide.values())
    goal = f"headline figures known to ±{precision.percent} %"
    if len(wide) == 1:
        lines[0] += f": {goal}" if good else f", the most that were allowed: headline figures not known to ±{precision.percent} %"
    else:
        lines[0] += f": {goal} for {good} of {len(wide)} loads" + ("" if good == len(wide) else f", the others stopped at {precision.most}")
    for values, (index, widths) in wide.items():
        if widths:
            where = ", ".join([*(f"{name} {value}" for name, value in zip(columns, values, strict=True)), f"stage {index}"])
            lines.append(f"{where}: " + ", ".join(f"{HEADLINES[name]} ±{width:.0f} %" for name, width in widths.items()))
    return "\n".join(lines)


def scenarios_table(tablefmt: str) -> str:
    """Every scenario with what it shows, then its parameters."""
    rows = [*[[row.name, row.shows, row.observed] for row in SCENARIOS.values()], [LADDER, LADDER_SHOWS, MISSING]]
    parts = [table(rows, ["scenario", "shows", "observed"], tablefmt)]
    kinds = {**{row.name: row.parameters for row in SCENARIOS.values()}, LADDER: LockLadder}
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


def runstates_table(found: Performance, tablefmt: str) -> str:
    """What each observed vCPU did with its time."""
    ms = found.configuration["mhz"] * 1000
    names = ("running", "runnable", "blocked", "tasklets")
    rows = [[each["vcpu"], *[f"{each[name] / ms:.3f}" for name in names]] for each in found.runstates]
    numbers = ["RUNNING ms", "RUNNABLE ms", "BLOCKED ms", "tasklets ms"]
    return table(rows, ["vCPU", *numbers], tablefmt, numbers)
