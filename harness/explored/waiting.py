"""What a blocked process of the explored engine waits for.

A search asks of an operation that was performed after waiting whether it could have been performed in another state, which is given as a
set of operations of the same execution (a bit mask of their indices, closed under happens-before). `within` answers that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.explored.execution import Execution
from harness.explored.operations import Operation, disturbs, read_by
from harness.machine.engine import Process
from stages.shared_memory import Cell


class Awaiting:
    """Waits until the value of one cell is right."""

    __slots__ = ("cell", "ready")

    def __init__(self, ready: Callable[[], bool], cell: Cell) -> None:
        self.ready = ready
        self.cell = cell

    def __call__(self) -> bool:
        return self.ready()

    def with_value(self, value: Any) -> bool:
        """Tell whether the wait would be over if the cell had `value`."""
        kept, self.cell.value = self.cell.value, value
        try:
            return self.ready()
        finally:
            self.cell.value = kept


class Halted:
    """Sleeps until it is kicked, if it has not been since it ran out of what it was kicked for (`since`: operation number).

    Other processes can only ever end the sleep.
    """

    __slots__ = ("awake", "engine", "pid", "since")

    def __init__(self, engine: Execution, since: int, awake: bool) -> None:
        self.engine = engine
        self.pid = engine.current.pid
        self.since = since
        self.awake = awake

    def __call__(self) -> bool:
        return self.within(-1)

    def within(self, operations: int) -> bool:
        """Tell whether the sleep would be over after `operations`; a kick before the run is in no mask of operations."""
        kicks = (at for at, pid in self.engine.kicks if pid == self.pid and at >= self.since)
        return self.awake or any(at < 0 or operations >> at & 1 for at in kicks)


class Relaxing:
    """Waits, in a turn of a loop, until another process writes what this one has read before in the same turn.

    Both are ordered, so all executions of a trace agree on it. It looks at each operation once.
    """

    __slots__ = ("announced_at", "at", "engine", "pid", "seen", "start", "without", "yes")

    def __init__(self, engine: Execution, process: Process) -> None:
        self.engine = engine
        self.pid = process.pid
        self.start = process.relax_mark
        # An interrupt is not what the loop waits for.
        self.without = ~process.irq_tag
        self.yes = False
        # All that the turn has read; it reads nothing more while it waits.
        self.seen = 0
        for operation in engine.done[self.start :]:
            if operation[0] == self.pid:
                self.seen |= read_by(operation) & self.without
        self.announced_at = self.at = len(engine.done)
        self.yes = self.within(-1)

    def __call__(self) -> bool:
        done = self.engine.done
        while not self.yes and self.at < len(done):
            self.yes = self._disturbs(done[self.at], self.seen)
            self.at += 1
        return self.yes

    def within(self, operations: int) -> bool:
        """Tell whether the wait would be over after `operations`."""
        done = self.engine.done
        seen = 0
        for at in range(self.start, len(done)):
            if done[at][0] == self.pid:
                if at < self.announced_at:
                    seen |= read_by(done[at]) & self.without
            elif operations >> at & 1 and self._disturbs(done[at], seen):
                return True
        return False

    def _disturbs(self, operation: Operation, seen: int) -> bool:
        """Tell whether another process writes one of the locations; the arrival of an own store is no news."""
        return disturbs(operation, self.pid, seen) and self.engine.owner_of(operation[0]) != self.pid
