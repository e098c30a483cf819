"""The table of a suite whose programs are counted: what a search has found of each, beside what is published."""

from __future__ import annotations

from harness.report.figure_cells import MISSING
from harness.report.tables import table
from harness.verify.verdicts import NOT_RUN, Count, StageResult

HEADERS = ("clause", "program", "executions", "published", "deadlocks", "deadlocks published", "blocked", "verdict")
NUMBERS = HEADERS[2:7]


def counts_of(stage: StageResult) -> list[tuple[str, Count]]:
    """All counts, each with its clause."""
    return [(name, count) for name, clause in stage.clauses.items() for result in clause.kinds.values() for count in result.counts]


def counts_table(stage: StageResult, tablefmt: str) -> str:
    """A row for each program that was counted."""
    made = [(clause, count) for clause, count in counts_of(stage) if count.ended != NOT_RUN]
    return table([_row(clause, count) for clause, count in made], HEADERS, tablefmt, NUMBERS)


def _row(clause: str, count: Count) -> list[object]:
    known = count.known
    deadlocks = [count.deadlocks, known.deadlocks] if count.deadlocks or known.deadlocks else [MISSING, MISSING]
    return [clause, count.program, count.executions, known.traces, *deadlocks, count.blocked, "as published" if count.good else "differs"]


def counts_lines(stage: StageResult) -> list[str]:
    """What was not run, and whether the counts are right, in words."""
    counts = [count for _, count in counts_of(stage)]
    left_out = [f"{count.program} ({count.known.traces})" for count in counts if count.ended == NOT_RUN]
    made = [count for count in counts if count.ended != NOT_RUN]
    wrong = [count.program for count in made if not count.good]
    lines = [f"not run: {', '.join(left_out)}; allow more --executions, or --deep"] if left_out else []
    if wrong:
        return [*lines, f"counts: {len(wrong)} of {len(made)} differ from what is published: {', '.join(wrong)}"]
    return [*lines, f"counts: all {len(made)} are as published"]
