"""The explored engine: no time; before every visible operation a chooser says which process goes on.

An operation is recorded as the process that performed it and two sets of locations, as bit masks: read, written. A CPU that takes
interrupts reads its interrupt line in every operation, so whoever raises an interrupt there conflicts with all of them; the taking
of the interrupt is an operation of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from greenlet import greenlet

from harness.machine.diagnosis import LOCK_MISUSE, NO_PROGRESS, Violation, where
from harness.machine.engine import (
    AWAIT,
    HALT,
    INTERRUPT,
    LOCK,
    RAISE_IRQ,
    RELAX,
    UNLOCK,
    Engine,
    Footprint,
    Process,
)
from stages.hypervisor import Cell, SpinLock


class Chooser(Protocol):
    """Says who performs the next visible operation."""

    def __call__(self, engine: ExploredEngine, enabled: list[Process], current: Process) -> Process:
        """Pick one of `enabled` (never empty, in pid order). `current` performed the last operation."""


class Recorder(Protocol):
    """Is told of every operation, for counterexamples."""

    def __call__(self, engine: ExploredEngine, process: Process, kind: str, what: Any) -> None:
        """`process` performs `kind` on `what` now; what it changes is seen when the next operation is recorded."""


class ExploredEngine(Engine):
    """Runs one execution, choice by choice. `schedule[i]`, `reads[i]`, `writes[i]`: who did operation i, and on what."""

    def __init__(self, choose: Chooser, max_steps: int = 20_000) -> None:
        super().__init__()
        self.choose = choose
        self.max_steps = max_steps
        self.schedule: list[int] = []
        self.reads: list[int] = []
        self.writes: list[int] = []
        self.recorder: Recorder | None = None
        self.cells = 0
        self.limit_reached = False

    # Places and processes.

    def place(self, cell: Cell, line: str) -> int:
        """Every cell is a location of its own: one bit."""
        self.cells += 1
        return 1 << self.cells

    def run(self) -> None:
        """Run to the end: every process done, or none that can go on."""
        for process in self.processes:
            process.glet = greenlet(self._main)
            process.ready = None
            process.reads = process.writes = 0
        self.frozen = False
        while self.failure is None:
            chosen = self._next()
            if chosen is None:
                break
            self._resume(chosen)
        self.frozen = True
        if self.failure is None and not self.limit_reached:
            self.judge_end()

    def _resume(self, process: Process) -> None:
        self.current = process
        assert process.glet is not None
        if process.started:
            process.glet.switch()
        else:
            process.started = True
            process.glet.switch(process)

    def _next(self) -> Process | None:
        if len(self.schedule) >= self.max_steps:
            self.limit_reached = True
            self.fail(Violation(NO_PROGRESS, f"{len(self.schedule)} operations and no end"))
            return None
        enabled = [p for p in self.processes if not p.done and (p.ready is None or (p.attention and p.irqs_on) or p.ready())]
        if not enabled:
            return None
        # A process that has not started performs nothing when it is first resumed: start it without a choice.
        for process in enabled:
            if not process.started:
                return process
        return self.choose(self, enabled, self.current)

    # The one place where an operation happens.

    def _step(self, kind: str, what: Any, reads: int, writes: int, ready: Callable[[], bool] | None = None, again: bool = True) -> bool:
        """Announce an operation, wait to be chosen, record it. False if an interrupt came instead and `again` is off."""
        p = self.current
        while True:
            irq = p.irq_tag if p.irqs_on else 0
            p.kind, p.what, p.ready = kind, what, ready
            p.reads, p.writes = reads | irq, writes
            self._yield(p)
            if not (p.attention and p.irqs_on):
                break
            self._record(p, INTERRUPT, p.name, p.irq_tag, p.irq_tag)
            p.ready = None
            p.take_interrupt()
            if not again:
                return False
        self._record(p, kind, what, reads | irq, writes)
        p.ready = None
        return True

    def _yield(self, p: Process) -> None:
        if self.failure is not None:
            raise self.failure
        chosen = self._next()
        if chosen is p:
            return
        if chosen is None:
            self.hub.switch()
        else:
            self._resume(chosen)

    def _record(self, p: Process, kind: str, what: Any, reads: int, writes: int) -> None:
        self.schedule.append(p.pid)
        self.reads.append(reads)
        self.writes.append(writes)
        if self.recorder is not None:
            self.recorder(self, p, kind, what)
        if self.invariant is not None:
            self.invariant()

    # Memory.

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """One operation on one location."""
        if not self.frozen:
            bit: int = cell.tag
            if write:
                self._step(kind, cell, 0, bit)
            else:
                self._step(kind, cell, bit, 0)

    def only_read(self) -> None:
        """Narrow the last operation to a read."""
        if not self.frozen:
            self.reads[-1] |= self.writes[-1]
            self.writes[-1] = 0

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One operation on all nodes of the footprint, taken again when it is performed."""
        if self.frozen:
            return
        self._step(kind, what, *_masks(footprint))
        self.reads[-1], self.writes[-1] = _masks(footprint)
        if self.current.irqs_on:
            self.reads[-1] |= self.current.irq_tag

    # Locks.

    def acquire(self, lock: SpinLock, irqs_off: bool) -> None:
        """Blocked while another process holds the lock."""
        p = self.current
        if lock.holder is p:
            raise self.violate(LOCK_MISUSE, f"takes {lock.name}, which it holds already, at {where()}")
        if not self.frozen:
            self._step(LOCK, lock, 0, lock.cell.tag, ready=lambda: lock.holder is None)
        lock.holder = p
        if irqs_off:
            p.irqs_on = False

    def release(self, lock: SpinLock) -> None:
        """A write of the lock's location."""
        if not self.frozen:
            self._step(UNLOCK, lock, 0, lock.cell.tag)
        lock.holder = None

    # Interrupts, waiting, time.

    def irq_point(self, kind: str) -> None:
        """An operation on nothing but this CPU's interrupt line."""
        if not self.frozen:
            self._step(kind, self.current.name, self.current.irq_tag, 0)

    def raise_irq(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        """A write of the interrupt line."""
        if not self.frozen:
            self._step(RAISE_IRQ, process.name, 0, process.irq_tag)
        deliver()

    def kick(self, process: Process, deliver: Callable[[], None]) -> None:
        """The IPI and the change that it tells of are one operation: in between, the target could only wake up for nothing."""
        deliver()

    def halt(self, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Blocked until `ready()` or an interrupt."""
        if not self.frozen:
            self._step(HALT, self.current.name, _mask(cells), 0, ready=ready, again=False)

    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Blocked until `ready()`."""
        if not self.frozen:
            self._step(AWAIT, what, _mask(cells), 0, ready=ready)

    def relax(self) -> None:
        """Blocked until another process writes something that this one has read since its last `relax`."""
        p = self.current
        seen = 0
        start = p.relax_mark
        for i in range(start, len(self.schedule)):
            if self.schedule[i] == p.pid:
                seen |= self.reads[i]
        self._step(RELAX, where(), seen, 0, ready=_Stirred(self, p.pid, start, seen), again=False)
        p.relax_mark = len(self.schedule)

    def sleep(self, cycles: int) -> None:
        """There is no time here."""

    def spend(self, cost: str) -> None:
        """There is no time here."""

    def now(self) -> int:
        """The number of operations so far."""
        return len(self.schedule)


class _Stirred:
    """Whether another process has written one of `seen` since operation `start`; looks at each operation once."""

    __slots__ = ("at", "engine", "pid", "seen", "yes")

    def __init__(self, engine: ExploredEngine, pid: int, start: int, seen: int) -> None:
        self.engine = engine
        self.pid = pid
        self.at = start
        self.seen = seen
        self.yes = False

    def __call__(self) -> bool:
        engine = self.engine
        while not self.yes and self.at < len(engine.schedule):
            self.yes = engine.schedule[self.at] != self.pid and bool(engine.writes[self.at] & self.seen)
            self.at += 1
        return self.yes


def _mask(cells: Sequence[Cell]) -> int:
    mask = 0
    for cell in cells:
        mask |= cell.tag
    return mask


def _masks(footprint: Footprint) -> tuple[int, int]:
    read, written = footprint()
    return _mask(read), _mask(written)
