"""The explored engine: no time; before every visible operation it is decided anew which process goes on.

An operation is recorded as the process that performed it, its kind, and two sets of locations, as bit masks: read, written. A CPU that
takes interrupts reads its interrupt line in every operation, so whoever raises an interrupt there conflicts with all of them; the taking
of the interrupt is an operation of its own. Waiting blocks, so a search need not explore how often somebody looked in vain.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from greenlet import GreenletExit

from harness.explored.greenlet_pool import idle_greenlets, worker
from harness.explored.operations import Operation, mask_of, masks_of
from harness.explored.places import Places
from harness.explored.polling import Polling
from harness.explored.spinning import site_of
from harness.explored.turns import Turns, carried_in, same
from harness.explored.waiting import Awaiting, Halted, Relaxing
from harness.machine.bit_words import BitWord
from harness.machine.diagnosis import LOCK_MISUSE, crash, where
from harness.machine.engine import (
    AWAIT,
    HALT,
    INTERRUPT,
    LOCK,
    RAISE_IRQ,
    READ,
    RELAX,
    TRY_LOCK,
    UNLOCK,
    Footprint,
    Process,
)
from stages.hypervisor import Cell, SpinLock

PROCESS = itemgetter(0)


class ExploredEngine(Places):
    """Runs one execution: see `Execution` for what is recorded of it, and `Deciding` for who goes on."""

    # Few executions poll: so the defaults are kept in the class.
    _polling: Polling | None = None
    _turns: dict[int, Turns] | None = None
    # For each process and loop that waits without saying so, what it carried at its last turn.
    _carried: dict[tuple[int, str], list[Any] | None] | None = None
    # How many processes have been started.
    _started = 0
    # What the next turn of a loop waits for.
    _relaxing: Callable[[Any, Process], Relaxing] = Relaxing
    # The processes are being unwound.
    _closing = False

    # Processes.

    def run(self) -> None:
        """Run to the end: every process done, or none that can go on."""
        self.frozen = False
        if self.listener is not None or self.invariant is not None or self.spin_sites:
            self._observed = True
        self._scripted = min(len(self.script), self.max_steps)
        self._pool = pool = idle_greenlets()
        for process in self.processes:
            process.glet = worker(self.hub, pool)
        # From here on processes hand over to each other; this one goes on when none of them can.
        self._hand_over()
        self.frozen = True
        self._free = 0
        if self.failure is not None:
            self.cut = True
        elif not self.cut:
            self._find_unsure()
            if not self.unsure:
                self.judge_end()

    def _find_unsure(self) -> None:
        """See whether somebody waits for ever only because nobody knows what the next turn of its loop would be."""
        for p in self.processes:
            if not p.done and not p.dormant and p.kind is RELAX and self._turns is not None and self._turns[p.pid].unsure:
                self.unsure = f"the loop at {p.what} counts its turns"

    @property
    def complete(self) -> bool:
        return not self.cut and not self.unsure

    def close(self) -> None:
        """Unwind every process that has not ended; a program that holds on to its life is not asked again."""
        self.frozen = self._closing = True
        if self._polling is not None or self._turns is not None:
            self._polling = self._turns = self._carried = None
        self._free = 0
        for process in self.processes:
            glet, process.glet = process.glet, None
            if glet is not None and not process.started:
                # (Nobody would ever free it: it is suspended, and has itself in a variable.)
                self._pool.append(glet)
            elif glet is not None and not process.done and not glet.dead:
                self.current = process
                try:
                    glet.throw(GreenletExit)
                except BaseException as error:
                    if self.failure is None:
                        self.fail(crash(error))

    # The one place where an operation happens, but for the quick way in `access`.

    def _step(self, kind: str, what: Any, reads: int, writes: int, ready: Callable[[], bool] | None = None, again: bool = True) -> bool:
        """Announce an operation, wait to be chosen, record it. False if an interrupt came instead and `again` is off."""
        p = self.current
        if self.spin_sites and kind is not RELAX:
            self._wait_if_spinning()
        while True:
            p.kind = kind
            p.what = what
            p.ready = ready
            p.announced = operation = (p.pid, kind, reads | p.irq_tag if p.irqs_on else reads, writes)
            if len(self.done) >= self._free or not (ready is None or ready()):
                self._yield(p)
            if not (p.attention and p.irqs_on):
                break
            self._interrupted(p)
            if not again:
                return False
        if ready is not None:
            self.announced[len(self.done)] = (operation, ready)
            p.ready = None
        self._record(p, what, operation)
        return True

    def _interrupted(self, p: Process) -> None:
        """Have `p` take an interrupt instead of what it has announced."""
        self.announced[len(self.done)] = (p.announced, p.ready)
        self._record(p, p.name, (p.pid, INTERRUPT, p.irq_tag, p.irq_tag))
        p.ready = None
        p.take_interrupt()

    def _yield(self, p: Process) -> None:
        """Let the one go on whose turn it is, which may be `p` itself; returns when it is `p`'s."""
        if self.failure is not None:
            raise self.failure
        if self._started < len(self.processes):
            self._hand_over()
        else:
            chosen = self._next()
            if chosen is p:
                return
            if chosen is None:
                self.hub.switch()
            else:
                self.current = chosen
                chosen.glet.switch()  # type: ignore[union-attr]
        if self._closing:
            raise GreenletExit

    def _hand_over(self) -> Any:
        """Switch to whoever goes on after a process that has just started or ended: return what this greenlet is switched to with.

        What a process does before its first operation is no operation: first they are all started, one after the other.
        """
        at = self._started
        if self.cut or self.failure is not None or self._closing:
            return self.hub.switch()
        if at < len(self.processes):
            self._started = at + 1
            self.current = process = self.processes[at]
            process.started = True
            return process.glet.switch(self, process)  # type: ignore[union-attr]
        chosen = self._next()
        if chosen is None:
            return self.hub.switch()
        self.current = chosen
        return chosen.glet.switch()  # type: ignore[union-attr]

    def _record(self, p: Process, what: Any, operation: Operation) -> None:
        self.done.append(operation)
        if self._observed:
            if self.listener is not None:
                self.listener(self, p, operation[1], what)
            if self.invariant is not None:
                self.invariant()

    def _idle(self) -> bool:
        """Whether operations take effect at once; ends a process that goes on although it is being unwound."""
        if self._closing:
            raise GreenletExit
        return self.frozen

    # Memory.

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """One operation on one location: what `_step` would do, in a quicker way for what happens most."""
        p = self.current
        done = self.done
        at = len(done)
        line = p.irq_tag if p.irqs_on else 0
        operation = (p.pid, kind, line, cell.tag) if write else (p.pid, kind, cell.tag | line, 0)
        if at >= self._free or p.attention:
            if self.frozen:
                self._idle()
                return
            if self._observed or p.attention:
                self._step(kind, cell, operation[2], operation[3])
                if write:
                    self.values[len(done) - 1] = cell.value
                return
            # Only now is there anybody to see what is announced.
            p.announced = operation
            p.ready = None
            self._yield(p)
            if p.attention and p.irqs_on:
                self._interrupted(p)
                self.access(kind, cell, write)
                return
            at = len(done)
        if write:
            self.values[at] = cell.value
        done.append(operation)

    def only_read(self) -> None:
        """Narrow the last operation to a read."""
        if not self.frozen:
            _, _, reads, writes = self.done[-1]
            self._narrow(reads | writes)

    def looked_only_at(self, cell: Cell) -> None:
        """Narrow the last operation, a read, to one location."""
        if not self.frozen:
            self._narrow(self.done[-1][2] & (cell.tag | self.current.irq_tag))

    def _narrow(self, reads: int) -> None:
        """The last operation has only read these locations; in another state it might have done all that was announced."""
        at = len(self.done) - 1
        operation = pid, kind, _, _ = self.done[at]
        self.announced[at] = (operation, None)
        self.done[at] = (pid, kind, reads, 0)

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One operation on all nodes of the footprint, taken again when it is performed; in another state it might be any nodes."""
        if self._idle():
            return
        reads, writes = masks_of(footprint)
        self._step(kind, what, reads, writes)
        at = len(self.done) - 1
        pid, _, locations, _ = self.done[at]
        line = locations & ~reads
        performed = masks_of(footprint)
        any_reads = self.list_cells if performed[0] & self.list_cells else 0
        any_writes = self.list_cells if performed[1] & self.list_cells else 0
        if any_reads or any_writes:
            self.announced[at] = ((pid, kind, locations | performed[0] | any_reads, writes | performed[1] | any_writes), None)
        self.done[at] = (pid, kind, performed[0] | line, performed[1])

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

    def try_acquire(self, lock: SpinLock) -> bool:
        """Take a lock if it is free; if not, its location has only been read."""
        if not self._idle():
            self._step(TRY_LOCK, lock, 0, lock.cell.tag)
            if lock.holder is not None:
                _, _, reads, writes = self.done[-1]
                self._narrow(reads | writes)
        if lock.holder is not None:
            return False
        lock.holder = self.current
        return True

    def release(self, lock: SpinLock) -> None:
        """A write of the lock's location."""
        if not self._idle():
            self._step(UNLOCK, lock, 0, lock.cell.tag)
        lock.holder = None

    # Interrupts, waiting, time.

    def irq_point(self, kind: str) -> None:
        """To switch interrupts off is an operation on this CPU's interrupt line, as is all that is done while they are on.

        To switch them on is one on nothing: whether an interrupt is raised before or after that, it is taken before the next operation.
        """
        if not self._idle():
            self._step(kind, self.current.name, 0, 0)

    def raise_irq(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        """A write of the interrupt line."""
        if not self._idle():
            self._step(RAISE_IRQ, process.name, 0, process.irq_tag)
        deliver()

    def kick(self, process: Process, deliver: Callable[[], None]) -> None:
        """The IPI and the change that it tells of are one operation: in between, the target could only wake up for nothing."""
        self.kicks += ((len(self.done) - 1, process.pid),)
        deliver()

    def ran_out(self) -> None:
        """What kicks there have been counts no more."""
        self.current.kicked_from = len(self.done)

    def look_for_work(self, cells: Sequence[Cell], kicked: Cell, what: str) -> bool:
        """One operation on `cells`; that somebody has kicked is found out by the `halt`, which does not wait then."""
        if cells and not self._idle():
            self._step(READ, what, mask_of(cells), 0)
        return any(cell.value for cell in cells)

    def halt(self, ready: Callable[[], bool], kicked: Sequence[Cell], awake: bool = False) -> None:
        """Blocked until a kick, or an interrupt; the operations that kicks come with write `kicked`."""
        if not self._idle():
            p = self.current
            self._step(HALT, p.name, mask_of(kicked), 0, ready=Halted(self, p.kicked_from, awake), again=False)

    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Blocked until `ready()`, a function of the value of the one cell in `cells`."""
        if not self._idle():
            (cell,) = cells
            assert not isinstance(cell, BitWord), "the value that such a word has before an operation depends on the order of others"
            self._step(AWAIT, what, cell.tag, 0, ready=Awaiting(ready, cell))

    def relax(self) -> None:
        """Where the next turn of the loop would repeat this one: blocked until another process writes something that this one has read."""
        if self._idle():
            return
        p = self.current
        turns = self._turns_of(p)
        if turns.repeats(p, sys._getframe(1)):
            stirred = self._relaxing(self, p)
            self._step(RELAX, where(), stirred.seen, 0, ready=stirred, again=False)
            turns.forget()
        p.relax_mark = len(self.done)

    def _turns_of(self, p: Process) -> Turns:
        if self._turns is None:
            self._turns = {}
        turns = self._turns.get(p.pid)
        if turns is None:
            turns = self._turns[p.pid] = Turns(self)
        return turns

    def _wait_if_spinning(self) -> None:
        """Wait where a loop is known to do so without saying it, if its last two turns were the same, and what it carries as well."""
        frame = sys._getframe(1)
        site = site_of(frame)
        if site is None or self.spin_sites is None or site not in self.spin_sites:
            return
        p = self.current
        name = f"{site[0].co_qualname} {site[1]}"
        carried = carried_in(frame)
        if self._carried is None:
            self._carried = {}
        if not same(self._carried.get((p.pid, name)), carried) and self._polling is not None:
            self._polling.restart(p, name)
        self._carried[p.pid, name] = carried
        self.poll(name, self.pause)

    def poll(self, site: str, pause: Callable[[], None] | None = None) -> None:
        """As `relax`, or `pause`, once two turns in a row have been the same: more of them would change nothing."""
        if self._idle():
            return
        if self._polling is None:
            self._polling = Polling(self)
        p = self.current
        last = self._polling.repeated(p, site)
        if last is not None:
            p.relax_mark = last
            (pause or self.relax)()
            self._polling.restart(p, site)

    def said(self, text: str) -> None:
        """What is printed is no operation."""
        if self.hears is not None:
            self.hears(self.current, text)

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
        return list(map(PROCESS, self.done)).count(self.current.pid)
