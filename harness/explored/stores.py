"""A store on its way to memory, the buffer that it is in, and what waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.machine.engine import AWAIT, FENCE, LIST_READ, LIST_WRITE, LOAD, LOCK, RAISE_IRQ, READ, RMW, STORE, TRY_LOCK, WRITE, Process

# Operations that wait for all stores of their CPU, those that look at memory, and those that change it.
DRAINING = frozenset({RMW, LOCK, TRY_LOCK, RAISE_IRQ, FENCE})
LOADS = frozenset({LOAD, READ, LIST_READ})
STORES = frozenset({STORE, WRITE, LIST_WRITE, RMW})

# All locations.
ALL = -1
# What a store does to a cell: attributes and what they become.
Changes = Sequence[tuple[str, Any]]


def awaited(kind: str, reads: int) -> int:
    """The locations to which the own stores of a CPU must have arrived before such an operation of it."""
    return ALL if kind in DRAINING else reads if kind is AWAIT else 0


class Store:
    """A store: what it changes, and where it stands.

    `after`: the last operation of its CPU before it; `at`: how many operations there were then; `nr`: how many write barriers of its CPU.
    `arrived`: when it has arrived in memory (-1: not yet), `buffer`: from where. `bit`: its own location. `place`: the line of code, if
    somebody watches.
    """

    __slots__ = ("after", "arrived", "at", "bit", "buffer", "changes", "kind", "location", "nr", "owner", "place", "target", "what")

    def __init__(self, owner: Process, kind: str, what: Any, target: Any, location: int, changes: Changes) -> None:
        self.owner = owner
        self.kind = kind
        self.what = what
        self.target = target
        self.location = location
        self.changes = changes
        self.after = self.arrived = -1
        self.at = self.nr = self.bit = 0
        self.buffer: Buffer
        self.place = ""


class Buffer(Process):
    """A queue of stores of `owner`; an operation of this process is the arrival of the first one in memory."""

    __slots__ = ("owner", "place", "stores")

    def __init__(self, owner: Process, pid: int) -> None:
        super().__init__(f"{owner.name}'s store buffer", lambda: None)
        self.owner = owner
        # Where the store was made that arrives.
        self.place = ""
        self.pid = pid
        self.ready = _never
        self.stores: list[Store] = []


def _never() -> bool:
    """It is asked of nobody but the engine whether a store can arrive."""
    return False


class Drained:
    """Waits until stores of a process have arrived, and for what else it waits for."""

    __slots__ = ("also", "locations", "pending")

    def __init__(self, pending: list[Store], locations: int, also: Callable[[], bool] | None) -> None:
        self.pending = pending
        self.locations = locations
        self.also = also

    def __call__(self) -> bool:
        return not any(store.location & self.locations for store in self.pending) and (self.also is None or self.also())
