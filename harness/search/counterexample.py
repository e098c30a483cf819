"""A failing execution as plain data: what every process did, in order, and what was wrong. How it looks is not decided here.

The data can be pickled: workers return it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import Engine
from harness.search.record import OperationRow, recorded
from harness.search.search import Execute
from harness.search.timed_record import RecordingEngine

NOTHING = "nothing is wrong"


@dataclass(frozen=True)
class CounterexampleRow:
    """One operation of process `pid`: `text` says what it was, on what, with which values, and where.

    `deviation`: the natural order has another operation here, so some process was held up or came in between. `time`: when the process
    was done with it, in cycles, where there is time.
    """

    pid: int
    text: str
    deviation: bool
    time: int | None = None


@dataclass(frozen=True)
class Counterexample:
    """An execution: the number and the name of each process that took part, the operations in order, and the reason why it is shown."""

    columns: tuple[tuple[int, str], ...]
    rows: tuple[CounterexampleRow, ...]
    reason: str


def counterexample(
    execute: Execute, schedule: Sequence[int], max_steps: int, make: type[ExploredEngine] = ExploredEngine
) -> Counterexample:
    """Execute `schedule` again and write it down."""
    engine, rows = recorded(execute, schedule, max_steps, make)
    return _written_down(engine, rows, f" (step limit {max_steps} reached)" if engine.limit_reached else "")


def timed_counterexample(engine: RecordingEngine) -> Counterexample:
    """Write down what a recording engine has run, in the order in which it happened."""
    engine.recorder.settle()
    return _written_down(engine, engine.recorder.rows)


def _written_down(engine: Engine, rows: Sequence[OperationRow], remark: str = "") -> Counterexample:
    names = {row.pid: row.process for row in rows}
    taking_part = sorted(names)
    return Counterexample(
        tuple((pid, names[pid]) for pid in taking_part),
        tuple(CounterexampleRow(row.pid, _text(row), row.deviation != 0, row.time) for row in rows),
        f"{engine.failure if engine.failure is not None else NOTHING}{remark}",
    )


def _text(row: OperationRow) -> str:
    value = f" = {row.value}" if row.value and "→" not in row.value else f": {row.value}" if row.value else ""
    said = "".join(f'; prints "{text}"' for text in row.said)
    return f"{row.kind} {row.what}{value}, {row.where}{said}"
