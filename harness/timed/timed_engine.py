"""The timed engine: what operations do, and what they cost, on a `Timeline`.

An operation takes effect when its process reaches it, and then costs what the memory model, or the table of costs, says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

from harness.machine.diagnosis import LOCK_MISUSE, where
from harness.machine.engine import AWAIT, HALT, LOCK, READ, RELAX, RMW, Footprint, Process
from harness.timed.cached_timeline import CachedTimeline
from harness.timed.caches import Caches, Line
from harness.timed.lock_flavours import FLAVOURS
from harness.timed.lock_state import LockState
from harness.timed.timeline import NEVER
from stages.shared_memory import Cell, SpinLock

# Cycles; a performance run passes a cost table of its own.
DEFAULT_COSTS: Mapping[str, int] = {
    "irqs": 10,
    "relax": 60,
    "smp_mb": 30,
    "ipi_send": 300,
    "ipi": 1000,
    "device": 0,
    "handler": 1000,
    "context_switch": 2500,
}

_line_of = attrgetter("tag")


class TimedEngine(CachedTimeline):
    """Runs processes in virtual time (see `Timeline`). `lock` is the flavour of all spinlocks."""

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
        super().__init__(caches, seed, jitter, max_steps, end)
        if lock not in FLAVOURS:
            raise ValueError(f"no such lock flavour: {lock} (there are {', '.join(FLAVOURS)})")
        self._flavour = FLAVOURS[lock](self)
        self._acquire, self._release = self._flavour.acquire, self._flavour.release
        self.costs = costs
        self.locks: list[SpinLock] = []
        self._watched: dict[Cell, list[Process]] = {}

    # Memory.

    def access(self, kind: str, cell: Cell, write: bool) -> None:  # noqa: C901 — (see below)
        """One access to the cell's line."""
        if self.frozen:
            return
        # (As `begin` and `touch`, written out: most operations come this way.)
        p = self.current
        self.steps = steps = self.steps + 1
        if steps > self.look_at:
            self.look()
        if p.clock > self.horizon:
            self.let_pass(p)
        if p.attention and p.irqs_on:
            self.attend(p)
        number = p.number
        if number >= 0:
            line: Line = cell.tag
            if line.owner == number:
                if write:
                    line.dirty = True
                    cycles = self._atomic_hit if kind is RMW else self._hit
                else:
                    cycles = self._hit
            elif not write and line.sharers >> number & 1:
                cycles = self._hit
            else:
                cycles = self._transfer(line, number, p.clock, write, kind is RMW)
            if self.jitter:
                self.stretch(p, cycles)
            else:
                p.clock += cycles
        if write and self._watched:
            self._check(cell)

    def only_read(self) -> None:
        """A read-modify-write that changes nothing costs as much as one that does."""

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One access to each node's line."""
        if self.frozen:
            return
        p = self.begin()
        number = p.number
        if number < 0:
            return
        read, written = footprint()
        if read:
            for line in dict.fromkeys(map(_line_of, read)):
                self.touch(p, line, False, False)
        if written:
            for line in dict.fromkeys(map(_line_of, written)):
                if line.owner == number and not self.jitter:
                    line.dirty = True
                    p.clock += self._hit
                else:
                    self.touch(p, line, True, False)

    def fence(self) -> None:
        """A full barrier has a cost of its own; the other barriers are no instructions on x86."""
        if not self.frozen:
            self.begin()
            self.spend("smp_mb")

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
                _irqs_go_off(self.begin())
            self._acquire(p, lock, lock.state or self.statistics(lock))
        if irqs_off:
            _irqs_go_off(p)

    def release(self, lock: SpinLock) -> None:
        """Let go; one of those that wait for it, if any, is the holder from now on."""
        if self.frozen:
            lock.holder = None
        else:
            self._release(lock, lock.state or self.statistics(lock))

    # Interrupts, waiting, time.

    def irq_point(self, kind: str) -> None:
        """Switching interrupts costs a little."""
        if not self.frozen:
            # (As `begin`, written out.)
            p = self.current
            self.steps = steps = self.steps + 1
            if steps > self.look_at:
                self.look()
            if p.clock > self.horizon:
                self.let_pass(p)
            if p.attention and p.irqs_on:
                self.attend(p)
            if self.jitter:
                self.stretch(p, self.costs["irqs"])
            else:
                p.clock += self.costs["irqs"]

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

    def look_for_work(self, cells: Sequence[Cell], kicked: Cell, what: str) -> bool:
        """One access to each line; nothing can be raised between the look and the sleep without an interrupt or an event check."""
        looked_at = (kicked, *cells)
        self.access_list(READ, lambda: (looked_at, ()), what)
        return any(cell.value for cell in looked_at)

    def halt(self, ready: Callable[[], bool], kicked: Sequence[Cell], awake: bool = False) -> None:
        """Off the queue until an interrupt or IPI arrives."""
        if not self.frozen:
            p = self.current
            self.steps += 1
            # Going to sleep and taking interrupts are one step: one that is pending ends the sleep, it does not come before it.
            if p.clock > self.horizon:
                self.let_pass(p)
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
            if self.jitter:
                self.stretch(self.current, self.costs[cost])
            else:
                self.current.clock += self.costs[cost]

    def now(self) -> int:
        """The clock of the current process, in cycles."""
        return self.current.clock


def _irqs_go_off(p: Process) -> None:
    """Switch the interrupts of `p` off, if they are on, and remember since when."""
    if p.irqs_on:
        p.irqs_on = False
        p.irqs_off_since = p.clock
