"""Tables of performance under various loads. Each function returns text without a final newline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.performance.measurement import Performance
from harness.performance.parameters import describe
from harness.performance.scenarios import LADDER, LADDER_SHOWS, SCENARIOS, LockLadder
from harness.report.tables import METRICS, MISSING, Metric, table

COLUMNS = (
    *METRICS[:-1],
    Metric("run p50", ("run_latency_us", "p50"), "{:.1f} µs", in_run=False),
    Metric("run p99", ("run_latency_us", "p99"), "{:.1f} µs", in_run=False),
    Metric("run max", ("run_latency_us", "max"), "{:.0f} µs", in_run=False),
    METRICS[-1],
)

Measured = Performance | str


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
