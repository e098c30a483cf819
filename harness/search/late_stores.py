"""Stores in buffers, as an execution that is written down has them: the one that arrives, and the one that a read has missed."""

from __future__ import annotations

from dataclasses import dataclass

from harness.explored.stores import Buffer, Store
from harness.machine.engine import Engine, Process
from harness.search.cell_values import numbers_of, words_of
from stages.hypervisor import Cell

VALUE = "value"


@dataclass(frozen=True)
class LateStore:
    """A store of process `of`, its `number`-th one, made at `place` when there were `made` rows: `value` in words, and as a number."""

    of: str
    number: int
    made: int
    place: str
    value: str = ""
    numbers: tuple[int, ...] = ()


def late_store(store: Store) -> LateStore:
    """A store as plain data."""
    changed = dict(store.changes).get(VALUE)
    value = (words_of(store.target)(changed), numbers_of(store.target, (changed,))) if changed is not None else ("", ())
    return LateStore(store.owner.name, store.number, store.at, store.place, *value)


def missed_store(engine: Engine, process: Process, cell: Cell) -> LateStore | None:
    """The store to a cell that a process does not see as another one still has it in its buffer, if that is a change; the first one."""
    buffers: dict[int, Buffer] = getattr(engine, "buffers", {})
    shown = words_of(cell)(cell.value)
    for _, buffer in sorted(buffers.items()):
        if buffer.owner is not process:
            for store in buffer.stores:
                if store.location & cell.tag and (found := late_store(store)).value not in ("", shown):
                    return found
    return None
