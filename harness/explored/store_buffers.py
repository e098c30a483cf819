"""Store buffers: the explored engine with memory as x86 has it (TSO), or with stores that overtake each other, too (PSO).

A store goes into a buffer of its CPU. What others see is its arrival in memory, which is an operation of the buffer's: that is a process of
its own, with a number beyond those of the others. TSO has one buffer for each CPU, PSO one for each CPU and location, and what a write
barrier or the release of a lock separates stays in order. The store itself is no operation, but where interrupts are on: there one could
come before it, so an operation without locations stands in front. What waits for the buffers of its CPU (a read-modify-write, a lock, a
barrier) is blocked until they are empty.

Abdulla, Aronis, Atig, Jonsson, Leonardsson, Sagonas: "Stateless Model Checking for TSO and PSO", TACAS 2015. From there comes what makes
"from the buffer" and "from memory" one trace: each store has a location of its own, a CPU that reads what it has stored itself reads that
location and not the cell's, and the next write of the cell by somebody else writes it as well. What locations an operation touches depends
on the state, then: `relocated` tells it for another place in the execution.

The rest of the machine need not know: while a process runs, cells have the values that it sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.explored.buffered_record import BufferedRecord
from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import Operation, bits, mask_of
from harness.explored.stores import ALL, LOADS, STORES, Buffer, Changes, Drained, Store, awaited
from harness.machine.diagnosis import where
from harness.machine.engine import BUFFER, FENCE, MARK, RELAX, RMW, UNLOCK, Footprint, Process
from harness.machine.list_calls import list_call
from stages.hypervisor import Cell, SpinLock


class BufferedEngine(BufferedRecord):
    """What TSO and PSO have in common."""

    # Who can go on.

    def _can_go_on(self, p: Process) -> bool:
        return self._can_arrive(p) if type(p) is Buffer else ExploredEngine._can_go_on(self, p)

    def _enabled(self) -> list[Process]:
        return [*super()._enabled(), *self._full()]

    def _process(self, pid: int) -> Process | None:
        return self.processes[pid] if 0 <= pid < len(self.processes) else self.buffers.get(pid)

    def _next(self) -> Process | None:
        if self._hidden:
            self._show_memory()
        done, end = self.done, min(self._scripted, self._look_at)
        while True:
            at = len(done)
            # (As `_from_script`: most stores that arrive do so in a beginning that is executed once more.)
            buffer = self.buffers.get(self.script[at]) if at < end else None
            chosen = buffer if buffer is not None and self._can_arrive(buffer) else ExploredEngine._next(self)
            if type(chosen) is not Buffer:
                break
            self._arrive(chosen)
        if chosen is not None:
            # It sees what it has stored.
            for store in self._stored[chosen.pid].pending:
                self._show(store)
        return chosen

    def _natural(self, at: int) -> Process | None:
        """As `harness.search.natural_order` has it, but for those that sleep."""
        full = self._full()
        if not full:
            return ExploredEngine._natural(self, at)
        if self.asleep:
            self.wake()
        if len(full) == 1 and full[0].stores[0].at == at and full[0].pid not in self.asleep:
            # Mostly it is the store that has just been made.
            return full[0]
        first, last = self.arriving(full, self.current, self._can_go_on(self.current))
        for buffer in first:
            if buffer.pid not in self.asleep:
                return buffer
        chosen = ExploredEngine._natural(self, at)
        if chosen is not None:
            return chosen
        for buffer in last:
            if buffer.pid not in self.asleep:
                self.blocked = self.cut = False
                return buffer
        self.blocked = self.cut = True
        return None

    def _in_turn(self, at: int) -> Process | None:
        chosen = super()._in_turn(at)
        full = self._full()
        return full[0] if full and self.failure is None else chosen

    # What a process sees.

    def _hand_over(self) -> Any:
        # Who has just been started may have stored something, too.
        if self._hidden:
            self._show_memory()
        return ExploredEngine._hand_over(self)

    def _show(self, store: Store) -> None:
        target = store.target
        for attribute, value in store.changes:
            self._hidden.append((target, attribute, getattr(target, attribute)))
            setattr(target, attribute, value)

    def in_memory(self, cell: Cell) -> Any:
        """What a cell holds, whatever the process that goes on has stored there."""
        return next((value for target, attribute, value in self._hidden if target is cell and attribute == "value"), cell.value)

    def _show_memory(self) -> None:
        hidden = self._hidden
        while hidden:
            setattr(*hidden.pop())

    # Operations.

    def _step(self, kind: str, what: Any, reads: int, writes: int, ready: Callable[[], bool] | None = None, again: bool = True) -> bool:
        """As for the engine without buffers; the locations are cells', and what is recorded is what the operation has come to touch."""
        p = self.current
        if self.spin_sites and kind is not RELAX:
            self._wait_if_spinning()
        locations = awaited(kind, reads)
        while True:
            p.kind, p.what = kind, what
            pending = self._stored[p.pid].pending if locations else None
            p.ready = Drained(pending, locations, ready) if pending else ready
            p.announced = operation = (p.pid, kind, reads | p.irq_tag if p.irqs_on else reads, writes)
            if len(self.done) >= self._free or not (p.ready is None or p.ready()):
                self._yield(p)
            if not (p.attention and p.irqs_on):
                break
            p.ready = ready
            if locations:
                self._awaited = {**self._awaited, len(self.done): (locations, len(self._stored[p.pid].every))}
            self._interrupted(p)
            if not again:
                return False
        p.ready = None
        at = len(self.done)
        if ready is not None:
            self.announced[at] = (operation, ready)
        if locations:
            self._follow(at, p.pid, locations)
        self._record(p, what, self._as_performed(operation))
        return True

    def _follow(self, at: int, pid: int, locations: int) -> None:
        """Operation `at` comes after the arrivals that it has waited for."""
        arrived = self._stored[pid].unfenced
        if arrived:
            after = 0
            for j in arrived:
                if self.arrivals[j].location & locations:
                    after |= 1 << j
            if after:
                self.follows[at] = after
            if locations == ALL:
                arrived.clear()

    def _record(self, p: Process, what: Any, operation: Operation) -> None:
        self._stored[p.pid].latest = len(self.done)
        if self._observed:
            super()._record(p, what, operation)
        else:
            self.done.append(operation)

    def _as_performed(self, operation: Operation) -> Operation:
        """With the locations that it touches now."""
        pid, kind, reads, writes = operation
        if reads & self._touched and kind in LOADS:
            reads = self._read_from(self._stored[pid].newest, reads)
        if writes & self._touched and kind in STORES:
            writes |= self._written_over(pid, writes)
        return pid, kind, reads, writes

    def _read_from(self, newest: Mapping[int, Store], locations: int) -> int:
        """Where a process that reads these locations finds what it has stored there itself, if nobody has overwritten that."""
        for location in bits(locations):
            store = newest.get(location)
            if store is not None and (store.arrived < 0 or self._last.get(location) is store):
                locations = locations & ~location | store.bit
        return locations

    def _written_over(self, pid: int, locations: int) -> int:
        """The own locations of the stores of others that a write of these locations overwrites."""
        found = 0
        for location in bits(locations):
            store = self._last.get(location)
            if store is not None and store.owner.pid != pid:
                found |= store.bit
        return found

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """A read, or a read-modify-write."""
        if self.frozen:
            self._idle()
        elif write:
            self._step(kind, cell, 0, cell.tag)
            self._overwrite(cell)
        else:
            self._look(kind, cell, cell.tag)

    def _look(self, kind: str, what: Any, locations: int) -> None:
        """As `_step` for a read, or what stands in front of a store, in a quicker way for what happens most."""
        p = self.current
        done = self.done
        at = len(done)
        if at >= self._free or p.attention:
            if self._observed or p.attention:
                self._step(kind, what, locations, 0)
                return
            # Only now is there anybody to see what is announced.
            p.kind, p.what = kind, what
            p.announced = (p.pid, kind, locations | p.irq_tag if p.irqs_on else locations, 0)
            p.ready = None
            self._yield(p)
            if p.attention and p.irqs_on:
                self._interrupted(p)
                self._look(kind, what, locations)
                return
            at = len(done)
        stored = self._stored[p.pid]
        if locations & self._touched and stored.newest:
            locations = self._read_from(stored.newest, locations)
        stored.latest = at
        done.append((p.pid, kind, locations | p.irq_tag if p.irqs_on else locations, 0))

    def _overwrite(self, cell: Cell) -> None:
        """The last operation writes a cell at once."""
        self.values[len(self.done) - 1] = cell.value
        self._overwritten = {location: self._last.pop(location) for location in bits(cell.tag) if location in self._last}

    def only_read(self) -> None:
        if self.frozen:
            return
        at = len(self.done) - 1
        pid, kind, reads, writes = self.done[at]
        cells = self.cells_in(writes)
        self._last.update(self._overwritten)
        self.announced[at] = ((pid, kind, reads, cells), None)
        self.done[at] = (pid, kind, reads | cells, 0)

    def store(self, kind: str, cell: Cell, location: int, changes: Changes) -> None:
        """The current process stores to a location of a cell."""
        p = self.current
        if self.frozen:
            self._idle()
            for attribute, value in changes:
                setattr(cell, attribute, value)
        elif p.number < 0 or location & (location - 1):
            # Devices have no buffer; a word that is several locations is written by itself, with what was stored before it.
            self._step(kind if p.number < 0 else RMW, cell, 0, location)
            self._overwrite(cell)
            for attribute, value in changes:
                setattr(cell, attribute, value)
        else:
            self._push(Store(p, kind, cell, location, changes))

    def _push(self, store: Store) -> None:
        p = store.owner
        if p.irqs_on and p.irq_tag:
            # An interrupt may come first.
            self._look(BUFFER, store.target, 0)
        stored = self._stored[p.pid]
        store.after = stored.latest
        store.at = at = len(self.done)
        if store.kind is not UNLOCK:
            location = store.location
            store.bit = bit = stored.next_bit
            self._stands_for[bit] = location
            self._touched |= location | bit
            stored.newest[location] = store
        stored.next_bit <<= stored.stride
        if self._observed:
            store.place = where()
        if self.listener is not None:
            store.number, store.call = len(stored.every), call.name if (call := list_call()) else ""
        self._enter(store, stored.pending)
        stored.every.append(store)
        self._show(store)
        if at >= self._scripted:
            self._free = 0

    def _enter(self, store: Store, pending: list[Store]) -> None:
        """Put a store into its buffer; all stores of its CPU that have not arrived are `pending`."""
        if not pending:
            pid = len(self.processes) + store.owner.pid
            if pid not in self.buffers:
                # There is one: these are its stores.
                self.buffers[pid] = Buffer(store.owner, pid, pending)
        pending.append(store)

    def _arrive(self, buffer: Buffer) -> None:
        """The first store of a buffer arrives in memory."""
        at = len(self.done)
        store = buffer.stores.pop(0)
        store.buffer = buffer
        owner, location, target = store.owner, store.location, store.target
        stored = self._stored[owner.pid]
        after = self._follows(store)
        if after:
            self.follows[at] = after
        self.arrivals[at] = store
        stored.unfenced.append(at)
        writes = location
        if store.kind is not UNLOCK:
            overwritten = self._last.get(location)
            if overwritten is not None and overwritten.owner is not owner:
                writes |= overwritten.bit
            self._last[location] = store
        operation = (buffer.pid, store.kind, 0, writes)
        if self._observed:
            self._observe_arrival(buffer, store, operation)
        else:
            self.done.append(operation)
        for attribute, value in store.changes:
            if attribute == "value":
                self.values[at] = target.value
            setattr(target, attribute, value)
        store.arrived = at

    def _observe_arrival(self, buffer: Buffer, store: Store, operation: Operation) -> None:
        buffer.arriving = store
        current, self.current = self.current, buffer
        try:
            ExploredEngine._record(self, buffer, store.target, operation)
        finally:
            self.current = current

    # What else is a store, or looks at what is stored.

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One operation that writes several cells at once, which no CPU does: a program does, with what was stored before it."""
        if self._idle():
            return
        reads, cells = footprint()
        assert not reads, "links are read by `access_links`"
        self.fence()
        self._step(kind, what, 0, mask_of(cells))
        self._overwritten = {}
        for cell in cells:
            self._overwrite(cell)

    def _links_read(self, at: int, locations: int) -> int:
        return self._as_performed((*self.done[at][:2], locations, 0))[2]

    def release(self, lock: SpinLock) -> None:
        p = self.current
        if self._idle() or p.number < 0:
            super().release(lock)
        else:
            self._push(Store(p, UNLOCK, lock, lock.cell.tag, (("holder", None),)))

    def fence(self) -> None:
        """Wait until all stores of the current process have arrived."""
        p = self.current
        if not self._idle() and ((stored := self._stored[p.pid]).pending or stored.unfenced):
            self._step(FENCE, p.name, 0, 0)

    def write_fence(self) -> None:
        """Have the stores before this arrive before those after it."""

    def mark(self, cell: Cell) -> None:
        """What a program sees: in order with the others that it sees there, and no barrier."""
        if not self._idle():
            self._step(MARK, cell, 0, cell.tag)
