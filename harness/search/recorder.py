"""Notes operations while they happen: who, on what, with which values, and what the process was in the middle of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from harness.explored.stores import Buffer, Store
from harness.explored.views import OlderValue, Unordered
from harness.machine.bit_words import Part
from harness.machine.diagnosis import where
from harness.machine.engine import BUFFER, LIST_READ, LIST_WRITE, LOAD, READ, RMW, STORE, TRY_LOCK, WRITE, Engine, Process
from harness.machine.list_calls import Link, link_changed, list_call
from harness.machine.nesting import Surroundings, surroundings
from harness.search.cell_values import numbers_of, words_of
from harness.search.late_stores import LateStore, late_store, missed_store
from stages.hypervisor import Cell, ListHead, SpinLock

READS = frozenset({LOAD, READ, RMW})
# These change a cell even where the value is the same afterwards.
WRITES = frozenset({STORE, WRITE})
LISTS = frozenset({LIST_READ, LIST_WRITE})
# What the kind of an arrival begins with.
ARRIVAL = "arrival of "


@dataclass(frozen=True)
class Missed:
    """What a read that has returned an older value has not seen: the write of row `row`, which is the first of these, by process `of`.

    `why` the read need not have seen it, if one or two barriers would have changed that; operations are rows there.
    """

    row: int
    of: str
    why: Unordered | None = None


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
    # Of an operation on a list, which rows have written the links that it looks at.
    links_in: tuple[int, ...] = ()
    # Every execution has it, in this place: up to here, there was nothing else to choose.
    forced: bool = False
    missed: Missed | None = None
    # Of an operation on a list, which one (such as `list add_tail`), and the names of the nodes that it looks at or changes.
    list_call: str = ""
    nodes: tuple[str, ...] = ()
    # Under a memory model with store buffers: the store that arrives, and the one that a read has not seen.
    arrives: LateStore | None = None
    late: LateStore | None = None

    @property
    def location(self) -> str:
        """The name of what it is on; of a list operation, the node that the call names first."""
        return self.nodes[0] if self.nodes else self.what

    @property
    def writer(self) -> str:
        """Whose operation it is: the store that arrives from a store buffer is that of the process which has made it."""
        return self.arrives.of if self.arrives else self.process


class Recorder:
    """Notes operations as they happen; what one has changed is seen when the next one happens."""

    def __init__(self) -> None:
        self.rows: list[OperationRow] = []
        self._cell: Cell | None = None
        self._before: Any = None
        # What a cell holds, which the process that goes on need not see.
        self._in_memory: Callable[[Cell], Any] = _value
        # The kind of the last operation, whoever performs it.
        self._kind = ""
        # Which row has written a cell last.
        self._written: dict[Cell, int] = {}
        # The same of each link of a list.
        self._linked: dict[Link, int] = {}
        # The last frames of each process, by whose they are and how deep, with their numbers.
        self._frames: dict[tuple[int, int, bool], tuple[FrameType, int]] = {}
        self._number_of_frames = 0

    def __call__(self, engine: Engine, process: Process, kind: str, what: Any, time: int | None = None) -> None:
        """Note an operation; what it is on still has the value from before."""
        self.settle()
        arriving = process.arriving if isinstance(process, Buffer) else None
        around = Surroundings() if arriving else surroundings()
        row = OperationRow(process.name, process.pid, kind, "", where(), time=time, contexts=around.contexts, entered=around.entered)
        row.call = self._numbered(process, len(around.contexts), True, around.call)
        row.inside = self._numbered(process, len(around.contexts), False, around.inside)
        self.rows.append(row)
        if isinstance(what, OlderValue):
            row.what, row.value = what.cell.name, _older(what)
            row.missed = Missed(what.missed_in, what.missed_of, what.why)
            return
        if isinstance(what, Part):
            what = what.word
        row.what = what.name if isinstance(what, Cell | SpinLock) else str(what)
        if arriving is not None:
            row.kind, row.where, row.arrives = f"{ARRIVAL}{kind}", arriving.place, late_store(arriving)
        if kind in LISTS:
            self._note_list(row, process, engine, arriving)
        elif kind == BUFFER and isinstance(what, ListHead) and (call := list_call()):
            row.what = call.what
        if kind == TRY_LOCK:
            row.value = "free" if what.holder is None else "held"
        self._kind = kind
        # (What is on its way into a store buffer changes nothing yet.)
        if isinstance(what, Cell) and what.value is not None and kind != BUFFER:
            self._note_cell(row, engine, process, what)

    def _note_cell(self, row: OperationRow, engine: Engine, process: Process, cell: Cell) -> None:
        """Who has written what is found, and who has something on its way there; the rest is seen later."""
        self._cell, self._before = cell, cell.value
        self._in_memory = getattr(engine, "in_memory", _value)
        if self._kind in READS and row.arrives is None and not _on_its_way(engine, process, cell):
            row.written_in = self._written.get(cell)
            row.late = missed_store(engine, process, cell)

    def _note_list(self, row: OperationRow, process: Process, engine: Engine, store: Store | None) -> None:
        """Which operation on a list it is, on which one; `store` is what arrives, if it is the change of a link that does."""
        at = len(self.rows) - 1
        if store is not None:
            ((link, to), *_) = store.changes
            row.list_call, row.nodes = store.call, (store.target.name,)
            row.what, row.value = link_changed(store.target, link, to)
            self._linked[store.target, link] = at
        elif call := list_call():
            row.list_call, row.what, row.value, row.nodes = call.name, call.what, call.value, call.nodes
            found = (self._linked.get(link) for link in call.looks_at if not _link_on_its_way(engine, process, link))
            row.links_in = tuple(sorted({written for written in found if written is not None}))
            if len(call.looks_at) == 1 and row.links_in:
                (row.written_in,) = row.links_in
            self._linked.update(dict.fromkeys(call.changes, at))

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
        after = self._before if self._kind in (LOAD, READ) else self._in_memory(cell)
        in_words = words_of(cell)
        shown = in_words(self._before), in_words(after)
        changed = self._kind in WRITES or shown[0] != shown[1]
        row = self.rows[-1]
        row.value = f"{shown[0]} → {shown[1]}" if changed else shown[0]
        values = (self._before, after) if changed else (self._before,)
        row.numbers = numbers_of(cell, values)
        if changed:
            self._written[cell] = len(self.rows) - 1

    def conclude(self) -> None:
        """The execution is over: look what the last operation has done, and let go of cells and frames, which lead back to here."""
        self.settle()
        self._in_memory = _value
        self._written.clear()
        self._linked.clear()
        self._frames.clear()


def _stored_by(engine: Engine, process: Process) -> Iterator[Store]:
    """The stores of a process that others cannot see yet."""
    buffers: dict[int, Buffer] = getattr(engine, "buffers", {})
    return (store for buffer in buffers.values() if buffer.owner is process for store in buffer.stores)


def _on_its_way(engine: Engine, process: Process, cell: Cell) -> bool:
    """Whether the process has a store to that cell in its store buffer, which it would read instead of what is in memory."""
    return any(store.location & cell.tag for store in _stored_by(engine, process))


def _link_on_its_way(engine: Engine, process: Process, link: Link) -> bool:
    """As `_on_its_way`, of a link of a list."""
    node, attribute = link
    return any(store.target is node and attribute in dict(store.changes) for store in _stored_by(engine, process))


def _value(cell: Cell) -> Any:
    return cell.value


def _older(read: OlderValue) -> str:
    """Whose value it is, and what the reader has not seen."""
    more = f" and {read.more} more" if read.more else ""
    in_words = words_of(read.cell)
    missed = f"{read.missed_of}'s {in_words(read.missed)} of {read.missed_at}{more}"
    return f"{in_words(read.value)} from {read.writer or 'before'}; has not seen {missed}"
