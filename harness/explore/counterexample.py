"""A failing execution as a table: one row for each operation, one column for each CPU and device, deviations starred, the reason last."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from harness.explore.record import Row, recorded
from harness.explore.search import Execute


def counterexample(execute: Execute, schedule: Sequence[int], max_steps: int, tablefmt: str = "simple", most: int | None = None) -> str:
    """Execute `schedule` again and show it. A star marks a choice that is not the natural one: somebody was held up or came in between.

    Of more than `most` operations, those in the middle are left out.
    """
    engine, rows = recorded(execute, schedule, max_steps)
    names = [process.name for process in engine.processes]
    taking_part = sorted({row.pid for row in rows})
    lines = [
        [f"{at}{'*' if row.deviation else ''}", *(_cell(row) if row.pid == pid else "" for pid in taking_part)]
        for at, row in enumerate(rows)
    ]
    if most is not None and len(lines) > most:
        first, last = most * 2 // 3, most - most * 2 // 3
        lines[first:-last] = [["…", f"{len(lines) - most} operations are left out", *[""] * (len(taking_part) - 1)]]
    table = tabulate(lines, headers=["", *(names[pid] for pid in taking_part)], tablefmt=tablefmt, disable_numparse=True)
    reason = str(engine.failure) if engine.failure is not None else "nothing is wrong"
    if engine.limit_reached:
        reason += f" (step limit {max_steps} reached)"
    return f"{table}\n{reason}\n"


def _cell(row: Row) -> str:
    value = f" = {row.value}" if row.value and "→" not in row.value else f": {row.value}" if row.value else ""
    return f"{row.kind} {row.what}{value}, {row.where}"
