"""What is common to all spinlock flavours of the timed engine: the state of a lock, and what an algorithm has to provide.

Each flavour is the algorithm of its name on cache lines; none knows how expensive contention is. For all of them:

- A CPU that spins has a copy of the line that it spins on. A write takes it away, and when that write has been served the CPU reads the
  line again. It has one read under way at most: if another write is asked for before, one read after both will do. (`due` is the time of a
  write after which those that spin have not read yet; whether they have is settled when the next write is asked for.)
- A write takes effect on the lock when it is asked for, and costs what the line says.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from harness.machine.engine import LOCK, Process
from harness.timed.cached_timeline import CachedTimeline
from harness.timed.caches import Line
from harness.timed.timeline import Turn
from stages.shared_memory import SpinLock


class LockState:
    """The timed engine's part of one lock: who waits, in the order of their arrival, and its profile.

    The profile is in the terms of Xen's: how often taken, for how long; how often and how long waited for (cycles).
    """

    __slots__ = (
        "attempt", "block_count", "block_time", "delay", "granted", "hold_time", "lock_count", "max_block", "nodes", "numbers", "reader",
        "served", "since", "spinners", "unlinked", "waiters",
    )  # fmt: skip

    def __init__(self) -> None:
        self.waiters: list[Process] = []
        # Their CPUs, as a list and as a mask.
        self.numbers: list[int] = []
        self.spinners = 0
        self.since = 0
        # When the latest holder that was handed the lock has it.
        self.granted = 0
        # Ticket: when the latest release is served, how much later the next holder has read it, and its CPU (a mask) until it has.
        self.served = -1
        self.delay = 0
        self.reader = 0
        # MCS: each CPU's node; waiters whose predecessor does not know them yet, with one that wants to release meanwhile.
        self.nodes: dict[int, Line] = {}
        self.unlinked: dict[Process, Process | None] = {}
        # Test-and-test-and-set: made when it is first needed.
        self.attempt: Turn | None = None
        self.reset()

    def reset(self) -> None:
        """Count from here on; what is held or waited for now counts when that ends."""
        self.lock_count = 0
        self.hold_time = 0
        self.block_count = 0
        self.block_time = 0
        self.max_block = 0

    def enter(self, p: Process) -> None:
        """`p` waits from now on."""
        self.waiters.append(p)
        self.numbers.append(p.number)
        self.spinners |= 1 << p.number

    def leave(self, index: int) -> Process:
        """A waiter does not wait any more."""
        self.spinners &= ~(1 << self.numbers.pop(index))
        return self.waiters.pop(index)

    def taken(self, lock: SpinLock, p: Process, waited: int) -> None:
        """Count that `p` has the lock, for which it has waited."""
        self.block_count += 1
        self.block_time += waited
        if waited > self.max_block:
            self.max_block = waited
        lock.holder = p
        self.lock_count += 1
        self.since = p.clock


class Flavour(ABC):
    """One algorithm, on one engine."""

    # A waiter cannot leave: interrupts stay off while it waits (`irqsave`), or are handled in its place.
    keeps_place = True

    def __init__(self, engine: CachedTimeline) -> None:
        self.engine = engine
        caches = engine.caches
        self.access, self.join, self.handover, self.hit = caches.access, caches.join, caches.handover, caches.hit

    @abstractmethod
    def acquire(self, p: Process, lock: SpinLock, state: LockState) -> None:
        """Return when `p` holds the lock."""

    @abstractmethod
    def release(self, lock: SpinLock, state: LockState) -> None:
        """Let go; the next one, if any, is the holder from now on, and goes on when it has noticed."""

    def _reread(self, line: Line, state: LockState, now: int) -> None:
        """A write to `line` is asked for: those that spin on it have read it again after the last write, if that is over."""
        if line.due < now:
            self.join(line, state.spinners | state.reader)
            state.reader = 0
        line.due = 0

    def _wait_in_place(self, p: Process, lock: SpinLock, state: LockState) -> None:
        """Wait until the lock is handed to `p`, which may run interrupt handlers meanwhile."""
        engine = self.engine
        engine.block(p, LOCK, lock)
        while lock.holder is not p:
            engine.arrive(p)
            if lock.holder is not p:
                engine.block(p, LOCK, lock)
        if p.clock < state.granted:
            p.clock = state.granted
            engine.turn(p)

    def _grant(self, p: Process, lock: SpinLock, state: LockState, time: int) -> None:
        lock.holder = p
        state.granted = time
        # It may be in an interrupt handler, and even wait there for something else.
        if p.kind == LOCK and p.what is lock:
            self.engine.wake(p, time)
