"""A failing execution as a table: one row for each operation, one column for each CPU and device, deviations starred, the reason last."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from harness.machine.engine import Engine
from harness.search.record import Row, recorded
from harness.search.search import Execute
from harness.search.timed_record import RecordingEngine

NOTHING = "nothing is wrong"


def counterexample(execute: Execute, schedule: Sequence[int], max_steps: int, tablefmt: str = "simple", most: int | None = None) -> str:
    """Execute `schedule` again and show it. A star marks a choice that is not the natural one: somebody was held up or came in between.

    Of more than `most` operations, those in the middle are left out.
    """
    engine, rows = recorded(execute, schedule, max_steps)
    reason = str(engine.failure) if engine.failure is not None else NOTHING
    if engine.limit_reached:
        reason += f" (step limit {max_steps} reached)"
    return f"{_table(engine, rows, tablefmt, most)}\n{reason}\n"


def timed_counterexample(engine: RecordingEngine, tablefmt: str = "simple") -> str:
    """Show what a recording engine has run, in the order in which it happened; times are in cycles."""
    engine.recorder.settle()
    table = _table(engine, engine.recorder.rows, tablefmt)
    return f"{table}\n{engine.failure if engine.failure is not None else NOTHING}\n"


def _table(engine: Engine, rows: Sequence[Row], tablefmt: str, most: int | None = None) -> str:
    taking_part = sorted({row.pid for row in rows})
    times = ["cycles"] if any(row.time is not None for row in rows) else []
    lines = [
        [
            f"{at}{'*' if row.deviation else ''}",
            *(str(row.time) for _ in times),
            *(_cell(row) if row.pid == pid else "" for pid in taking_part),
        ]
        for at, row in enumerate(rows)
    ]
    if most is not None and len(lines) > most:
        first, last = most * 2 // 3, most - most * 2 // 3
        lines[first:-last] = [["…", *("" for _ in times), f"{len(lines) - most} operations are left out", *[""] * (len(taking_part) - 1)]]
    names = [engine.processes[pid].name for pid in taking_part]
    return tabulate(lines, headers=["", *times, *names], tablefmt=tablefmt, disable_numparse=True)


def _cell(row: Row) -> str:
    value = f" = {row.value}" if row.value and "→" not in row.value else f": {row.value}" if row.value else ""
    return f"{row.kind} {row.what}{value}, {row.where}"
