"""Executes a schedule again and writes down every operation: what it was on, the values, and the line of code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.explored.stores import Buffer
from harness.explored.views import OlderValue
from harness.machine.bit_words import Part
from harness.machine.diagnosis import where
from harness.machine.engine import BUFFER, LOAD, READ, STORE, TRY_LOCK, WRITE, Engine, Process
from harness.machine.spectator import Spectator
from harness.search.natural_order import natural_order
from harness.search.search import Execute
from stages.hypervisor import Cell, SpinLock


@dataclass
class OperationRow:
    """One operation. `value`: what it read, or the value before and after; `deviation`: 0 if the natural order has it here.

    `time`: when the process was done with it, in cycles, where there is time.
    """

    process: str
    pid: int
    kind: str
    what: str
    where: str
    value: str = ""
    deviation: int = 0
    time: int | None = None
    # What its process has printed after it, and before its next one.
    said: tuple[str, ...] = ()


class Recorder:
    """Notes operations as they happen; what one has changed is seen when the next one happens."""

    def __init__(self) -> None:
        self.rows: list[OperationRow] = []
        self._cell: Cell | None = None
        self._before: Any = None
        # The kind of the last operation, whoever performs it.
        self._kind = ""

    def __call__(self, engine: Engine, process: Process, kind: str, what: Any, time: int | None = None) -> None:
        """Note an operation; what it is on still has the value from before."""
        self.settle()
        if isinstance(what, OlderValue):
            self.rows.append(OperationRow(process.name, process.pid, kind, what.cell.name, where(), _older(what), time=time))
            return
        if isinstance(what, Part):
            what = what.word
        name = what.name if isinstance(what, Cell | SpinLock) else str(what)
        if isinstance(process, Buffer):
            self.rows.append(OperationRow(process.name, process.pid, f"arrival of {kind}", name, process.place, time=time))
        else:
            self.rows.append(OperationRow(process.name, process.pid, kind, name, where(), time=time))
        if kind == TRY_LOCK:
            self.rows[-1].value = "free" if what.holder is None else "held"
        self._kind = kind
        # (What is on its way into a store buffer changes nothing yet.)
        if isinstance(what, Cell) and what.value is not None and kind != BUFFER:
            self._cell, self._before = what, what.value

    def said(self, process: Process, text: str) -> None:
        """A process prints a line: that belongs to its last operation."""
        row = next((row for row in reversed(self.rows) if row.pid == process.pid), None)
        if row is not None:
            row.said += (text,)

    def settle(self) -> None:
        """Look what the last operation has done."""
        if self._cell is not None:
            # By now, others may see another value than the one that was read.
            in_words = _words_of(self._cell)
            before, after = in_words(self._before), in_words(self._before if self._kind in (LOAD, READ) else self._cell.value)
            changed = self._kind in (STORE, WRITE) or before != after
            self.rows[-1].value = f"{before} → {after}" if changed else before
            self._cell = None


class _Following:
    """A chooser that follows a schedule, then the natural order, and notes how far each choice is from the natural one."""

    def __init__(self, schedule: Sequence[int]) -> None:
        self.schedule = schedule
        self.deviations: dict[int, int] = {}

    def __call__(self, engine: Execution, enabled: list[Process], current: Process) -> Process:
        order = natural_order(engine, enabled, current)
        at = len(engine.done)
        if at < len(self.schedule):
            wanted = engine.named(self.schedule[at])
            for rank, process in enumerate(order):
                if process.pid == wanted:
                    if rank:
                        self.deviations[at] = rank
                    return process
            engine.diverged = engine.diverged or f"process {self.schedule[at]} cannot perform operation {at}"
        return order[0]


def recorded(
    execute: Execute,
    schedule: Sequence[int],
    max_steps: int,
    make: type[ExploredEngine] = ExploredEngine,
    recorder: Recorder | None = None,
    spectator: Spectator | None = None,
) -> tuple[ExploredEngine, list[OperationRow]]:
    """Execute `schedule` again; return the engine afterwards, and the operations. Somebody may watch."""
    recorder = Recorder() if recorder is None else recorder
    following = _Following(schedule)
    engine = make(following, max_steps)
    engine.listener = recorder
    engine.hears = recorder.said
    engine.spectator = spectator
    execute(engine)
    recorder.settle()
    for at, rank in following.deviations.items():
        if at < len(recorder.rows):
            recorder.rows[at].deviation = rank
    return engine, recorder.rows


def deviations_of(execute: Execute, schedule: Sequence[int], max_steps: int, make: type[ExploredEngine] = ExploredEngine) -> dict[int, int]:
    """The choices of `schedule` that are not the natural ones."""
    following = _Following(schedule)
    execute(make(following, max_steps))
    return following.deviations


def _words_of(cell: Cell) -> Callable[[Any], str]:
    """What puts a value of a cell in words: the cell itself, if it knows of what type it is."""
    return getattr(cell, "describe", None) or _shown


def _older(read: OlderValue) -> str:
    """Whose value it is, and what the reader has not seen."""
    more = f" and {read.more} more" if read.more else ""
    in_words = _words_of(read.cell)
    missed = f"{read.missed_of}'s {in_words(read.missed)} of {read.missed_at}{more}"
    return f"{in_words(read.value)} from {read.writer or 'before'}; has not seen {missed}"


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 9:
        return f"{value:#x}"
    name = getattr(value, "__qualname__", None)
    return str(name) if name else str(value)
