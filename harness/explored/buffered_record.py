"""The record of an execution with store buffers, and what a search asks of it: what would an operation be in another place?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Any

from harness.explored.execution import Performed
from harness.explored.operations import Operation, bits
from harness.explored.stores import LOADS, STORES, Buffer, Drained, Store, Stored, awaited
from harness.explored.weak_engine import WeakEngine
from harness.machine.engine import BUFFER, Process

PID = attrgetter("pid")


class BufferedRecord(WeakEngine):
    """Which stores there are, and where and when each has arrived; see `harness.explored.store_buffers`."""

    buffered = True
    # Each store has a location of its own.
    _apart = 2
    # By operation: what one that was announced and interrupted waits for.
    _awaited: Mapping[int, tuple[int, int]] = MappingProxyType({})
    # What a read-modify-write that may turn out to be a read has taken out of `_last`.
    _overwritten: Mapping[int, Store] = MappingProxyType({})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.buffers: dict[int, Buffer] = {}
        self.follows: dict[int, int] = {}
        # By process.
        self._stored: list[Stored] = []
        # By operation: the store that arrives there.
        self.arrivals: dict[int, Store] = {}
        # The store that each location was written by last; what each store's own location stands for.
        self._last: dict[int, Store] = {}
        self._stands_for: dict[int, int] = {}
        # All locations that were ever stored to, and those of the stores.
        self._touched = 0
        # What cells really hold while they show what a process sees.
        self._hidden: list[tuple[Any, str, Any]] = []

    def run(self) -> None:
        stride = self._apart * len(self.processes)
        self._stored = [Stored(self._own_location(p.pid, 0), stride) for p in self.processes]
        super().run()

    # Who goes on.

    def switches(self, code: int, running: int) -> bool:
        """That a store arrives is none."""
        return self.owner_of(code) == code != running

    def _can_arrive(self, buffer: Buffer) -> bool:
        return bool(buffer.stores)

    def _full(self) -> list[Buffer]:
        """The buffers from which a store can arrive, in the order of their numbers."""
        full = [buffer for buffer in self.buffers.values() if buffer.stores]
        return full if len(full) < 2 else sorted(full, key=PID)

    def arriving(self, full: Sequence[Process], current: Process, goes_on: bool) -> tuple[list[Process], list[Process]]:
        first: list[Process] = []
        last: list[Process] = []
        for buffer in full:
            assert isinstance(buffer, Buffer)
            soon = all(map(self.arrivals.__contains__, range(buffer.stores[0].at, len(self.done))))
            (first if soon or (buffer.owner is current and not goes_on) else last).append(buffer)
        return first, last

    def forget(self, length: int) -> None:
        """Drop the stores that were made past the limit, too, and have those that arrived there be on their way."""
        if len(self.done) <= length:
            return
        super().forget(length)
        for at in sorted((at for at in self.arrivals if at >= length), reverse=True):
            store = self.arrivals.pop(at)
            store.arrived = -1
            pending = self._stored[store.owner.pid].pending
            pending.insert(0, store)
            if store.buffer.stores is not pending:
                store.buffer.stores.insert(0, store)
        for stored in self._stored:
            stored.unfenced = [at for at in stored.unfenced if at < length]
        lists = [each for stored in self._stored for each in (stored.every, stored.pending)]
        for stores in (*lists, *(buffer.stores for buffer in self.buffers.values())):
            stores[:] = [store for store in stores if store.after < length and store.at <= length]
        self.follows = {at: after for at, after in self.follows.items() if at < length}
        self._awaited = {at: awaited for at, awaited in self._awaited.items() if at < length}

    def in_order(self, arrivals: int, store: Store) -> int:
        """Of these arrivals of the same CPU, those that had to come before that of `store`, as a mask."""
        raise NotImplementedError

    def turn_of(self, pid: int, start: int, end: int) -> list[Performed]:
        """As it stands in the program: a store where it was made, and not where it arrived."""
        found: list[tuple[int, int, Performed]] = []
        for at in range(start, end):
            other, kind, reads, writes = self.done[at]
            if other == pid and kind is not BUFFER:
                found.append((at, 1, (kind, self.cells_in(reads), self.cells_in(writes), self.values.get(at))))
        found += [
            (store.at, 0, (store.kind, 0, store.location, store.changes[0][1]))
            for store in self._stored[pid].every
            if start <= store.at < end
        ]
        found.sort(key=itemgetter(0, 1))
        return [performed for _, _, performed in found]

    # What an operation would be elsewhere: see `harness.search.reversals`.

    def cells_in(self, mask: int) -> int:
        """The locations of cells in a mask, those that stores stand for included."""
        found = 0
        for bit in bits(mask):
            found |= self._stands_for.get(bit, bit)
        return found

    def relocated(self, operation: Operation, i: int, before: int, kept: Collection[int]) -> Operation:
        pid, kind, reads, writes = operation
        if kind in LOADS:
            if reads & self._touched:
                reads = self._read_elsewhere(pid, self.cells_in(reads), i, before, kept)
        elif writes & self._touched and kind in STORES:
            writes = self._written_elsewhere(pid, self.cells_in(writes), before, kept)
        return pid, kind, reads, writes

    def _read_elsewhere(self, pid: int, cells: int, i: int, before: int, kept: Collection[int]) -> int:
        """Of what a process has stored itself before operation `i` and nobody has overwritten there, it reads its own locations."""
        found, left = cells, cells
        for store in reversed(self._stored[pid].every):
            if store.after >= i or not store.location & left:
                continue
            left &= ~store.location
            at = store.arrived
            there = at >= 0 and (at < before or at in kept)
            later = there and any(j > at and self.done[j][3] & store.location for j in chain(range(at + 1, before), kept))
            if not later:
                found = found & ~store.location | store.bit
        return found

    def _written_elsewhere(self, pid: int, cells: int, before: int, kept: Collection[int]) -> int:
        """With the own locations of the stores of others that are overwritten there."""
        done = self.done
        found, left = cells, cells
        for j in chain(sorted(kept, reverse=True), range(before - 1, -1, -1)):
            hit = done[j][3] & left
            if hit:
                left &= ~hit
                store = self.arrivals.get(j)
                if store is not None and store.owner.pid != self.owner_of(pid):
                    found |= store.bit
                if not left:
                    break
        return found

    def widened(self, operation: Operation) -> Operation:
        pid, kind, reads, writes = operation
        if kind in STORES and writes & self._touched:
            for bit, location in self._stands_for.items():
                if location & writes:
                    writes |= bit
        return pid, kind, reads, writes

    def awaited_by(self, i: int) -> int | None:
        if i not in self._awaited:
            return 0
        locations, stores = self._awaited[i]
        return self._arrivals_of(self.done[i][0], locations, stores)

    def waiting_for(self, p: Process) -> Callable[[], bool] | None:
        return p.ready.also if type(p.ready) is Drained else p.ready

    def awaited_now(self, p: Process) -> int | None:
        kind, reads = p.announced[1:3]
        locations = awaited(kind, reads)
        return self._arrivals_of(p.pid, locations, len(self._stored[p.pid].every)) if locations else 0

    def next_arrivals(self) -> Iterator[tuple[Operation, int]]:
        for buffer in self._full():
            store = buffer.stores[0]
            yield (buffer.pid, store.kind, 0, store.location), self._follows(store)

    def _follows(self, store: Store) -> int:
        """What the arrival of a store comes after whatever others do, as a mask."""
        return 1 << store.after if store.after >= 0 else 0

    def _arrivals_of(self, pid: int, locations: int, stores: int) -> int | None:
        """The arrivals of the first so many stores of a process, as a mask; None if one has not arrived."""
        found = 0
        for store in self._stored[pid].every[:stores]:
            if store.location & locations:
                if store.arrived < 0:
                    return None
                found |= 1 << store.arrived
        return found
