"""In which order the stores of a CPU arrive in memory: total store order (x86), and partial store order."""

from __future__ import annotations

from typing import Any

from harness.explored.operations import bits
from harness.explored.store_buffers import BufferedEngine
from harness.explored.stores import Buffer, Store
from harness.machine.engine import UNLOCK


class TotalStoreOrder(BufferedEngine):
    """x86: the stores of a CPU arrive in order."""

    def in_order(self, arrivals: int, store: Store) -> int:
        return arrivals


class PartialStoreOrder(BufferedEngine):
    """The stores of a CPU to one location arrive in order, and so do those that a write barrier separates."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._barriers: dict[int, int] = {}

    def _enter(self, store: Store, pending: list[Store]) -> None:
        pid = store.owner.pid
        if store.kind is UNLOCK:
            self.write_fence()
        store.nr = self._barriers.get(pid, 0)
        pid += len(self.processes) * store.location.bit_length()
        buffer = self.buffers.get(pid)
        if buffer is None:
            buffer = self.buffers[pid] = Buffer(store.owner, pid, [])
        buffer.stores.append(store)
        pending.append(store)

    def write_fence(self) -> None:
        if not self.frozen:
            pid = self.current.pid
            self._barriers[pid] = self._barriers.get(pid, 0) + 1

    def _can_arrive(self, buffer: Buffer) -> bool:
        stores = buffer.stores
        return bool(stores) and all(store.nr >= stores[0].nr for store in self._stored[buffer.owner.pid].pending)

    def _arrive(self, buffer: Buffer) -> None:
        self._stored[buffer.owner.pid].pending.remove(buffer.stores[0])
        super()._arrive(buffer)

    def _full(self) -> list[Buffer]:
        return [buffer for buffer in super()._full() if self._can_arrive(buffer)]

    def in_order(self, arrivals: int, store: Store) -> int:
        found = 0
        for bit in bits(arrivals):
            earlier = self.arrivals[bit.bit_length() - 1]
            if earlier.nr < store.nr or earlier.location == store.location:
                found |= bit
        return found

    def _follows(self, store: Store) -> int:
        """And after what has arrived from other buffers of the same CPU, and had to come before."""
        before = super()._follows(store)
        for j in self._stored[store.owner.pid].unfenced:
            if self.arrivals[j].nr < store.nr:
                before |= 1 << j
        return before
