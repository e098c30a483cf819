"""Spinlocks of the timed engine that are taken in the order of arrival: what taking one costs, and when the next one has it.

`ticket`
    An atomic add on the lock's line draws a ticket; the holder's release is a store to the same line, all waiters read it again, and the
    lock passes on when the one whose turn it is has read. So a handover grows with the number of waiters, on average by half a transfer for
    each, and the reads of the other half delay the release that follows.

`mcs`
    An atomic exchange on the lock's line puts a CPU's own node at the tail of a queue, a store to the predecessor's node links it there,
    and it spins on its own node. A release reads the link (or takes the lock's line back to nobody if there is none), stores to the
    successor's node, and the successor reads that. There is one node per CPU and lock.

A ticket drawn and a place in a queue cannot be given back, so `ticket` and `mcs` with `irqsave` switch interrupts off before they draw and
leave them off until the release: if a handler ran in between, everybody behind would wait for it, and one that takes the same lock would
wait for its own CPU for ever. Without `irqsave`, a waiter that accepts interrupts runs handlers and keeps its place; if its turn comes
meanwhile, it has the lock, and everybody waits for the handler to end, as it would be on a real machine.
"""

from __future__ import annotations

from harness.machine.engine import LOCK, Process
from harness.timed.caches import Line
from harness.timed.lock_state import Flavour, LockState
from stages.shared_memory import SpinLock


class Ticket(Flavour):
    """Ticket locks, with both counters in one word, as in Xen from 2015 on."""

    def acquire(self, p: Process, lock: SpinLock, state: LockState) -> None:
        engine = self.engine
        engine.begin()
        asked = p.clock
        line: Line = lock.cell.tag
        if line.due:
            self._reread(line, state, asked)
        engine.touch(p, line, True, True)
        if lock.holder is None:
            lock.holder = p
            state.lock_count += 1
            state.since = p.clock
            return
        if asked <= state.served:
            self._postpone(lock, state, p.clock)
            line.due = p.clock
        elif state.waiters:
            line.due = p.clock
        state.enter(p)
        self._wait_in_place(p, lock, state)
        state.taken(lock, p, p.clock - asked)

    def _postpone(self, lock: SpinLock, state: LockState, served: int) -> None:
        """A ticket is drawn before the release has been served: the reads that follow it come after both."""
        state.served = served
        state.granted = served + state.delay
        winner: Process = lock.holder
        if winner.kind == LOCK and winner.what is lock:
            self.engine.appoint(winner, state.granted)

    def release(self, lock: SpinLock, state: LockState) -> None:
        engine = self.engine
        p = engine.begin()
        line: Line = lock.cell.tag
        if line.due:
            self._reread(line, state, p.clock)
        engine.touch(p, line, True, False)
        state.hold_time += p.clock - state.since
        lock.holder = None
        if state.waiters:
            state.served = p.clock
            state.delay = engine.caches.read_by_first(line, state.numbers, engine.draw)
            line.due = p.clock
            successor = state.leave(0)
            state.reader = 1 << successor.number
            self._grant(successor, lock, state, p.clock + state.delay)


class Mcs(Flavour):
    """The queue lock of Mellor-Crummey and Scott."""

    def acquire(self, p: Process, lock: SpinLock, state: LockState) -> None:
        engine = self.engine
        engine.begin()
        asked = p.clock
        engine.touch(p, self._node(state, p), True, False)
        engine.turn(p)
        engine.touch(p, lock.cell.tag, True, True)
        if lock.holder is None:
            lock.holder = p
            state.lock_count += 1
            state.since = p.clock
            return
        predecessor = state.waiters[-1] if state.waiters else lock.holder
        state.enter(p)
        state.unlinked[p] = None
        engine.turn(p)
        self._link(p, predecessor, state)
        self._wait_in_place(p, lock, state)
        state.taken(lock, p, p.clock - asked)

    def _node(self, state: LockState, p: Process) -> Line:
        node = state.nodes.get(p.number)
        if node is None:
            node = state.nodes[p.number] = Line(f"node of {p.name}")
        return node

    def _link(self, p: Process, predecessor: Process, state: LockState) -> None:
        """Let the predecessor know; if it spins on its node it reads that again, if it wants to release it goes on."""
        engine = self.engine
        node = self._node(state, predecessor)
        engine.touch(p, node, True, False)
        node.due = p.clock if predecessor in state.waiters else 0
        releasing = state.unlinked.pop(p)
        if releasing is not None:
            engine.wake(releasing, p.clock)

    def release(self, lock: SpinLock, state: LockState) -> None:
        engine = self.engine
        p = engine.begin()
        node = self._node(state, p)
        engine.touch(p, node, False, False)
        engine.turn(p)
        if not state.waiters:
            engine.touch(p, lock.cell.tag, True, True)
            state.hold_time += p.clock - state.since
            lock.holder = None
            return
        successor = state.waiters[0]
        if successor in state.unlinked:
            state.unlinked[successor] = p
            while successor in state.unlinked:
                engine.block(p, LOCK, lock)
            engine.touch(p, node, False, False)
            engine.turn(p)
        self._pass_on(p, lock, state)

    def _pass_on(self, p: Process, lock: SpinLock, state: LockState) -> None:
        engine = self.engine
        successor = state.leave(0)
        node = self._node(state, successor)
        if node.due:
            if node.due < p.clock:
                engine.caches.access(node, successor.number, node.due, False, False)
            node.due = 0
        engine.touch(p, node, True, False)
        state.hold_time += p.clock - state.since
        self._grant(successor, lock, state, p.clock + engine.caches.access(node, successor.number, p.clock, False, False))
