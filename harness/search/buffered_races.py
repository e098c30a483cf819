"""Data races where stores take time to arrive in memory: what `data_races` looks for, on engines with store buffers.

A store counts as what its CPU did where it was made. It is ordered after what its CPU had done and learnt before it, and it can order what
comes after it only from its arrival on. What has arrived in order before it is known to whoever learns of it: under TSO all earlier stores
of its CPU, under PSO those to the same location and those before a write barrier.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, count
from operator import ne

from harness.explored.operations import Operation
from harness.explored.store_buffers import BufferedEngine
from harness.explored.stores import Store
from harness.machine.engine import INTERRUPT
from harness.search.access_sets import TRAITS, UNTOUCHED, Location, Traits, touch
from harness.search.dependence import bits

# Of each location that an operation touches: what it was before.
Before = Sequence[tuple[int, Location]]
# Of a process, as masks of operations: what is ordered before its next one, what it has done, and which of its stores have arrived.
Known = tuple[int, int, int]
NOTHING: Known = (0, 0, 0)


class BufferedRaces:
    """Looks at executions of one program, one after the other; what two of them have in common at their beginning is looked at once."""

    def __init__(self) -> None:
        self._done: Sequence[Operation] = ()
        # By process.
        self._known: dict[int, Known] = {}
        # By operation: what is ordered before the next one of its process.
        self._after: list[int] = []
        self._locations: dict[int, Location] = {}
        # Of each known operation: whose it is, and what that and the locations were before it.
        self._undo: list[tuple[int, Known, Before]] = []
        # The race that the last known operation completes.
        self._race: tuple[int, int] | None = None

    def race_of(self, engine: BufferedEngine) -> tuple[int, int] | None:
        """Return the first two operations of an execution that race."""
        done = engine.done
        known = len(self._undo)
        self._go_back(min(known, next(compress(count(), map(ne, self._done, done)), min(len(self._done), len(done)))))
        if len(self._undo) < known:
            self._race = None
        self._done = done
        lines = 0
        for process in engine.processes:
            lines |= process.irq_tag
        for at in range(len(self._undo), len(done)):
            # After an operation that completes a race nothing more is taken in.
            if self._race is not None:
                break
            self._race = self._step(engine, at, lines)
        return self._race

    def _go_back(self, length: int) -> None:
        """Forget all operations but the first `length`."""
        undo, known, locations = self._undo, self._known, self._locations
        while len(undo) > length:
            owner, known[owner], before = undo.pop()
            for bit, location in before:
                locations[bit] = location
        del self._after[length:]

    def _step(self, engine: BufferedEngine, at: int, lines: int) -> tuple[int, int] | None:
        """Take operation `at` into account; return the race that it completes."""
        pid, kind, reads, writes = engine.done[at]
        owner = engine.owner_of(pid)
        if kind is not INTERRUPT:
            reads &= ~engine.processes[owner].irq_tag
        known = now, own, arrived = self._known.get(owner, NOTHING)
        me = 1 << at
        store = engine.arrivals.get(at)
        # What is ordered before an operation although it has learnt nothing yet.
        mine = now | arrived if store is None else self._before(engine, store, arrived)
        traits = TRAITS[kind]
        touched = engine.cells_in(reads | writes)
        before: Before
        if touched & (touched - 1) or not touched:
            before = [(bit, self._locations.get(bit, UNTOUCHED)) for bit in bits(touched)]
            mine, raced = self._several(before, me, mine, own, traits, engine.cells_in(writes), lines)
        else:
            # Most operations touch one location.
            location = self._locations.get(touched, UNTOUCHED)
            before = ((touched, location),)
            if traits[0]:
                mine |= location[0]
            racing, self._locations[touched] = touch(location, me, mine, traits, writes)
            raced = 0 if touched & lines else racing & ~(mine | own)
        self._undo.append((owner, known, before))
        now, arrived = (mine | me, arrived) if store is None else (now, arrived | me)
        self._known[owner] = now, own | me, arrived
        self._after.append(now)
        return ((raced & -raced).bit_length() - 1, at) if raced else None

    def _several(self, before: Before, me: int, mine: int, own: int, traits: Traits, writes: int, lines: int) -> tuple[int, int]:
        """Have an operation touch several locations, or none: what is ordered before it; what it races with in the first where it does."""
        if traits[0]:
            for _, location in before:
                mine |= location[0]
        raced = 0
        for bit, location in before:
            racing, self._locations[bit] = touch(location, me, mine, traits, bit & writes)
            if not raced and not bit & lines:
                raced = racing & ~(mine | own)
        return mine, raced

    def _before(self, engine: BufferedEngine, store: Store, arrived: int) -> int:
        """What is ordered before the arrival of a store."""
        return (self._after[store.after] if store.after >= 0 else 0) | engine.in_order(arrived, store)


def find_buffered_race(engine: BufferedEngine) -> tuple[int, int] | None:
    """Return the first two operations of an execution that race."""
    return BufferedRaces().race_of(engine)
