"""Stores in buffers, as an execution that is written down has them: the one that arrives, and the one that a read has missed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.explored.stores import Buffer, Store
from harness.machine.engine import Engine, Process
from harness.search.cell_values import numbers_of, words_of
from stages.hypervisor import Cell

VALUE = "value"


@dataclass(frozen=True)
class LateStore:
    """A store of process `of`, its `number`-th one, made at `place` when there were `made` rows: `value` in words, and as a number.

    `more`: who has missed it has missed so many others, too, in whatever store buffers.
    """

    of: str
    number: int
    made: int
    place: str
    value: str = ""
    numbers: tuple[int, ...] = ()
    more: int = 0


def late_store(store: Store) -> LateStore:
    """A store as plain data."""
    changed = dict(store.changes).get(VALUE)
    value = (words_of(store.target)(changed), numbers_of(store.target, (changed,))) if changed is not None else ("", ())
    return LateStore(store.owner.name, store.number, store.at, store.place, *value)


def missed_store(engine: Engine, process: Process, cell: Cell) -> LateStore | None:
    """The store to a cell that a process does not see as another one still has it in its buffer, if that is a change; the first one."""
    buffers: dict[int, Buffer] = getattr(engine, "buffers", {})
    shown = words_of(cell)(cell.value)
    others = [buffer for _, buffer in sorted(buffers.items()) if buffer.owner is not process]
    stores = [late_store(store) for buffer in others for store in buffer.stores if store.location & cell.tag]
    missed = [store for store in stores if store.value not in ("", shown)]
    return replace(missed[0], more=len(missed) - 1) if missed else None
