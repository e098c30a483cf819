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
}


class LockStatistics:
    """Per lock, in the terms of a lock profile: how often taken, for how long; how often and how long waited for (cycles)."""

    __slots__ = ("block_count", "block_time", "hold_time", "lock_count", "max_block", "since", "waiters")

    def __init__(self) -> None:
        self.lock_count = 0
        self.hold_time = 0
        self.block_count = 0
        self.block_time = 0
        self.max_block = 0
        self.since = 0
        self.waiters: list[Process] = []


class TimedEngine(Engine):
    """Runs processes in the order of their clocks; `jitter` stretches every operation by up to that factor, at random."""

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
        self.caches = caches or UniformCaches()
        self.costs = costs
        self.random = random.Random(seed)
        self.jitter = jitter
        self.max_steps = max_steps
        self.end = end
        self.steps = 0
        self.horizon = NEVER
        self.locks: list[SpinLock] = []
        self._queue: list[tuple[int, int, Process | Callable[[], None]]] = []
        self._sequence = 0
        self._lines: dict[str, Line] = {}
        self._watched: dict[int, list[Process]] = {}

    def place(self, cell: Cell, line: str) -> Line:
        """Cells that name the same line share it."""
        return self._lines.setdefault(line, Line(line))

    # The queue of processes and events.

    def at(self, time: int, event: Process | Callable[[], None]) -> None:
        """Let `event` happen, or a process go on, at `time`."""
        self._sequence += 1
        heappush(self._queue, (time, self._sequence, event))
        self.horizon = min(self.horizon, time)

    def run(self) -> None:
        """Run until nothing can happen any more, or until the time `end`."""
        for process in self.processes:
            process.glet = greenlet(self._main)
            self.at(int(process.clock + self.random.random() * self.jitter * 1000), process)
        self.frozen = False
        while self.failure is None and (following := self._pop()):
            self._resume(following)
        self.frozen = True
        if not self._queue:
            self.judge_end()

    def _pop(self) -> Process | None:
        """Let events happen until a process is next; None at the end."""
        queue = self._queue
        while queue and self.failure is None and queue[0][0] < self.end:
            time, _, what = heappop(queue)
            self.horizon = queue[0][0] if queue else NEVER
            if isinstance(what, Process):
                what.blocked = False
                what.clock = max(what.clock, time)
                return what
            what()
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
        """Let others run until `p`, which has been queued or blocked, is next."""
        following = self._pop()
        if following is p:
            self.current = p
        elif following is None:
            self.hub.switch()
        else:
            self._resume(following)
        if self.failure is not None:
            raise self.failure

    def _block(self, p: Process, kind: str, what: Any) -> None:
        p.kind, p.what, p.blocked = kind, what, True
        p.ticket += 1
        self._leave(p)
        p.kind = ""

    def wake(self, p: Process, time: int) -> None:
        """Queue a blocked process to go on at `time`."""
        if p.blocked:
            p.blocked = False
            p.ticket += 1
            self.at(max(p.clock, time), p)

    def _arrive(self, p: Process) -> None:
        """Return when it is `p`'s turn; pending interrupts come first."""
        self.steps += 1
        if self.max_steps is not None and self.steps > self.max_steps:
            raise self.violate(NO_PROGRESS, f"{self.max_steps} operations and no end")
        while True:
            if p.clock > self.horizon:
                self.at(p.clock, p)
                self._leave(p)
            if not (p.attention and p.irqs_on):
                return
            p.take_interrupt()

    def _pass(self, p: Process, cycles: int) -> None:
        p.clock += int(cycles * (1 + self.jitter * self.random.random())) if self.jitter else cycles

    # Memory.

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """One access to the cell's line."""
        if self.frozen:
            return
        p = self.current
        self._arrive(p)
        if p.number >= 0:
            self._pass(p, self.caches.access(cell.tag, p.number, p.clock, write, kind == RMW))
        if write and self._watched:
            self._check(cell)

    def only_read(self) -> None:
        """A failed compare-and-exchange costs as much as one that succeeds."""

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One access to each node's line."""
        if self.frozen:
            return
        p = self.current
        self._arrive(p)
        read, written = footprint()
        for line in dict.fromkeys(cell.tag for cell in read):
            self._pass(p, self.caches.access(line, p.number, p.clock, False, False))
        for line in dict.fromkeys(cell.tag for cell in written):
            self._pass(p, self.caches.access(line, p.number, p.clock, True, False))

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
            self._acquire(p, lock, self.statistics(lock))
        if irqs_off:
            p.irqs_on = False

    def _acquire(self, p: Process, lock: SpinLock, state: LockStatistics) -> None:
        self._arrive(p)
        asked = p.clock
        self._pass(p, self.caches.access(lock.cell.tag, p.number, p.clock, True, True))
        if lock.holder is not None:
            self._compete(p, lock, state.waiters)
            waited = p.clock - asked
            state.block_count += 1
            state.block_time += waited
            state.max_block = max(state.max_block, waited)
        lock.holder = p
        state.lock_count += 1
        state.since = p.clock

    def _compete(self, p: Process, lock: SpinLock, waiters: list[Process]) -> None:
        """Wait until a release makes `p` the holder, or an interrupt that it took meanwhile has left the lock free."""
        while lock.holder is not None and lock.holder is not p:
            waiters.append(p)
            self._block(p, LOCK, lock)
            if lock.holder is not p:
                waiters.remove(p)
                self._arrive(p)

    def release(self, lock: SpinLock) -> None:
        """Store to the lock's line; one of those that wait for it, if any, is the holder from now on."""
        if self.frozen:
            lock.holder = None
            return
        p = self.current
        self._arrive(p)
        line: Line = lock.cell.tag
        self._pass(p, self.caches.access(line, p.number, p.clock, True, False))
        state = self.statistics(lock)
        state.hold_time += p.clock - state.since
        lock.holder = None
        if state.waiters:
            winner, time = self.caches.handover(line, state.waiters, p.clock, self.random.random())
            lock.holder = state.waiters.pop(winner)
            self.wake(lock.holder, time)

    # Interrupts, waiting, time.

    def irq_point(self, kind: str) -> None:
        """Switching interrupts costs a little."""
        if not self.frozen:
            p = self.current
            self._arrive(p)
            self._pass(p, self.costs["irqs"])

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
        self._arrive(self.current)
        time = self.current.clock + self.costs[cost]

        def arrive() -> None:
            deliver()
            if process.blocked and (process.irqs_on or process.kind == HALT):
                self.wake(process, time)

        self.at(time, arrive)

    def halt(self, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Off the queue until an interrupt or IPI arrives."""
        if not self.frozen:
            p = self.current
            self._arrive(p)
            while not ready() and not p.attention:
                self._block(p, HALT, p.name)
            if p.attention and p.irqs_on:
                p.take_interrupt()

    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Off the queue until a write to one of `cells` makes `ready()` true."""
        if self.frozen:
            return
        p = self.current
        self._arrive(p)
        while not ready():
            for cell in cells:
                self._watched.setdefault(id(cell), []).append(p)
            self._block(p, AWAIT, what)
            for cell in cells:
                self._watched[id(cell)].remove(p)
            self._arrive(p)

    def _check(self, cell: Cell) -> None:
        """`cell` changes now: those that wait for it look again, once the change has happened."""
        for process in self._watched.get(id(cell), ()):
            time = self.current.clock
            self.at(time, lambda process=process, time=time: self.wake(process, time))  # type: ignore[misc]

    def relax(self) -> None:
        """Spin a little."""
        if not self.frozen:
            p = self.current
            self._arrive(p)
            p.kind, p.what = RELAX, where()
            self._pass(p, self.costs["relax"])

    def sleep(self, cycles: int) -> None:
        """Off the queue until the time is over or something arrives."""
        if self.frozen:
            return
        p = self.current
        self._arrive(p)
        time, ticket = p.clock + cycles, p.ticket + 1
        self.at(time, lambda: self.wake(p, time) if p.ticket == ticket else None)
        self._block(p, HALT, p.name)
        self._arrive(p)

    def spend(self, cost: str) -> None:
        """Let the time of a named cost pass, without a look at anything."""
        if not self.frozen:
            self._pass(self.current, self.costs[cost])

    def now(self) -> int:
        """The clock of the current process, in cycles."""
        return self.current.clock
