"""The explored engine: no time; before every visible operation it is decided anew which process goes on.

An operation is recorded as the process that performed it, its kind, and two sets of locations, as bit masks: read, written. A CPU that
takes interrupts reads its interrupt line in every operation, so whoever raises an interrupt there conflicts with all of them; the taking
of the interrupt is an operation of its own. Waiting blocks, so a search need not explore how often somebody looked in vain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from greenlet import GreenletExit

from harness.machine.deciding import MAX_STEPS, Announced, Chooser, Deciding, Recorder, Sleep
from harness.machine.diagnosis import LOCK_MISUSE, crash, where
from harness.machine.engine import (
    AWAIT,
    HALT,
    INTERRUPT,
    LOCK,
    RAISE_IRQ,
    READ,
    RELAX,
    UNLOCK,
    Footprint,
    Process,
)
from harness.machine.polling import Polling
from harness.machine.waiting import Awaiting, Halted, Relaxing, worker
from stages.hypervisor import Cell, ListHead, SpinLock

__all__ = ["MAX_STEPS", "Announced", "Chooser", "ExploredEngine", "Recorder", "Sleep"]


class ExploredEngine(Deciding):
    """Runs one execution. `schedule[i]`, `kinds[i]`, `reads[i]`, `writes[i]`: who did operation i, what, and on which locations.

    `announced[i]` is there where operation i could have been another one, or could not have been, in another state: it tells what the
    process had announced. `asleep` holds at operation `asleep_from`, which `script` must reach: a sleeping process is not chosen until an
    operation conflicts with its own; `slept[i]`: who sleeps at operation i, if anybody does and `wake` has come so far; `blocked` tells
    that all who could go on were asleep.
    """

    # Places and processes.

    def place(self, cell: Cell, line: str) -> int:
        """Every cell is a location of its own: one bit. One that is made during the run has a number that is its maker's own."""
        if self.frozen:
            self._cells += 1
            bit = 1 << self._cells
        else:
            pid = self.current.pid
            if self._cells_of is None:
                self._cells_of = {}
            made = self._cells_of.get(pid, 0)
            self._cells_of[pid] = made + 1
            bit = 1 << (self._cells + 1 + made * len(self.processes) + pid)
        if isinstance(cell, ListHead):
            self.list_cells |= bit
        return bit

    def run(self) -> None:
        """Run to the end: every process done, or none that can go on."""
        self.frozen = False
        self._observed = self.recorder is not None or self.invariant is not None
        # What a process does before its first operation is no operation: start them all, one after the other.
        self._starting = True
        for process in self.processes:
            process.glet = worker(self.hub)
            process.ready = None
            process.started = True
            self.current = process
            process.glet.switch(self, process)
        self._starting = False
        self._scripted = min(len(self.script), self.max_steps)
        while self.failure is None and not self.cut:
            chosen = self._next()
            if chosen is None:
                break
            self.current = chosen
            assert chosen.glet is not None
            chosen.glet.switch()
        self.frozen = True
        self._free = 0
        if self.failure is not None:
            self.cut = True
        elif not self.cut:
            self.judge_end()

    def close(self) -> None:
        """Unwind every process that has not ended; a program that holds on to its life is not asked again."""
        self.frozen = self._closing = True
        self._free = 0
        for process in self.processes:
            glet, process.glet = process.glet, None
            if glet is not None and process.started and not process.done and not glet.dead:
                self.current = process
                try:
                    glet.throw(GreenletExit)
                except BaseException as error:
                    if self.failure is None:
                        self.fail(crash(error))

    def forget(self, length: int) -> None:
        """Drop what was done in turn, past the limit: nobody chose that."""
        if len(self.schedule) > length:
            self.cut = True
            for operations in (self.schedule, self.kinds, self.reads, self.writes):
                del operations[length:]
            self.announced = {at: announced for at, announced in self.announced.items() if at < length}

    # The one place where an operation happens, but for the quick way in `access`.

    def _step(self, kind: str, what: Any, reads: int, writes: int, ready: Callable[[], bool] | None = None, again: bool = True) -> bool:
        """Announce an operation, wait to be chosen, record it. False if an interrupt came instead and `again` is off."""
        p = self.current
        schedule = self.schedule
        while True:
            announced_reads = reads | p.irq_tag if p.irqs_on else reads
            p.kind = kind
            p.what = what
            p.ready = ready
            p.reads = announced_reads
            p.writes = writes
            if len(schedule) >= self._free or not (ready is None or ready()):
                self._yield(p)
            if not (p.irqs_on and p.attention):
                break
            self.announced[len(schedule)] = (kind, announced_reads, writes, ready)
            self._record(p, INTERRUPT, p.name, p.irq_tag, p.irq_tag)
            p.ready = None
            p.take_interrupt()
            if not again:
                return False
        if ready is not None:
            self.announced[len(schedule)] = (kind, announced_reads, writes, ready)
            p.ready = None
        self._record(p, kind, what, announced_reads, writes)
        return True

    def _yield(self, p: Process) -> None:
        """Let the one go on whose turn it is, which may be `p` itself; returns when it is `p`'s."""
        if self.failure is not None:
            raise self.failure
        chosen = None if self._starting else self._next()
        if chosen is p:
            return
        if chosen is None:
            self.hub.switch()
        else:
            self.current = chosen
            chosen.glet.switch()  # type: ignore[union-attr]
        if self._closing:
            raise GreenletExit

    def _record(self, p: Process, kind: str, what: Any, reads: int, writes: int) -> None:
        self.schedule.append(p.pid)
        self.kinds.append(kind)
        self.reads.append(reads)
        self.writes.append(writes)
        if self._observed:
            if self.recorder is not None:
                self.recorder(self, p, kind, what)
            if self.invariant is not None:
                self.invariant()

    def _idle(self) -> bool:
        """Whether operations take effect at once; ends a process that goes on although it is being unwound."""
        if self._closing:
            raise GreenletExit
        return self.frozen

    # Memory.

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """One operation on one location."""
        schedule = self.schedule
        at = len(schedule)
        p = self.current
        if at < self._free and not p.attention:
            # The quick way for what happens most: what `_step` would do. Nobody sees what is announced meanwhile.
            schedule.append(p.pid)
            self.kinds.append(kind)
            line = p.irq_tag if p.irqs_on else 0
            if write:
                self.reads.append(line)
                self.writes.append(cell.tag)
                self.values[at] = cell.value
            else:
                self.reads.append(cell.tag | line)
                self.writes.append(0)
        elif self._idle():
            return
        elif write:
            self._step(kind, cell, 0, cell.tag)
            self.values[len(schedule) - 1] = cell.value
        else:
            self._step(kind, cell, cell.tag, 0)

    def only_read(self) -> None:
        """Narrow the last operation to a read."""
        if not self.frozen:
            at = len(self.schedule) - 1
            self.announced[at] = (self.kinds[at], self.reads[at], self.writes[at], None)
            self.reads[at] |= self.writes[at]
            self.writes[at] = 0

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One operation on all nodes of the footprint, taken again when it is performed; in another state it might be any nodes."""
        if self._idle():
            return
        reads, writes = _masks(footprint)
        self._step(kind, what, reads, writes)
        at = len(self.schedule) - 1
        line = self.reads[at] & ~reads
        performed = _masks(footprint)
        any_reads = self.list_cells if performed[0] & self.list_cells else 0
        any_writes = self.list_cells if performed[1] & self.list_cells else 0
        if any_reads or any_writes:
            self.announced[at] = (kind, self.reads[at] | performed[0] | any_reads, writes | performed[1] | any_writes, None)
        self.reads[at], self.writes[at] = performed[0] | line, performed[1]

    # Locks.

    def acquire(self, lock: SpinLock, irqs_off: bool) -> None:
        """Blocked while another process holds the lock."""
        p = self.current
        if lock.holder is p:
            raise self.violate(LOCK_MISUSE, f"takes {lock.name}, which it holds already, at {where()}")
        if not self._idle():
            self._step(LOCK, lock, 0, lock.cell.tag, ready=lambda: lock.holder is None)
        lock.holder = p
        if irqs_off:
            p.irqs_on = False

    def release(self, lock: SpinLock) -> None:
        """A write of the lock's location."""
        if not self._idle():
            self._step(UNLOCK, lock, 0, lock.cell.tag)
        lock.holder = None

    # Interrupts, waiting, time.

    def irq_point(self, kind: str) -> None:
        """An operation on nothing but this CPU's interrupt line."""
        if not self._idle():
            self._step(kind, self.current.name, self.current.irq_tag, 0)

    def raise_irq(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        """A write of the interrupt line."""
        if not self._idle():
            self._step(RAISE_IRQ, process.name, 0, process.irq_tag)
        deliver()

    def kick(self, process: Process, deliver: Callable[[], None]) -> None:
        """The IPI and the change that it tells of are one operation: in between, the target could only wake up for nothing."""
        self.kicks += ((len(self.schedule) - 1, process.pid),)
        deliver()

    def halt(self, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Blocked until `ready()`, which only kicks make true, or an interrupt; the operations that kicks come with write `cells`."""
        if self._idle():
            return
        cpu, reads = self.current.name, _mask(cells)
        if not self._step(HALT, cpu, reads, 0, ready=Halted(self, ready), again=False):
            # What an interrupt has woken looks whether it was kicked as well: that has to be ordered with the kicks.
            self._step(READ, f"what is pending on {cpu}", reads, 0)

    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Blocked until `ready()`, a function of the value of the one cell in `cells`."""
        if not self._idle():
            (cell,) = cells
            self._step(AWAIT, what, cell.tag, 0, ready=Awaiting(ready, cell))

    def relax(self) -> None:
        """Blocked until another process writes something that this one has read before, in this turn of its loop."""
        if self._idle():
            return
        p = self.current
        stirred = Relaxing(self, p)
        self._step(RELAX, where(), stirred.seen, 0, ready=stirred, again=False)
        p.relax_mark = len(self.schedule)

    def poll(self, site: str) -> None:
        """As `relax`, once two turns in a row have been the same: more of them would change nothing."""
        if self._idle():
            return
        if self._polling is None:
            self._polling = Polling(self)
        p = self.current
        last = self._polling.repeated(p, site)
        if last is not None:
            p.relax_mark = last
            self.relax()
            self._polling.restart(p, site)

    def progress(self) -> None:
        """Start counting turns anew."""
        if self._polling is not None:
            self._polling.restart(self.current)

    def sleep(self, cycles: int) -> None:
        """There is no time here."""

    def spend(self, cost: str) -> None:
        """There is no time here."""

    def now(self) -> int:
        """How many operations the current process has performed: the same in all orders of the same trace."""
        return self.schedule.count(self.current.pid)


def _mask(cells: Sequence[Cell]) -> int:
    mask = 0
    for cell in cells:
        mask |= cell.tag
    return mask


def _masks(footprint: Footprint) -> tuple[int, int]:
    read, written = footprint()
    return _mask(read), _mask(written)
