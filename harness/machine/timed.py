"""The timed engine: virtual time in cycles, the earliest process first.

A process runs ahead without a switch until it would pass the *horizon*, the time of the earliest other process or event; an operation
takes effect when the process reaches it and then costs what the memory model says. Nothing here depends on the host: the same seed
gives the same execution.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush, heappushpop
from typing import Any

from greenlet import greenlet

from harness.machine.caches import Caches, Line, UniformCaches
from harness.machine.diagnosis import LOCK_MISUSE, NO_PROGRESS, where
from harness.machine.engine import AWAIT, HALT, LOCK, RELAX, RMW, Engine, Footprint, Process
from harness.machine.lock_flavours import FLAVOURS, LockState
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


class TimedEngine(Engine):
    """Runs processes in the order of their clocks; `jitter` stretches every operation by up to that factor, at random.

    At `end`, everything stops where it is. `max_steps` operations without an end are a violation. `lock` is the flavour of all spinlocks.
    """

    def __init__(
        self,
        caches: Caches | None = None,
        costs: Mapping[str, int] = DEFAULT_COSTS,
        seed: int = 0,
        jitter: float = 0.0,
        max_steps: int | None = None,
        end: int = NEVER,
        lock: str = "ttas",
    ) -> None:
        super().__init__()
        if lock not in FLAVOURS:
            raise ValueError(f"no such lock flavour: {lock} (there are {', '.join(FLAVOURS)})")
        self.lock_flavour = lock
        self._flavour = FLAVOURS[lock](self)
        self.caches: Caches = caches or DEFAULT_CACHES
        self.costs = costs
        self.random = random.Random(seed)
        self.draw = self.random.random
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

    def appoint(self, p: Process, time: int) -> None:
        """Let `p` go on at `time`; an appointment that it had before is void."""
        p.ticket = ticket = p.ticket + 1
        self._sequence = sequence = self._sequence + 1
        heappush(self._queue, (time, sequence, p, ticket))
        if time < self.horizon:
            self.horizon = time

    def run(self) -> None:
        """Run until nothing can happen any more, or until the time `end`."""
        for process in self.processes:
            process.glet = greenlet(self._main)
            late = int(self.random.random() * self.jitter * 1000) if self.jitter else 0
            self.appoint(process, process.clock + late)
        self.frozen = False
        while self.failure is None and (following := self._pop()):
            while following is not None:
                following = self._resume(following)
        self.frozen = True
        if not self._queue:
            self.judge_end()

    def _pop(self) -> Process | None:
        """Let events happen until a process is next; None at the end."""
        queue, end = self._queue, self.end
        while queue and queue[0][0] < end and self.failure is None:
            time, _, p, what = heappop(queue)
            if p is None:
                what()
            elif p.ticket == what:
                # Nobody passes `end` unseen.
                self.horizon = end
                if queue and queue[0][0] < end:
                    self.horizon = queue[0][0]
                p.blocked = False
                if p.clock < time:
                    p.clock = time
                return p
        return None

    def _resume(self, process: Process) -> Process | None:
        """Switch to a process from the hub; returns one that the hub is to start."""
        self.current = process
        glet: greenlet = process.glet  # type: ignore[assignment]
        if process.started:
            found = glet.switch()
        else:
            process.started = True
            found = glet.switch(process)
        return found if isinstance(found, Process) else None

    def _leave(self, p: Process) -> None:
        """Let others run until `p`, which has an appointment or is blocked, is next."""
        following = self._pop()
        if following is not p:
            if following is None:
                self.hub.switch()
            elif following.started:
                self.current = following
                following.glet.switch()  # type: ignore[union-attr]
            else:
                # A greenlet begins with the stack depth of whoever starts it: 80 that start each other would be too deep.
                self.hub.switch(following)
            self.current = p
        if self.failure is not None:
            raise self.failure

    def block(self, p: Process, kind: str, what: Any) -> None:
        """Let others run until `p` is woken, or its appointment, if it has made one, has come."""
        p.kind, p.what, p.blocked = kind, what, True
        self._leave(p)
        p.kind = ""

    def wake(self, p: Process, time: int) -> None:
        """Have a blocked process go on at `time`."""
        if p.blocked:
            p.blocked = False
            self.appoint(p, max(p.clock, time))

    def arrive(self, p: Process) -> None:
        """Return when it is `p`'s turn; pending interrupts come first."""
        if self.steps > self.max_steps:
            raise self.violate(NO_PROGRESS, f"{self.max_steps} operations and no end")
        while True:
            if p.clock > self.horizon:
                self._let_pass(p)
            if not (p.attention and p.irqs_on):
                return
            p.take_interrupt()

    def _let_pass(self, p: Process) -> None:
        """Let those run that are earlier than `p`: as `appoint` and `_leave`, quicker if a process is next, and not an event."""
        p.ticket = ticket = p.ticket + 1
        self._sequence = sequence = self._sequence + 1
        queue, end = self._queue, self.end
        first = heappushpop(queue, (p.clock, sequence, p, ticket))
        time, _, following, what = first
        if following is None or following.ticket != what or following is p or not following.started or time >= end:
            heappush(queue, first)
            self._leave(p)
            return
        self.horizon = end
        if queue[0][0] < end:
            self.horizon = queue[0][0]
        following.blocked = False
        if following.clock < time:
            following.clock = time
        self.current = following
        following.glet.switch()  # type: ignore[union-attr]
        self.current = p
        if self.failure is not None:
            raise self.failure

    def turn(self, p: Process) -> None:
        """Return when it is `p`'s turn, in the midst of an operation: interrupts wait."""
        if p.clock > self.horizon:
            self._let_pass(p)

    def begin(self) -> Process:
        """Start an operation of the current process, when it is its turn."""
        p = self.current
        self.steps += 1
        if p.clock > self.horizon or p.attention or self.steps > self.max_steps:
            self.arrive(p)
        return p

    def stretch(self, p: Process, cycles: int) -> None:
        """Let `cycles` pass for `p`, more if there is jitter."""
        p.clock += int(cycles * (1 + self.jitter * self.random.random())) if self.jitter else cycles

    # Memory.

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """One access to the cell's line."""
        if self.frozen:
            return
        # (As `begin` and `touch`, written out: most operations come this way.)
        p = self.current
        self.steps += 1
        if p.clock > self.horizon or p.attention or self.steps > self.max_steps:
            self.arrive(p)
        number = p.number
        if number >= 0:
            line: Line = cell.tag
            if line.owner == number:
                if write:
                    line.dirty = True
                cycles = self._atomic_hit if kind is RMW else self._hit
            elif not write and line.sharers >> number & 1:
                cycles = self._hit
            else:
                cycles = self.caches.access(line, number, p.clock, write, kind is RMW)
            if self.jitter:
                self.stretch(p, cycles)
            else:
                p.clock += cycles
        if write and self._watched:
            self._check(cell)

    def touch(self, p: Process, line: Line, write: bool, atomic: bool) -> None:
        """Let `p` access `line`. A hit needs no look at the topology."""
        number = p.number
        if line.owner == number:
            if write:
                line.dirty = True
            cycles = self._atomic_hit if atomic else self._hit
        elif not write and line.sharers >> number & 1:
            cycles = self._hit
        else:
            cycles = self.caches.access(line, number, p.clock, write, atomic)
        if self.jitter:
            self.stretch(p, cycles)
        else:
            p.clock += cycles

    def only_read(self) -> None:
        """A failed compare-and-exchange costs as much as one that succeeds."""

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One access to each node's line."""
        if self.frozen:
            return
        p = self.begin()
        if p.number < 0:
            return
        read, written = footprint()
        for cells, write in ((read, False), (written, True)):
            if cells:
                for line in dict.fromkeys([cell.tag for cell in cells]):
                    self.touch(p, line, write, False)

    # Locks.

    def statistics(self, lock: SpinLock) -> LockState:
        """The state and profile of a lock; made when it is first used."""
        if lock.state is None:
            lock.state = LockState()
            self.locks.append(lock)
        state: LockState = lock.state
        return state

    def acquire(self, lock: SpinLock, irqs_off: bool) -> None:
        """Take a free lock, or wait for it as its flavour does."""
        p = self.current
        if lock.holder is p:
            raise self.violate(LOCK_MISUSE, f"takes {lock.name}, which it holds already, at {where()}")
        if self.frozen:
            lock.holder = p
        else:
            if irqs_off and self._flavour.keeps_place:
                # Pending interrupts are taken before they go off, and none is from then on.
                self.begin()
                p.irqs_on = False
            self._flavour.acquire(p, lock, lock.state or self.statistics(lock))
        if irqs_off:
            p.irqs_on = False

    def release(self, lock: SpinLock) -> None:
        """Let go; one of those that wait for it, if any, is the holder from now on."""
        if self.frozen:
            lock.holder = None
        else:
            self._flavour.release(self.begin(), lock, lock.state or self.statistics(lock))

    # Interrupts, waiting, time.

    def irq_point(self, kind: str) -> None:
        """Switching interrupts costs a little."""
        if not self.frozen:
            self.stretch(self.begin(), self.costs["irqs"])

    def raise_irq(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        """The interrupt is pending after its flight time."""
        self._send(process, deliver, cost)

    def kick(self, process: Process, deliver: Callable[[], None]) -> None:
        """The IPI arrives after its flight time."""
        if not self.frozen:
            self.stretch(self.current, self.costs["ipi_send"])
        self._send(process, deliver, "ipi")

    def _send(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        if self.frozen:
            deliver()
            return
        self.post(process, deliver, self.begin().clock + self.costs[cost])

    def post(self, process: Process, deliver: Callable[[], None], time: int) -> None:
        """An interrupt arrives at `time`: `deliver` makes it pending; it ends sleep, and the wait for a lock with interrupts on."""

        def happen() -> None:
            deliver()
            if process.blocked and (process.irqs_on or process.kind == HALT):
                if process.kind == LOCK and not self._flavour.keeps_place:
                    process.what.state.leave(process.what.state.waiters.index(process))
                self.wake(process, time)

        self.at(time, happen)

    def halt(self, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Off the queue until an interrupt or IPI arrives."""
        if not self.frozen:
            p = self.current
            self.steps += 1
            # Going to sleep and taking interrupts are one step: one that is pending ends the sleep, it does not come before it.
            if p.clock > self.horizon:
                self.appoint(p, p.clock)
                self._leave(p)
            while not ready() and not p.attention:
                self.block(p, HALT, p.name)
            if p.attention and p.irqs_on:
                p.take_interrupt()

    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Off the queue until a write to one of `cells` makes `ready()` true."""
        if self.frozen:
            return
        p = self.begin()
        while not ready():
            for cell in cells:
                self._watched.setdefault(cell, []).append(p)
            self.block(p, AWAIT, what)
            for cell in cells:
                self._watched[cell].remove(p)
            self.arrive(p)

    def _check(self, cell: Cell) -> None:
        """`cell` changes now: those that wait for it look again, once the change has happened."""
        for process in self._watched.get(cell, ()):
            time = self.current.clock
            self.at(time, lambda process=process, time=time: self.wake(process, time))  # type: ignore[misc]

    def relax(self) -> None:
        """Spin a little."""
        if not self.frozen:
            p = self.begin()
            p.kind, p.what = RELAX, where()
            self.stretch(p, self.costs["relax"])

    def sleep(self, cycles: int, unless: Callable[[], bool] | None = None) -> None:
        """Off the queue until the time is over or an interrupt or IPI arrives; with interrupts off, that only ends the sleep.

        If `unless` holds there is no sleep: it tells whether an IPI came before.
        """
        if self.frozen:
            return
        p = self.begin()
        if p.attention or (unless is not None and unless()):
            return
        self.appoint(p, p.clock + cycles)
        self.block(p, HALT, p.name)
        self.arrive(p)

    def advance(self, cycles: int) -> None:
        """Let so many cycles pass, without a look at anything."""
        self.current.clock += cycles

    def spend(self, cost: str) -> None:
        """Let the time of a named cost pass, without a look at anything."""
        if not self.frozen:
            self.stretch(self.current, self.costs[cost])

    def now(self) -> int:
        """The clock of the current process, in cycles."""
        return self.current.clock
