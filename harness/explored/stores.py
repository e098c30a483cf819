"""A store on its way to memory, the buffer that it is in, and what waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.machine.engine import (
    AWAIT,
    FENCE,
    LIST_READ,
    LIST_WRITE,
    LOAD,
    LOCK,
    NO_OPERATION,
    RAISE_IRQ,
    READ,
    RMW,
    STORE,
    TRY_LOCK,
    WRITE,
    Process,
    nothing,
)

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

    `after`: the last operation of its CPU before it; `at`: how many operations there were then; `nr`: how many write barriers of its CPU,
    where they count. `arrived`: when it has arrived in memory (-1: not yet), `buffer`: from where. `bit`: its own location, if it has one.
    `place`: the line of code, if somebody watches; `number`, `call`: how many its CPU has made before, and which list call it is of, if
    somebody writes that down.
    """

    __slots__ = (
        "after",
        "arrived",
        "at",
        "bit",
        "buffer",
        "call",
        "changes",
        "kind",
        "location",
        "nr",
        "number",
        "owner",
        "place",
        "target",
    )

    # There are many: what is set where it enters its buffer, and where it leaves it, is not set here.
    after: int
    at: int
    nr: int
    buffer: Buffer
    number: int
    place: str
    call: str

    def __init__(self, owner: Process, kind: str, target: Any, location: int, changes: Changes) -> None:
        self.owner = owner
        self.kind = kind
        self.target = target
        self.location = location
        self.changes = changes
        self.arrived = -1
        self.bit = 0


class Stored:
    """What a process has stored.

    `every`: all its stores; `pending`: those that have not arrived; `newest`: the last one to each location; `unfenced`: the arrivals since
    its last barrier. `latest`: the last operation of the process (-1: none). `next_bit`: the own location of its next store, `stride`: how
    many bits that is from the one after it.
    """

    __slots__ = ("every", "latest", "newest", "next_bit", "pending", "stride", "unfenced")

    def __init__(self, next_bit: int, stride: int) -> None:
        self.next_bit = next_bit
        self.stride = stride
        self.latest = -1
        self.every: list[Store] = []
        self.pending: list[Store] = []
        self.newest: dict[int, Store] = {}
        self.unfenced: list[int] = []


class Buffer(Process):
    """A queue of stores of `owner`; an operation of this process is the arrival of the first one in memory."""

    __slots__ = ("arriving", "name", "owner", "pid", "ready", "stores")

    # All else that a process has stays as it is: each execution makes its buffers anew.
    number = known_as = -1
    glet = irq_cell = what = appointment = None
    done = dormant = started = irqs_on = attention = blocked = False
    kind = ""
    announced = NO_OPERATION
    take_interrupt = body = staticmethod(nothing)
    irq_tag = relax_mark = clock = irqs_off_since = 0
    kicked_from = -1

    def __init__(self, owner: Process, pid: int, stores: list[Store]) -> None:
        self.name = f"{owner.name}'s store buffer"
        self.owner = owner
        self.pid = pid
        self.ready = _never
        self.stores = stores
        # The store that arrives.
        self.arriving: Store | None = None


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
