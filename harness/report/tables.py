"""Tables for people: the results of a run, and the form of every table. Each function returns text without a final newline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tabulate import tabulate

from harness.verify.conclusions import Search, searched
from harness.verify.verdicts import PASS, StageResult
from stages.api import short_title

MISSING = "–"


@dataclass(frozen=True)
class Metric:
    """A column of a performance table: where its value is in the `performance` of a stage, and how it is written."""

    column: str
    path: tuple[str, ...]
    form: str
    in_run: bool = True

    def of(self, performance: Mapping[str, Any]) -> float | None:
        """The value, or None when it was not measured."""
        found: Any = performance
        for key in self.path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return cast("float | None", found)

    def spread(self, performance: Mapping[str, Any]) -> float:
        """How much the value varies by itself."""
        return self.of(performance.get("spread", {})) or 0.0

    def differs(self, now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
        """Whether the values of two stages differ by more than both vary by themselves."""
        new, old = self.of(now), self.of(before)
        return new is not None and old is not None and abs(new - old) > self.spread(now) + self.spread(before)


METRICS = (
    Metric("lock/run", ("locks_per_run",), "{:.2f}"),
    Metric("lock wait", ("lock_wait_us_mean",), "{:.1f} µs"),
    Metric("lock wait max", ("lock_wait_us_max",), "{:.0f} µs", in_run=False),
    Metric("idle overhead", ("idle_overhead_pct",), "{:.1f} %"),
    Metric("idle steal", ("idle_steal_pct",), "{:.1f} %"),
    Metric("irq p50", ("irq_latency_us", "p50"), "{:.1f} µs"),
    Metric("irq p99", ("irq_latency_us", "p99"), "{:.1f} µs"),
    Metric("irq max", ("irq_latency_us", "max"), "{:.0f} µs", in_run=False),
    Metric("tasklets/s", ("tasklets_per_s",), "{:.0f}", in_run=False),
)


def table(rows: Sequence[Sequence[object]], headers: Sequence[str], tablefmt: str, numbers: Sequence[str] = ()) -> str:
    """One table; the columns of `numbers` are aligned to the right, and nothing is reformatted."""
    align = ["right" if header in numbers else "left" for header in headers]
    if not rows:
        return tabulate([], headers=list(headers), tablefmt=tablefmt)
    return tabulate([list(map(str, row)) for row in rows], headers=list(headers), tablefmt=tablefmt, colalign=align, disable_numparse=True)


def stages_table(stages: Sequence[StageResult], performance: bool, tablefmt: str) -> str:
    """A row per stage: what it keeps of the contract, and the chief figures."""
    metrics = [metric for metric in METRICS if metric.in_run and performance]
    rows = [[stage.index, short_title(stage.title), _kept(stage), _exhausted(stage)] for stage in stages]
    return _with_figures(["stage", "patch", "contract", "exhausted"], rows, stages, metrics, tablefmt)


def performance_table(stages: Sequence[StageResult], tablefmt: str) -> str:
    """A row per stage, with all figures and their spread."""
    rows = [[stage.index, short_title(stage.title)] for stage in stages]
    return _with_figures(["stage", "patch"], rows, stages, METRICS, tablefmt, spread=True)


def _kept(stage: StageResult) -> str:
    kept = [result.verdict for result in stage.clauses.values()].count(PASS)
    return f"{kept}/{len(stage.clauses)}"


def _exhausted(stage: StageResult) -> str:
    """For how many of the programs, over all kinds, every interleaving was explored."""
    search = Search.of(searched(stage.clauses.values()))
    return f"{search.exhausted}/{search.programs}"


def open_ends_table(stages: Sequence[StageResult], tablefmt: str) -> str:
    """A row for each program that was not exhausted: how far its search got. Equal rows of several stages are one."""
    found: dict[tuple[str, ...], list[int]] = {}
    for stage in stages:
        for result in searched(stage.clauses.values()):
            for end in result.open_ends:
                found.setdefault((end.clause, result.kind, end.program, end.how_far), []).append(stage.index)
    if not found:
        cut = any(result.exhausted < result.programs for stage in stages for result in searched(stage.clauses.values()))
        return f"every interleaving of every program was explored{', up to the first failure' if cut else ''}"
    rows = [[*row[:3], ", ".join(map(str, indices)), row[3]] for row, indices in found.items()]
    return table(rows, ["not exhausted", "kind", "program", "stages", "how far"], tablefmt)


def _with_figures(
    headers: list[str], rows: list[list[Any]], stages: Sequence[StageResult], metrics: Sequence[Metric], tablefmt: str, spread: bool = False
) -> str:
    """Add a column for each metric; a `*` marks what differs from the stage before by more than both vary by themselves."""
    before: Mapping[str, Any] = {}
    for row, stage in zip(rows, stages, strict=True):
        row += [_figure(metric, stage.performance, before, spread) for metric in metrics]
        before = stage.performance
    return table(rows, [*headers, *[metric.column for metric in metrics]], tablefmt, ["stage"])


def _figure(metric: Metric, now: Mapping[str, Any], before: Mapping[str, Any], spread: bool) -> str:
    value = metric.of(now)
    if value is None:
        return MISSING
    number, space, unit = metric.form.format(value).partition(" ")
    if spread:
        number += f" ±{metric.form.format(metric.spread(now)).partition(' ')[0]}"
    return f"{number}{space}{unit}{' *' if metric.differs(now, before) else ''}"
