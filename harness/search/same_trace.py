"""Executes a trace again on a program that has more barriers than the one it was recorded on, if they allow it.

A barrier is no part of a trace: it forbids one, or it leaves it as it is. With views, barriers are no operations, so the schedule is the
same, and it cannot be followed if one of its reads is forbidden. With store buffers, whoever comes to a barrier waits there for its stores:
the other operations are performed in any order in which the trace has them, and if that comes to a standstill, there is none that fits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import Operation
from harness.machine.engine import FENCE, INTERRUPT, Process
from harness.search.happens_before import Order
from harness.search.natural_order import natural_order
from harness.search.search import Execute


class Trace:
    """An execution that was performed, and in which order it can be again."""

    def __init__(self, engine: ExploredEngine) -> None:
        self.make = type(engine)
        self.max_steps = engine.max_steps
        self.schedule = tuple(engine.schedule)
        self.done: Sequence[Operation] = tuple(engine.done)
        self.failure = engine.failure
        # One that was cut off is not followed: too much of it is chance.
        self.whole = not engine.limit_reached
        order = Order()
        if self.whole:
            order.extend(engine)
        barriers = sum(1 << at for at, operation in enumerate(self.done) if operation[1] is FENCE)
        self.past = [past & ~barriers for past in order.past]

    def fails_again(self, execute: Execute) -> bool:
        """Whether `execute`, with its barriers, has an execution with this trace that fails."""
        if not self.whole:
            return False
        if self.make.viewed:
            engine = self.make(max_steps=self.max_steps, script=self.schedule)
        else:
            engine = self.make(_TraceChooser(self), self.max_steps)
        execute(engine)
        return engine.failure is not None and not engine.diverged and not engine.blocked and not engine.found_spin


class _TraceChooser:
    """A chooser that follows a trace, and performs barriers as soon as it can."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.left: dict[int, deque[int]] = {}
        for at, operation in enumerate(trace.done):
            if operation[1] is not FENCE:
                self.left.setdefault(operation[0], deque()).append(at)
        # The operations of the trace that were performed, and how far this execution was compared with it.
        self.done = 0
        self.seen = 0

    def __call__(self, engine: Execution, enabled: list[Process], current: Process) -> Process | None:
        for operation in engine.done[self.seen :]:
            if not self._has(operation):
                return None
        self.seen = len(engine.done)
        order = natural_order(engine, enabled, current)
        if not any(self.left.values()):
            return order[0]
        barriers = (p for p in order if p.kind is FENCE and not _interrupted(p))
        return next(barriers, None) or next((p for p in order if self._fits(p)), None)

    def _has(self, operation: Operation) -> bool:
        """Whether the trace has this one next; barriers are none of it, and after its end there may be others."""
        pid, kind = operation[:2]
        if kind is FENCE or not any(self.left.values()):
            return True
        left = self.left.get(pid)
        if not left or self.trace.done[left[0]][1] != kind:
            return False
        self.done |= 1 << left.popleft()
        return True

    def _fits(self, p: Process) -> bool:
        left = self.left.get(p.pid)
        if not left or self.trace.past[left[0]] & ~self.done:
            return False
        return not _interrupted(p) or self.trace.done[left[0]][1] is INTERRUPT


def _interrupted(p: Process) -> bool:
    return p.attention and p.irqs_on
