"""Memory as ARM has it, by views: a marked read may return any value that its CPU does not know to be too old.

A write is seen as soon as it is performed, but nobody has to see it before something tells him: an acquire read of a release write, a read
and a write barrier, a lock, an interrupt, an order of full barriers. An atomic operation with a value has a full barrier on either side,
also if it changes nothing; one without is not ordered. Who waits (`wait`, `halt`, the turn after `cpu_relax`) sees what is newest.

A plain access that does not know the newest write is a data race, and goes on with that write. Of a read, the older values are not tried
then, and `untried` says so: nobody may claim anything of such a program. Of a write, nothing is lost by that: it is performed as a marked
one is. A write that has not been told of a plain read before it races with that, too: a machine may carry out the read after the writes
behind it. So the read may find what is written then, and that is not tried either.

Not covered: load buffering (a read never returns what is written later), a write that gets between earlier ones of its location (2+2W and S
have no weak behaviour here), and dependencies: only an address dependency orders, where nothing but a read can have told the address
(`address_origins`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.explored.barrier_order import Saved
from harness.explored.last_reads import acquires_of, is_known
from harness.explored.operations import Operation, bits, mask_of
from harness.explored.view_choices import ViewChoices
from harness.explored.view_record import SeenBarrier, Suspect
from harness.explored.view_waiting import Newer
from harness.explored.views import ALL, READS, WRITES, View, ViewMessage
from harness.machine.bit_words import Part
from harness.machine.diagnosis import where
from harness.machine.engine import HALT, MARK, PLAIN, READ, RELAX, RMW, TRY_LOCK, Footprint, Process
from stages.hypervisor import Cell, SpinLock

# What a write does to a cell: attributes and what they become.
Changes = Sequence[tuple[str, Any]]


class ViewEngine(ViewChoices):
    """The explored engine with views."""

    # What the last read-modify-write has written, and what its CPU had written last to the location before.
    _changed: ViewMessage | None = None
    _own_before = 0
    # Whether that had a barrier, and what the order of barriers was before it.
    _full = False
    _saved: Saved = (0, {})

    _relaxing = Newer

    # Operations.

    def _record(self, p: Process, what: Any, operation: Operation) -> None:
        kind = operation[1]
        if kind is RMW or kind is TRY_LOCK:
            self._saved = self.barriers.saved(operation)
        if self.barriers:
            self.barriers.flow(operation)
        super()._record(p, what, operation)
        if kind is RELAX:
            # The next turn sees what is newest.
            for location in self.history:
                if location & operation[2]:
                    self._see(location)

    def _interrupted(self, p: Process) -> None:
        if p.pid in self._with_irq:
            self.knowledge(p).now.join(self._with_irq[p.pid])
        super()._interrupted(p)

    def read(self, cell: Cell, acquire: bool = False) -> Any:
        """A marked read: the value that is read."""
        if self._idle():
            return cell.value
        p = self.current
        location: int = cell.tag
        if p.number < 0:
            self._step(READ, cell, location, 0)
            self._see(location, acquire)
            return cell.value
        message = self._chosen(p, cell, location)
        at = len(self.done) - 1
        self._suspect(at, message, False)
        knowledge = self.knowledge(p)
        self.last_reads.note(location, acquires_of(p.pid) if acquire else p.pid, at, False)
        if knowledge.now.barriers:
            self.barriers.read(location, message.number, knowledge.now.barriers, at)
        knowledge.read(message, acquire)
        if acquire:
            self._acquired()
            knowledge.acquired(at)
            knowledge.now.join(self.before(p, location))
        value = self.value_of(cell, message)
        self.found(p, value, message.view, location)
        return value

    def _see(self, location: int, acquire: bool = False) -> None:
        """The current process has read the newest message of a location."""
        if acquire:
            self._acquired()
        if location in self.history:
            self.knowledge(self.current).read(self.history[location][-1], acquire)

    def _suspect(self, at: int, message: ViewMessage, plain: bool, untried: bool = False) -> None:
        """Operation `at` touches a message: perhaps that is a race. `untried`: it reads that one, and had no choice."""
        if message.at >= 0 and (plain or message.plain):
            now = self.knowledge(self.current).now
            if not self.comes_first(self.current, message):
                self.suspects.append(Suspect(message.at, at, message.location, message.number, now.barriers, at if untried else None))

    def _suspect_reads(self, at: int, location: int, plain: bool) -> None:
        """Operation `at` writes a location: that may be a race with each read before it that its process does not know of."""
        pid = self.current.pid
        now = self.knowledge(self.current).now
        before = self.before(self.current, location).reads
        for reader, earlier, plainly in self.last_reads.racing(location, pid, plain, now.reads):
            if not is_known(before, reader, earlier):
                self.suspects.append(Suspect(earlier, at, location, 0, now.barriers, earlier if plainly else None, reader))

    def _leave(self, cell: Cell, location: int, bit: int, plain: bool) -> ViewMessage:
        """The last operation writes a location: leave a message."""
        at = len(self.done) - 1
        history = self.history_of(location)
        self._suspect(at, history[-1], plain)
        if self.last_reads.any_of(location, plain):
            self._suspect_reads(at, location, plain)
        message = ViewMessage(location, bit, len(history), at, self.current.pid, plain)
        if self._observed:
            message.place = where()
        history.append(message)
        self.messages[bit] = message
        self.written.setdefault(at, []).append(message)
        self.values[at] = cell.value
        message.before = cell.word.value if isinstance(cell, Part) else cell.value
        return message

    def store(self, kind: str, cell: Cell, location: int, changes: Changes, release: bool = False) -> None:
        """The current process writes a location of a cell."""
        if not self._idle():
            p = self.current
            self.touch(p, cell)
            bit = self._next_location(p.pid)
            self._step(kind, cell, 0, location | bit)
            self.knowledge(p).write(self._leave(cell, location, bit, kind in PLAIN), release)
        for attribute, value in changes:
            setattr(cell, attribute, value)

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """A read without a choice, or a read-modify-write with a value."""
        if self._idle():
            return
        if write:
            self._modify(cell, full=True)
            return
        self.touch(self.current, cell)
        self._step(kind, cell, cell.tag, 0)
        self._look_at_all(len(self.done) - 1, cell.tag, kind in PLAIN)
        self.found(self.current, cell.value)

    def access_unordered(self, cell: Cell) -> None:
        """A read-modify-write without a value."""
        if not self._idle():
            self._modify(cell, full=False)

    def _modify(self, cell: Cell, full: bool) -> None:
        p, location = self.current, cell.tag
        self.touch(p, cell)
        bit = self._next_location(p.pid)
        self._step(RMW, cell, 0, location | bit)
        knowledge = self.knowledge(p)
        found = self.history_of(location)[-1]
        self._changed = message = self._leave(cell, location, bit, False)
        self._own_before, self._full = knowledge.own.of(location), full
        knowledge.read(found, full)
        knowledge.write(message, release=False)
        if full:
            self._had(ALL, message.at)
            self._barrier(p)
            self.barriers.flow(self.done[-1])
            message.view = knowledge.told
        elif found.number:
            # Who reads it has read, in a way, what it has changed.
            message.view = message.view.copy()
            message.view.join(found.view)
        self.found(p, cell.value, found.view, location)

    def only_read(self) -> None:
        """Take the message back: the barriers stay."""
        message, p = self._changed, self.current
        if self.frozen or message is None:
            return
        at = len(self.done) - 1
        operation = pid, kind, reads, writes = self.done[at]
        self.announced[at] = (operation, None)
        self.done[at] = (pid, kind, reads | writes & ~message.bit, 0)
        if self.barriers:
            self.barriers.narrow(self._saved, self.done[at], self._full)
        self.history[message.location].pop()
        del self.messages[message.bit], self.written[at]
        self.last_reads.note(message.location, pid, at, False)
        self._no_write(at)
        knowledge = self.knowledge(p)
        knowledge.own.seen[message.location] = self._own_before
        for view in (knowledge.now, knowledge.told):
            if view.of(message.location) == message.number:
                view.seen[message.location] = message.number - 1

    def _no_write(self, at: int) -> None:
        """The last operation is a read after all: no race with reads before it, but perhaps one with a write behind it."""
        while self.suspects and self.suspects[-1].later == at and self.suspects[-1].reader is not None:
            self.suspects.pop()

    def written_again(self, cell: Cell) -> None:
        """The last read-modify-write has written what it has found: who changes that afterwards has read it from there.

        Those who only read the value have perhaps read it from before; and two that change nothing are in no order.
        """
        if not self.frozen:
            found = self.history_of(cell.tag)[-1]
            found.again = found.again or View()
            found.again.join(self.knowledge(self.current).ordinary())

    def overwritten(self, cell: Cell) -> None:
        """The last read-modify-write has changed what it has found."""
        if self.frozen:
            return
        *_, found, message = self.history[cell.tag]
        if found.again is not None:
            knowledge = self.knowledge(self.current)
            knowledge.pending.join(found.again)
            if self._full:
                # (It is known to the barrier as well, which has this view.)
                knowledge.now.join(found.again)
                knowledge.told.join(found.again)
            else:
                message.view = message.view.copy()
                message.view.join(found.again)

    def looked_only_at(self, cell: Cell) -> None:
        """A word is one location."""

    # Barriers.

    def _acquired(self) -> None:
        """The last operation was an acquire, for whoever watches."""
        if self._observed:
            self.acquires.add(len(self.done) - 1)

    def _had(self, barrier: str, before: int, begin: int | None = None) -> None:
        """The current process has had a barrier before that operation (and, if it is none by itself, from `begin`), for whoever watches."""
        if self._observed:
            self.barriers_seen.append(SeenBarrier(self.current.pid, before if begin is None else begin, before, barrier))

    def _barrier(self, p: Process) -> None:
        self._had(ALL, len(self.done))
        knowledge = self.knowledge(p)
        knowledge.order_all(len(self.done))
        now, told = knowledge.now, knowledge.told
        bit = self.barriers.add(p.pid, told)
        told.barriers |= bit
        now.barriers |= bit

    def fence(self) -> None:
        if not self._idle():
            self._barrier(self.current)

    def fence_at_atomic(self) -> None:
        self.fence()

    def write_fence(self) -> None:
        if not self._idle():
            self._had(WRITES, len(self.done))
            self.knowledge(self.current).order_writes()

    def read_fence(self) -> None:
        if not self._idle():
            self._had(READS, len(self.done))
            self.knowledge(self.current).order_reads()

    # Lists, and what else touches several cells at once.

    def _links_read(self, at: int, locations: int) -> int:
        self._look_at_all(at, locations)
        return locations

    def _look_at_all(self, at: int, locations: int, plain: bool = True) -> None:
        """Operation `at`, the last one, has read the newest message of each location."""
        for location in bits(locations):
            self.last_reads.note(location, self.current.pid, at, plain)
            if location in self.history:
                self._suspect(at, self.history[location][-1], plain, untried=plain)
                self._see(location)

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One operation on several cells at once, which no CPU does: a program does."""
        if self._idle():
            return
        reads, cells = footprint()
        p = self.current
        looked_at = mask_of(reads)
        locations = 0
        left = []
        for cell in cells:
            for location in bits(cell.tag):
                left.append((cell, location, self._next_location(p.pid)))
                locations |= location | left[-1][2]
        self._step(kind, what, looked_at, locations)
        self._look_at_all(len(self.done) - 1, looked_at)
        for cell, location, bit in left:
            self.knowledge(p).write(self._leave(cell, location, bit, kind in PLAIN), release=False)

    def mark(self, cell: Cell) -> None:
        """What a program sees: in order with the others that it sees there, and nothing else."""
        if not self._idle():
            self._step(MARK, cell, 0, cell.tag)

    # Locks, interrupts, waiting.

    def acquire(self, lock: SpinLock, irqs_off: bool) -> None:
        super().acquire(lock, irqs_off)
        self._told_with(lock)

    def try_acquire(self, lock: SpinLock) -> bool:
        """One that fails orders nothing."""
        taken = super().try_acquire(lock)
        if taken:
            self._told_with(lock)
        return taken

    def _told_with(self, lock: SpinLock) -> None:
        if self.frozen:
            return
        knowledge = self.knowledge(self.current)
        if (unlocked := knowledge.locked()) is not None:
            for barrier in (READS, WRITES):
                self._had(barrier, len(self.done), unlocked)
        if lock.cell.tag in self._with_lock:
            knowledge.now.join(self._with_lock[lock.cell.tag])

    def _narrow(self, reads: int) -> None:
        super()._narrow(reads)
        if self.barriers:
            self.barriers.narrow(self._saved, self.done[-1], barrier=False)

    def release(self, lock: SpinLock) -> None:
        super().release(lock)
        if not self.frozen:
            self._with_lock[lock.cell.tag] = self.knowledge(self.current).unlocked(len(self.done))

    def raise_irq(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        super().raise_irq(process, deliver, cost)
        self._tell(self._with_irq, process)

    def kick(self, process: Process, deliver: Callable[[], None]) -> None:
        super().kick(process, deliver)
        self._tell(self._with_kick, process)

    def _tell(self, told: dict[int, View], process: Process) -> None:
        if not self.frozen:
            told.setdefault(process.pid, View()).join(self.knowledge(self.current).everything(len(self.done)))

    def ran_out(self) -> None:
        """A kick is still news if what it came with has not been seen: its interrupt has not arrived."""
        p = self.current
        now = self.knowledge(p).now
        unseen = (
            at
            for at, pid in self.kicks
            if pid == p.pid and at >= p.kicked_from and any(m.number > now.of(m.location) for m in self.written.get(at, ()))
        )
        p.kicked_from = min(unseen, default=len(self.done))

    def look_for_work(self, cells: Sequence[Cell], kicked: Cell, what: str) -> bool:
        found = super().look_for_work(cells, kicked, what)
        if not self.frozen:
            for cell in cells:
                self._see(cell.tag)
        return found

    def halt(self, ready: Callable[[], bool], kicked: Sequence[Cell], awake: bool = False) -> None:
        super().halt(ready, kicked, awake)
        p = self.current
        if not self.frozen and self.done[-1][1] is HALT and p.pid in self._with_kick:
            self.knowledge(p).now.join(self._with_kick[p.pid])

    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        super().wait(what, ready, cells)
        if not self.frozen:
            for cell in cells:
                self._see(cell.tag, acquire=True)
