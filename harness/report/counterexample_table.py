"""A counterexample as a table: one row for each operation, one column for each CPU and device, deviations starred, the reason last."""

from __future__ import annotations

from tabulate import tabulate

from harness.report.folding import folded
from harness.report.looks import Paint
from harness.report.one_column import one_column
from harness.report.shown_rows import shown_rows
from harness.report.table_format import room_of
from harness.report.tables import widest
from harness.search.counterexample import Counterexample

# So many rows are shown where somebody did not ask for this very execution.
AT_ONCE = 60


def counterexample_table(found: Counterexample, tablefmt: str = "simple", most: int | None = None) -> str:
    """The table and the reason, each with a final newline.

    What is repeated up to the end is shown once. Of more than `most` operations that are left then, those in the middle are left out.
    Where it is too wide for a `TableFormat`, the operations stand in one column.
    """
    times = ["cycles"] if any(row.time is not None for row in found.rows) else []
    lines = [
        [
            f"{at}{'*' if row.deviation else ''}",
            *(str(row.time) for _ in times),
            *(row.text if row.pid == pid else "" for pid, _ in found.columns),
        ]
        for at, row in enumerate(found.rows)
    ]

    def note(text: str) -> list[str]:
        return ["…", *("" for _ in times), text, *[""] * (len(found.columns) - 1)]

    if fold := folded(found.rows):
        lines[fold.start + fold.length : fold.rest] = [note(fold.sentence)]
    if most is not None and len(lines) > most:
        first, last = most * 2 // 3, most - most * 2 // 3
        lines[first:-last] = [note(f"{len(lines) - most} operations are left out")]
    headers = ["", *times, *(name for _, name in found.columns)]
    whole = tabulate(lines, headers=headers, tablefmt=tablefmt, disable_numparse=True)
    room = room_of(tablefmt)
    if room is not None and widest(whole) > room:
        whole = "\n".join(one_column(found, shown_rows(found, most=most), room, Paint(False)))
    return f"{whole}\n{found.reason}\n"
