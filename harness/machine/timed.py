"""The timed engine: virtual time in cycles, the earliest process first.

A process runs ahead without a switch until it would pass the *horizon*, the time of the earliest other process or event; an operation
takes effect when the process reaches it and then costs what the memory model says. Nothing here depends on the host: the same seed
gives the same execution.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from greenlet import greenlet

from harness.machine.caches import Caches, Line, UniformCaches
from harness.machine.diagnosis import LOCK_MISUSE, NO_PROGRESS, where
from harness.machine.engine import AWAIT, HALT, LOCK, RELAX, RMW, Engine, Footprint, Process
from stages.hypervisor import Cell, SpinLock

NEVER = 1 << 62

# Cycles; a performance run passes a cost table of its own.
DEFAULT_COSTS: Mapping[str, int] = {
    "irqs": 10,
    "relax": 60,
    "ipi_send": 300,
    "ipi": 1000,
    "device": 0,
    "handler": 1000,
    "context_switch": 2500,
}

DEFAULT_CACHES = UniformCaches()


class LockStatistics:
    """Per lock, in the terms of a lock profile: how often taken, for how long; how often and how long waited for (cycles)."""

    __slots__ = ("block_count", "block_time", "hold_time", "lock_count", "max_block", "since", "waiters")

    def __init__(self) -> None:
        self.waiters: list[Process] = []
        self.since = 0
        self.reset()

    def reset(self) -> None:
        """Count from here on; what is held or waited for now counts when that ends."""
        self.lock_count = 0
        self.hold_time = 0
        self.block_count = 0
        self.block_time = 0
        self.max_block = 0


class TimedEngine(Engine):
    """Runs processes in the order of their clocks; `jitter` stretches every operation by up to that factor, at random.

    At `end`, everything stops where it is. `max_steps` operations without an end are a violation.
    """

    def __init__(
        self,
        caches: Caches | None = None,
        costs: Mapping[str, int] = DEFAULT_COSTS,
        seed: int = 0,
        jitter: float = 0.0,
        max_steps: int | None = None,
        end: int = NEVER,
    ) -> None:
        super().__init__()
        self.caches: Caches = caches or DEFAULT_CACHES
        self.costs = costs
        self.random = random.Random(seed)
        self.jitter = jitter
        self.max_steps = NEVER if max_steps is None else max_steps
        self.end = end
        self.steps = 0
        self.horizon = end
        self.locks: list[SpinLock] = []
        self._hit = self.caches.hit
        self._atomic_hit = self.caches.atomic_hit
        # Time, order among equals, then a process and which of its appointments this is, or an event.
        self._queue: list[tuple[int, int, Process | None, Any]] = []
        self._sequence = 0
        self._lines: dict[str, Line] = {}
        self._watched: dict[Cell, list[Process]] = {}

    def place(self, cell: Cell, line: str) -> Line:
        """Cells that name the same line share it."""
        return self._lines.setdefault(line, Line(line))

    # The queue of processes and events.

    def at(self, time: int, event: Callable[[], None]) -> None:
        """Let `event` happen at `time`; it performs no operations, but may make interrupts pending (`post`) and wake processes."""
        self._sequence += 1
        heappush(self._queue, (time, self._sequence, None, event))
        if time < self.horizon:
            self.horizon = time

    def _appoint(self, p: Process, time: int) -> None:
        """Let `p` go on at `time`; an appointment that it had before is void."""
        p.ticket += 1
        self._sequence += 1
        heappush(self._queue, (time, self._sequence, p, p.ticket))
        if time < self.horizon:
            self.horizon = time

    def run(self) -> None:
        """Run until nothing can happen any more, or until the time `end`."""
        for process in self.processes:
            process.glet = greenlet(self._main)
            late = int(self.random.random() * self.jitter * 1000) if self.jitter else 0
            self._appoint(process, process.clock + late)
        self.frozen = False
        while self.failure is None and (following := self._pop()):
            self._resume(following)
        self.frozen = True
        if not self._queue:
            self.judge_end()

    def _pop(self) -> Process | None:
        """Let events happen until a process is next; None at the end."""
        queue = self._queue
        while queue and queue[0][0] < self.end and self.failure is None:
            time, _, p, what = heappop(queue)
            if p is None:
                what()
            elif p.ticket == what:
                # Nobody passes `end` unseen.
                self.horizon = queue[0][0] if queue and queue[0][0] < self.end else self.end
                p.blocked = False
                if p.clock < time:
                    p.clock = time
                return p
        return None

    def _resume(self, process: Process) -> None:
        self.current = process
        assert process.glet is not None
        if process.started:
            process.glet.switch()
        else:
            process.started = True
            process.glet.switch(process)

    def _leave(self, p: Process) -> None:
        """Let others run until `p`, which has an appointment or is blocked, is next."""
        following = self._pop()
        if following is None:
            self.hub.switch()
            self.current = p
        elif following is not p:
            self._resume(following)
            self.current = p
        if self.failure is not None:
            raise self.failure

    def _block(self, p: Process, kind: str, what: Any) -> None:
        """Let others run until `p` is woken, or its appointment, if it has made one, has come."""
        p.kind, p.what, p.blocked = kind, what, True
        self._leave(p)
        p.kind = ""

    def wake(self, p: Process, time: int) -> None:
        """Have a blocked process go on at `time`."""
        if p.blocked:
            p.blocked = False
            self._appoint(p, max(p.clock, time))

    def _arrive(self, p: Process) -> None:
        """Return when it is `p`'s turn; pending interrupts come first."""
        if self.steps > self.max_steps:
            raise self.violate(NO_PROGRESS, f"{self.max_steps} operations and no end")
        while True:
            if p.clock > self.horizon:
                p.ticket += 1
                self._sequence += 1
                heappush(self._queue, (p.clock, self._sequence, p, p.ticket))
                self._leave(p)
            if not (p.attention and p.irqs_on):
                return
            p.take_interrupt()

    def _begin(self) -> Process:
        """Start an operation of the current process, when it is its turn."""
        p = self.current
        self.steps += 1
        if p.clock > self.horizon or p.attention or self.steps > self.max_steps:
            self._arrive(p)
        return p

    def _pass(self, p: Process, cycles: int) -> None:
        p.clock += int(cycles * (1 + self.jitter * self.random.random())) if self.jitter else cycles

    # Memory.

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """One access to the cell's line."""
        if self.frozen:
            return
        p = self._begin()
        if p.number >= 0:
            self._touch(p, cell.tag, write, kind == RMW)
        if write and self._watched:
            self._check(cell)

    def _touch(self, p: Process, line: Line, write: bool, atomic: bool) -> None:
        """Let `p` access `line`. A hit needs no look at the topology."""
        number = p.number
        if line.owner == number:
            line.dirty |= write
            cycles = self._atomic_hit if atomic else self._hit
        elif not write and line.sharers >> number & 1:
            cycles = self._hit
        else:
            cycles = self.caches.access(line, number, p.clock, write, atomic)
        if self.jitter:
            self._pass(p, cycles)
        else:
            p.clock += cycles

    def only_read(self) -> None:
        """A failed compare-and-exchange costs as much as one that succeeds."""

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One access to each node's line."""
        if self.frozen:
            return
        p = self._begin()
        if p.number < 0:
            return
        read, written = footprint()
        for cells, write in ((read, False), (written, True)):
            if cells:
                for line in dict.fromkeys([cell.tag for cell in cells]):
                    self._touch(p, line, write, False)

    # Locks.

    def statistics(self, lock: SpinLock) -> LockStatistics:
        """The profile of a lock; made when it is first used."""
        if lock.state is None:
            lock.state = LockStatistics()
            self.locks.append(lock)
        state: LockStatistics = lock.state
        return state

    def acquire(self, lock: SpinLock, irqs_off: bool) -> None:
        """Take a free lock, or wait for a handover; an interrupt takes a waiter that accepts it out of the race meanwhile."""
        p = self.current
        if lock.holder is p:
            raise self.violate(LOCK_MISUSE, f"takes {lock.name}, which it holds already, at {where()}")
        if self.frozen:
            lock.holder = p
        else:
            self._acquire(p, lock, lock.state or self.statistics(lock))
        if irqs_off:
            p.irqs_on = False

    def _acquire(self, p: Process, lock: SpinLock, state: LockStatistics) -> None:
        self._begin()
        asked = p.clock
        self._touch(p, lock.cell.tag, True, True)
        if lock.holder is not None:
            self._compete(p, lock, state.waiters)
            waited = p.clock - asked
            state.block_count += 1
            state.block_time += waited
            if waited > state.max_block:
                state.max_block = waited
        lock.holder = p
        state.lock_count += 1
        state.since = p.clock

    def _compete(self, p: Process, lock: SpinLock, waiters: list[Process]) -> None:
        """Wait until a release makes `p` the holder; after an interrupt that it took meanwhile, it tries again."""
        while True:
            self.caches.join(lock.cell.tag, waiters)
            waiters.append(p)
            self._block(p, LOCK, lock)
            if lock.holder is p:
                return
            self._arrive(p)
            self._touch(p, lock.cell.tag, True, True)
            if lock.holder is None:
                return

    def release(self, lock: SpinLock) -> None:
        """Store to the lock's line; one of those that wait for it, if any, is the holder from now on."""
        if self.frozen:
            lock.holder = None
            return
        p = self._begin()
        line: Line = lock.cell.tag
        self._touch(p, line, True, False)
        state: LockStatistics = lock.state or self.statistics(lock)
        state.hold_time += p.clock - state.since
        lock.holder = None
        if state.waiters:
            winner, time = self.caches.handover(line, state.waiters, p.clock, self.random.random)
            lock.holder = state.waiters.pop(winner)
            self.wake(lock.holder, time)

    # Interrupts, waiting, time.

    def irq_point(self, kind: str) -> None:
        """Switching interrupts costs a little."""
        if not self.frozen:
            self._pass(self._begin(), self.costs["irqs"])

    def raise_irq(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        """The interrupt is pending after its flight time."""
        self._send(process, deliver, cost)

    def kick(self, process: Process, deliver: Callable[[], None]) -> None:
        """The IPI arrives after its flight time."""
        if not self.frozen:
            self._pass(self.current, self.costs["ipi_send"])
        self._send(process, deliver, "ipi")

    def _send(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        if self.frozen:
            deliver()
            return
        self.post(process, deliver, self._begin().clock + self.costs[cost])

    def post(self, process: Process, deliver: Callable[[], None], time: int) -> None:
        """An interrupt arrives at `time`: `deliver` makes it pending; it ends sleep, and the wait for a lock with interrupts on."""

        def arrive() -> None:
            deliver()
            if process.blocked and (process.irqs_on or process.kind == HALT):
                if process.kind == LOCK:
                    process.what.state.waiters.remove(process)
                self.wake(process, time)

        self.at(time, arrive)

    def halt(self, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Off the queue until an interrupt or IPI arrives."""
        if not self.frozen:
            p = self.current
            self.steps += 1
            # Going to sleep and taking interrupts are one step: one that is pending ends the sleep, it does not come before it.
            if p.clock > self.horizon:
                self._appoint(p, p.clock)
                self._leave(p)
            while not ready() and not p.attention:
                self._block(p, HALT, p.name)
            if p.attention and p.irqs_on:
                p.take_interrupt()

    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Off the queue until a write to one of `cells` makes `ready()` true."""
        if self.frozen:
            return
        p = self._begin()
        while not ready():
            for cell in cells:
                self._watched.setdefault(cell, []).append(p)
            self._block(p, AWAIT, what)
            for cell in cells:
                self._watched[cell].remove(p)
            self._arrive(p)

    def _check(self, cell: Cell) -> None:
        """`cell` changes now: those that wait for it look again, once the change has happened."""
        for process in self._watched.get(cell, ()):
            time = self.current.clock
            self.at(time, lambda process=process, time=time: self.wake(process, time))  # type: ignore[misc]

    def relax(self) -> None:
        """Spin a little."""
        if not self.frozen:
            p = self._begin()
            p.kind, p.what = RELAX, where()
            self._pass(p, self.costs["relax"])

    def sleep(self, cycles: int, unless: Callable[[], bool] | None = None) -> None:
        """Off the queue until the time is over or an interrupt or IPI arrives; with interrupts off, that only ends the sleep.

        If `unless` holds there is no sleep: it tells whether an IPI came before.
        """
        if self.frozen:
            return
        p = self._begin()
        if p.attention or (unless is not None and unless()):
            return
        self._appoint(p, p.clock + cycles)
        self._block(p, HALT, p.name)
        self._arrive(p)

    def spend(self, cost: str) -> None:
        """Let the time of a named cost pass, without a look at anything."""
        if not self.frozen:
            self._pass(self.current, self.costs[cost])

    def now(self) -> int:
        """The clock of the current process, in cycles."""
        return self.current.clock
