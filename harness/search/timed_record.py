"""A timed engine that writes down every operation, for the replay of a failure that was met in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.machine.diagnosis import where
from harness.machine.engine import AWAIT, HALT, INTERRUPT, LOCK, RAISE_IRQ, RELAX, UNLOCK, Footprint, Process
from harness.search.recorder import Recorder
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import Cell, SpinLock


class RecordingEngine(TimedEngine):
    """Runs as a `TimedEngine` with the same parameters does; `recorder.rows` has the operations in the order in which they took effect."""

    def __init__(self, seed: int = 0, jitter: float = 0.0, max_steps: int | None = None) -> None:
        super().__init__(seed=seed, jitter=jitter, max_steps=max_steps)
        self.recorder = Recorder()

    def _note(self, kind: str, what: Any) -> None:
        if not self.frozen:
            p = self.current
            self.recorder(self, p, kind, what, p.clock)

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        super().access(kind, cell, write)
        self._note(kind, cell)

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        super().access_list(kind, footprint, what)
        self._note(kind, what)

    def acquire(self, lock: SpinLock, irqs_off: bool) -> None:
        super().acquire(lock, irqs_off)
        self._note(LOCK, lock)

    def release(self, lock: SpinLock) -> None:
        super().release(lock)
        self._note(UNLOCK, lock)

    def irq_point(self, kind: str) -> None:
        super().irq_point(kind)
        self._note(kind, self.current.name)

    def raise_irq(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        super().raise_irq(process, deliver, cost)
        self._note(RAISE_IRQ, process.name)

    def spend(self, cost: str) -> None:
        super().spend(cost)
        if cost == "handler":
            self._note(INTERRUPT, self.current.name)
            if not self.frozen:
                # It is the interrupt's arrival that is noted, before the handler begins.
                row = self.recorder.rows[-1]
                row.contexts = row.contexts[:-1]

    def halt(self, ready: Callable[[], bool], kicked: Sequence[Cell], awake: bool = False) -> None:
        super().halt(ready, kicked, awake)
        self._note(HALT, self.current.name)

    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        super().wait(what, ready, cells)
        self._note(AWAIT, what)

    def relax(self) -> None:
        super().relax()
        self._note(RELAX, where())
