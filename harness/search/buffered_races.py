"""Data races where stores take time to arrive in memory: what `data_races` looks for, on engines with store buffers.

A store counts as what its CPU did where it was made. It is ordered after what its CPU had done and learnt before it, and it can order what
comes after it only from its arrival on. What has arrived in order before it is known to whoever learns of it: under TSO all earlier stores
of its CPU, under PSO those to the same location and those before a write barrier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import compress, count
from operator import ne

from harness.explored.operations import Operation
from harness.explored.store_buffers import BufferedEngine
from harness.machine.engine import INTERRUPT
from harness.search.access_sets import TRAITS, UNTOUCHED, Location, touch
from harness.search.dependence import bits

# Of each location that an operation touches: what it was before.
Before = list[tuple[int, Location]]
# Of an operation: whose it is; what was ordered before the next one of that process, what that had done, and which of its stores had
# arrived, before the operation; its locations.
Undo = tuple[int, int, int, int, Before]


class BufferedRaces:
    """Looks at executions of one program, one after the other; what two of them have in common at their beginning is looked at once."""

    def __init__(self) -> None:
        self._done: Sequence[Operation] = ()
        # By process, as masks of operations: what is ordered before its next one, what it has done, and the arrivals of its stores.
        self._now: dict[int, int] = defaultdict(int)
        self._own: dict[int, int] = defaultdict(int)
        self._arrived: dict[int, int] = defaultdict(int)
        # By operation: what is ordered before the next one of its process.
        self._after: list[int] = []
        self._locations: dict[int, Location] = {}
        self._undo: list[Undo] = []
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
        while len(self._undo) > length:
            owner, self._now[owner], self._own[owner], self._arrived[owner], before = self._undo.pop()
            self._after.pop()
            for bit, location in before:
                self._locations[bit] = location

    def _step(self, engine: BufferedEngine, at: int, lines: int) -> tuple[int, int] | None:
        """Take operation `at` into account; return the race that it completes."""
        pid, kind, reads, writes = engine.done[at]
        owner = engine.owner_of(pid)
        if kind is not INTERRUPT:
            reads &= ~engine.processes[owner].irq_tag
        writes = engine.cells_in(writes)
        before = [(bit, self._locations.get(bit, UNTOUCHED)) for bit in bits(engine.cells_in(reads) | writes)]
        self._undo.append((owner, self._now[owner], self._own[owner], self._arrived[owner], before))
        mine, me = self._before(engine, at, owner), 1 << at
        if TRAITS[kind][0]:
            for _, location in before:
                mine |= location[0]
        raced = self._touch(before, me, mine, owner, kind, writes, lines)
        if at in engine.arrivals:
            self._arrived[owner] |= me
        else:
            self._now[owner] = mine | me
        self._own[owner] |= me
        self._after.append(self._now[owner])
        return ((raced & -raced).bit_length() - 1, at) if raced else None

    def _touch(self, before: Before, me: int, mine: int, owner: int, kind: str, writes: int, lines: int) -> int:
        """Have an operation touch locations; return what it races with in the first of them in which it does."""
        ordered = mine | self._own[owner]
        raced = 0
        for bit, location in before:
            racing, self._locations[bit] = touch(location, me, mine, TRAITS[kind], bit & writes)
            if not raced and not bit & lines:
                raced = racing & ~ordered
        return raced

    def _before(self, engine: BufferedEngine, at: int, owner: int) -> int:
        """What is ordered before an operation although it has learnt nothing yet."""
        store = engine.arrivals.get(at)
        if store is None:
            return self._now[owner] | self._arrived[owner]
        return (self._after[store.after] if store.after >= 0 else 0) | engine.in_order(self._arrived[owner], store)


def find_buffered_race(engine: BufferedEngine) -> tuple[int, int] | None:
    """Return the first two operations of an execution that race."""
    return BufferedRaces().race_of(engine)
