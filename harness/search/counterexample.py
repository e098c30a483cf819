"""A failing execution as plain data: what every process did, in order, and what was wrong. How it looks is not decided here.

The data can be pickled: workers return it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.explored.explored_engine import ExploredEngine
from harness.machine.diagnosis import RACE
from harness.machine.engine import Engine
from harness.search.deciding_rows import NONE_DECIDE, WhatDecided, deciding_rows
from harness.search.ended_waits import waits_at_the_end
from harness.search.late_stores import LateStore
from harness.search.left_on_lists import left_on_lists
from harness.search.race_detector import race_of
from harness.search.record import recorded
from harness.search.recorder import ARRIVAL, Missed, OperationRow
from harness.search.search import Execute
from harness.search.timed_record import RecordingEngine

NOTHING = "nothing is wrong"


@dataclass(frozen=True)
class CounterexampleRow:
    """One operation of process `pid`: `text` says what it was, on what, with which values, and where.

    `deviation`: the natural order has another operation here, so some process was held up or came in between. `time`: when the process
    was done with it, in cycles, where there is time. The other fields have the same in parts; they are empty where nobody knows more.
    """

    pid: int
    text: str
    deviation: bool
    time: int | None = None
    kind: str = ""
    what: str = ""
    # With `→` if it is the one before and the one after.
    value: str = ""
    # The same as plain numbers, where it is made of such.
    numbers: tuple[int, ...] = ()
    # `file:line (function)`, or "the machine".
    where: str = ""
    said: tuple[str, ...] = ()
    # What the process is in the middle of, the outermost first, and which function of the stage was entered in there.
    contexts: tuple[str, ...] = ()
    entered: str = ""
    # The same number in all rows of one call of that function, and of what is innermost of `contexts`; 0 if there is none.
    call: int = 0
    inside: int = 0
    # Another process, which has written what this one has found.
    written_by: str = ""
    # In which row that was written, whoever did; None where nobody has, or nobody can tell.
    written_in: int | None = None
    # Of an operation on a list, in which rows other processes have written the links that it looks at.
    links_by_others: tuple[int, ...] = ()
    # Every execution has this row in this place: up to here, there was nothing else to choose.
    forced: bool = False
    # Of a read that has returned an older value.
    missed: Missed | None = None
    # Of an operation on a list, which one.
    list_call: str = ""
    # The store that arrives here, and the one that a read has not seen, as it is in the buffer of another process.
    arrives: LateStore | None = None
    late: LateStore | None = None

    @property
    def operation(self) -> str:
        """What it was, without where."""
        if not self.kind:
            return self.text
        value = f" = {self.value}" if self.value and "→" not in self.value else f": {self.value}" if self.value else ""
        late = self.late
        missed = f"; has not seen {late.of}'s {late.value} of {late.place}, in its store buffer" if late else ""
        return f"{self.word} {self.what}{value}{missed}"

    @property
    def word(self) -> str:
        """What kind of an operation it is, in the words of the legend."""
        return f"{ARRIVAL * self.kind.startswith(ARRIVAL)}{self.list_call}" if self.list_call else self.kind

    @property
    def printed(self) -> str:
        """What it has printed, to be appended to what it did."""
        return "".join(f'; prints "{text}"' for text in self.said) if self.kind else ""


@dataclass(frozen=True)
class Heading:
    """What an execution is one of: the stage and its series, the clause and the program with what they say, and how it was executed.

    Of an execution that is one of no stage, such as a test function's, only how it was executed.
    """

    stage: str
    clause: str
    sentence: str
    program: str
    summary: str
    kind: str
    # "memory model sc", or "virtual time, seed 3".
    how: str


@dataclass(frozen=True)
class Counterexample:
    """An execution: the number and the name of each process that took part, the operations in order, and the reason why it is shown.

    `waits`: of each process that waits for ever in the end, for what, and who could have ended that. `left`: what is still on the list of a
    CPU that sleeps then. `hint`: which barrier would forbid it, if somebody has looked. `race`: the rows that race, if that is the reason.
    `decides`: what has decided it, where the order is the natural one.
    """

    columns: tuple[tuple[int, str], ...]
    rows: tuple[CounterexampleRow, ...]
    reason: str
    waits: tuple[str, ...] = ()
    heading: Heading | None = None
    hint: str = ""
    left: tuple[str, ...] = ()
    race: tuple[int, ...] = ()
    decides: WhatDecided = NONE_DECIDE

    @property
    def lanes(self) -> dict[str, tuple[int, ...]]:
        """The processes that share a column, by its name: a CPU may have several store buffers, which are called alike."""
        found: dict[str, tuple[int, ...]] = {}
        for pid, name in self.columns:
            found[name] = (*found.get(name, ()), pid)
        return found


def counterexample(
    execute: Execute, schedule: Sequence[int], max_steps: int, make: type[ExploredEngine] = ExploredEngine
) -> Counterexample:
    """Execute `schedule` again and write it down."""
    engine, rows = recorded(execute, schedule, max_steps, make)
    return written_down(engine, rows, f" (step limit {max_steps} reached)" if engine.limit_reached else "")


def timed_counterexample(engine: RecordingEngine) -> Counterexample:
    """Write down what a recording engine has run, in the order in which it happened."""
    engine.recorder.conclude()
    return written_down(engine, engine.recorder.rows)


def written_down(engine: Engine, rows: Sequence[OperationRow], remark: str = "") -> Counterexample:
    """What has been executed, as it was recorded."""
    names = {row.pid: row.process for row in rows}
    taking_part = sorted(names)
    waits, left, race = waits_at_the_end(engine, rows), left_on_lists(engine, rows), _race(engine)
    return Counterexample(
        tuple((pid, names[pid]) for pid in taking_part),
        tuple(_row(row, rows) for row in rows),
        f"{engine.failure if engine.failure is not None else NOTHING}{remark}",
        waits,
        left=left,
        race=race,
        decides=deciding_rows(engine, rows, waits, left, race),
    )


def _race(engine: Engine) -> tuple[int, ...]:
    if engine.failure is None or engine.failure.kind != RACE or not isinstance(engine, ExploredEngine):
        return ()
    return race_of(engine) or ()


def _row(row: OperationRow, rows: Sequence[OperationRow]) -> CounterexampleRow:
    writer = rows[row.written_in].writer if row.written_in is not None else ""
    made = CounterexampleRow(
        row.pid,
        "",
        row.deviation != 0,
        row.time,
        row.kind,
        row.what,
        row.value,
        row.numbers,
        row.where,
        row.said,
        row.contexts,
        row.entered,
        row.call,
        row.inside,
        writer if writer != row.process else "",
        row.written_in,
        tuple(at for at in row.links_in if rows[at].writer != row.process),
        row.forced,
        row.missed,
        row.list_call,
        row.arrives,
        row.late,
    )
    return replace(made, text=f"{made.operation}, {row.where}{made.printed}")
