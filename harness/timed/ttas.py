"""Test-and-test-and-set, the flavour of Xen's spinlocks until 2015.

A CPU makes one attempt; then it reads until the lock looks free, and tries again. That is unfair: see `TopologyCaches.handover`. Between
attempts interrupts are as before the call: an interrupt takes the waiter out of the race, and it tries again after the handler.

What happens on every acquisition is written out in place rather than called: this is where a run under load spends its time.
"""

from __future__ import annotations

from harness.machine.engine import LOCK, Process
from harness.timed.caches import Line
from harness.timed.lock_state import Flavour, LockState
from stages.shared_memory import SpinLock


class Attempt:
    """How a CPU tries to take a test-and-test-and-set lock that was held when it set out to do so (a `Turn`)."""

    __slots__ = ("access", "engine", "lock", "reread", "state")

    def __init__(self, flavour: Ttas, lock: SpinLock, state: LockState) -> None:
        self.engine = flavour.engine
        self.access, self.reread = flavour.access, flavour._reread
        self.lock = lock
        self.state = state

    def lets_go_on(self, p: Process) -> bool:
        """Take the lock if it is free; if not, `p` is blocked. It goes on also if it has an interrupt to take first."""
        if p.attention and p.irqs_on:
            return True
        engine, lock, state = self.engine, self.lock, self.state
        clock, number = p.clock, p.number
        line: Line = lock.cell.tag
        if line.due:
            self.reread(line, state, clock)
        cycles = self.access(line, number, clock, True, True)
        if engine.jitter:
            engine.stretch(p, cycles)
            clock = p.clock
        else:
            p.clock = clock = clock + cycles
        if lock.holder is None:
            lock.holder = p
            state.lock_count += 1
            state.since = clock
            return True
        if state.spinners:
            line.due = clock
        state.waiters.append(p)
        state.numbers.append(number)
        state.spinners |= 1 << number
        p.kind = LOCK
        p.what = lock
        p.blocked = True
        return False


class Ttas(Flavour):
    """Test-and-test-and-set. A waiter accepts interrupts between attempts, if they were on."""

    keeps_place = False

    def acquire(self, p: Process, lock: SpinLock, state: LockState) -> None:
        engine = self.engine
        engine.steps = steps = engine.steps + 1
        if steps > engine.look_at:
            engine.look()
        if p.clock > engine.horizon:
            if lock.holder is not None:
                self._acquire_in_turn(p, lock, state)
                return
            engine.let_pass(p)
        if p.attention and p.irqs_on:
            engine.attend(p)
        asked = p.clock
        line: Line = lock.cell.tag
        if line.due:
            self._reread(line, state, asked)
        cycles = self.access(line, p.number, asked, True, True)
        if engine.jitter:
            engine.stretch(p, cycles)
        else:
            p.clock = asked + cycles
        if lock.holder is None:
            lock.holder = p
            state.lock_count += 1
            state.since = p.clock
            return
        self._enter(p, lock, state)
        self._wait(p, lock, state, asked)

    def _acquire_in_turn(self, p: Process, lock: SpinLock, state: LockState) -> None:
        """The lock is held when `p` sets out to take it, and most likely will be when it arrives: so that is left to `Attempt`."""
        engine, asked = self.engine, p.clock
        attempt = state.attempt
        if attempt is None:
            attempt = state.attempt = Attempt(self, lock, state)
        engine.stand_in(p, attempt)
        if p.kind is LOCK:
            self._wait(p, lock, state, asked)
        elif lock.holder is not p:
            engine.attend(p)
            asked = p.clock
            if not attempt.lets_go_on(p):
                engine.leave(p)
                self._wait(p, lock, state, asked)

    def _enter(self, p: Process, lock: SpinLock, state: LockState) -> None:
        """`p` has tried in vain: it waits until it is handed the lock, or an interrupt takes it out."""
        if state.spinners:
            lock.cell.tag.due = p.clock
        state.enter(p)
        self.engine.block(p, LOCK, lock)

    def _wait(self, p: Process, lock: SpinLock, state: LockState, asked: int) -> None:
        """`p`, which wants the lock since `asked`, has been woken: it has it, or it tries again after the interrupt."""
        engine = self.engine
        p.kind = ""
        while lock.holder is not p:
            engine.arrive(p)
            line: Line = lock.cell.tag
            if line.due:
                self._reread(line, state, p.clock)
            engine.touch(p, line, True, True)
            if lock.holder is None:
                lock.holder = p
            else:
                self._enter(p, lock, state)
        state.since = now = p.clock
        waited = now - asked
        if waited > state.max_block:
            state.max_block = waited
        state.block_count += 1
        state.block_time += waited
        state.lock_count += 1

    def release(self, lock: SpinLock, state: LockState) -> None:
        engine = self.engine
        p = engine.current
        engine.steps = steps = engine.steps + 1
        if steps > engine.look_at:
            engine.look()
        if p.clock > engine.horizon:
            engine.let_pass(p)
        if p.attention and p.irqs_on:
            engine.attend(p)
        now = p.clock
        line: Line = lock.cell.tag
        if line.due:
            self._reread(line, state, now)
        number = p.number
        if line.owner == number:
            # Nobody has tried meanwhile.
            line.dirty = True
            cycles = self.hit
        else:
            cycles = self.access(line, number, now, True, False)
        if engine.jitter:
            engine.stretch(p, cycles)
            now = p.clock
        else:
            p.clock = now = now + cycles
        state.hold_time += now - state.since
        spinners = state.spinners
        if spinners:
            numbers = state.numbers
            winner, time = self.handover(line, numbers, spinners, now, engine.draw)
            state.spinners = spinners ^ 1 << numbers.pop(winner)
            lock.holder = successor = state.waiters.pop(winner)
            # It waits for nothing else: an interrupt would have taken it out.
            successor.blocked = False
            engine.appoint(successor, time)
        else:
            lock.holder = None
