"""Notes operations while they happen: who, on what, with which values, and what the process was in the middle of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from harness.explored.stores import Buffer
from harness.explored.views import OlderValue
from harness.machine.bit_words import Part
from harness.machine.diagnosis import where
from harness.machine.engine import BUFFER, LOAD, READ, RMW, STORE, TRY_LOCK, WRITE, Engine, Process
from harness.machine.nesting import Surroundings, surroundings
from stages.hypervisor import Cell, SpinLock

READS = frozenset({LOAD, READ, RMW})
# These change a cell even where the value is the same afterwards.
WRITES = frozenset({STORE, WRITE})


@dataclass(frozen=True)
class Missed:
    """What a read that has returned an older value has not seen: the write of row `row`, which is the first of these, by process `of`.

    `later`: the row of a write that the reader knew of although it came after that one, if there is any; `told`: that write told of the
    one that was missed, so that the reader need only have had a barrier.
    """

    row: int
    of: str
    later: int | None = None
    told: bool = False


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
    # What the process is in the middle of, the outermost first, and which function of the stage was entered in there.
    contexts: tuple[str, ...] = ()
    entered: str = ""
    # The same number in all rows of one call of that function, and of what is innermost of `contexts`; 0 if there is none.
    call: int = 0
    inside: int = 0
    # `value`, where it is made of plain numbers: the one that was read, or those before and after.
    numbers: tuple[int, ...] = ()
    # Which row has written the value that it has found; None where nobody has, or nobody can tell.
    written_in: int | None = None
    # Every execution has it, in this place: up to here, there was nothing else to choose.
    forced: bool = False
    missed: Missed | None = None


class Recorder:
    """Notes operations as they happen; what one has changed is seen when the next one happens."""

    def __init__(self) -> None:
        self.rows: list[OperationRow] = []
        self._cell: Cell | None = None
        self._before: Any = None
        # The kind of the last operation, whoever performs it.
        self._kind = ""
        # Which row has written a cell last.
        self._written: dict[Cell, int] = {}
        # The last frames of each process, by whose they are and how deep, with their numbers.
        self._frames: dict[tuple[int, int, bool], tuple[FrameType, int]] = {}
        self._number_of_frames = 0

    def __call__(self, engine: Engine, process: Process, kind: str, what: Any, time: int | None = None) -> None:
        """Note an operation; what it is on still has the value from before."""
        self.settle()
        arrives = isinstance(process, Buffer)
        around = Surroundings() if arrives else surroundings()
        row = OperationRow(process.name, process.pid, kind, "", where(), time=time, contexts=around.contexts, entered=around.entered)
        row.call = self._numbered(process, len(around.contexts), True, around.call)
        row.inside = self._numbered(process, len(around.contexts), False, around.inside)
        self.rows.append(row)
        if isinstance(what, OlderValue):
            row.what, row.value = what.cell.name, _older(what)
            row.missed = Missed(what.missed_in, what.missed_of, what.later, what.told)
            return
        if isinstance(what, Part):
            what = what.word
        row.what = what.name if isinstance(what, Cell | SpinLock) else str(what)
        if isinstance(process, Buffer):
            row.kind, row.where = f"arrival of {kind}", process.place
        if kind == TRY_LOCK:
            row.value = "free" if what.holder is None else "held"
        self._kind = kind
        # (What is on its way into a store buffer changes nothing yet.)
        if isinstance(what, Cell) and what.value is not None and kind != BUFFER:
            self._cell, self._before = what, what.value
            if kind in READS and not arrives and not _on_its_way(engine, process, what):
                row.written_in = self._written.get(what)

    def _numbered(self, process: Process, depth: int, is_call: bool, frame: FrameType | None) -> int:
        """The number of a frame, which is kept so that no other one can be taken for it; 0 for none."""
        if frame is None:
            return 0
        last = self._frames.get((process.pid, depth, is_call))
        if last is not None and last[0] is frame:
            return last[1]
        self._number_of_frames += 1
        self._frames[process.pid, depth, is_call] = (frame, self._number_of_frames)
        return self._number_of_frames

    def said(self, process: Process, text: str) -> None:
        """A process prints a line: that belongs to its last operation."""
        row = next((row for row in reversed(self.rows) if row.pid == process.pid), None)
        if row is not None:
            row.said += (text,)

    def settle(self) -> None:
        """Look what the last operation has done."""
        if self._cell is None:
            return
        cell, self._cell = self._cell, None
        # By now, others may see another value than the one that was read.
        after = self._before if self._kind in (LOAD, READ) else cell.value
        in_words = _words_of(cell)
        shown = in_words(self._before), in_words(after)
        changed = self._kind in WRITES or shown[0] != shown[1]
        row = self.rows[-1]
        row.value = f"{shown[0]} → {shown[1]}" if changed else shown[0]
        values = (self._before, after) if changed else (self._before,)
        row.numbers = _numbers_of(cell, values)
        if changed:
            self._written[cell] = len(self.rows) - 1

    def conclude(self) -> None:
        """The execution is over: look what the last operation has done, and let go of cells and frames, which lead back to here."""
        self.settle()
        self._written.clear()
        self._frames.clear()


def _on_its_way(engine: Engine, process: Process, cell: Cell) -> bool:
    """Whether the process has a store to that cell in its store buffer, which it would read instead of what is in memory."""
    buffers: dict[int, Buffer] = getattr(engine, "buffers", {})
    return any(buffer.owner is process and any(store.location & cell.tag for store in buffer.stores) for buffer in buffers.values())


def _words_of(cell: Cell) -> Callable[[Any], str]:
    """What puts a value of a cell in words: the cell itself, if it knows of what type it is."""
    return getattr(cell, "describe", None) or _shown


def _numbers_of(cell: Cell, values: tuple[Any, ...]) -> tuple[int, ...]:
    """Values of a cell as plain numbers, where they are some: as the cell says, if it knows of what type it is."""
    number = getattr(cell, "number", None) or (_number if _words_of(cell) is _shown else None)
    found = tuple(map(number, values)) if number else ()
    return () if None in found else found


def _number(value: Any) -> int | None:
    return value if type(value) is int else None


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
