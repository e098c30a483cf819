"""Virtual time: processes with clocks of their own, the earliest first, and events in between. No operations yet: see `timed_engine`.

A process runs ahead without a switch until it would pass the *horizon*, the time of the earliest other process or event. Among equals,
the one that was put on the queue first comes first. Nothing here depends on the host: the same seed gives the same execution.

What happens in every operation is written out in place rather than called: a call costs as much as the work.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from heapq import heappop, heappush, heappushpop
from typing import Any, Protocol

from greenlet import greenlet

from harness.machine.diagnosis import NO_PROGRESS
from harness.machine.engine import Engine, Process

NEVER = 1 << 62
# The largest number of one digit, in CPython.
SMALL = (1 << 30) - 1


class Turn(Protocol):
    """What the queue has for a process. When its time has come, it says whether the process goes on."""

    def lets_go_on(self, p: Process) -> bool:
        """Do what is to be done in the stead of `p`, if anything; return whether `p` goes on at once, and not only when it is woken."""


class Appointment:
    """Lets its process go on, unless the process has made another appointment since: only the last one is valid."""

    __slots__ = ()

    def lets_go_on(self, p: Process) -> bool:
        return p.appointment is self


# Time, order among equals, and either a process and its turn, or None and an event; the event at the end is None.
Entry = tuple[int, int, Process | None, Any]


class Timeline(Engine):
    """The queue of processes and events; `jitter` stretches every operation by up to that factor, at random.

    At `end` (cycles), everything stops where it is. `max_steps` operations without an end are a violation.
    """

    def __init__(self, seed: int, jitter: float, max_steps: int | None, end: int) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.draw = self.random.random
        self.jitter = jitter
        self.max_steps = NEVER if max_steps is None else max_steps
        # (Comparing with a small number is quicker.)
        self.look_at = min(self.max_steps, SMALL)
        self.end = end
        self.steps = 0
        # The last event is at `end`, where it comes before everything else, and stays: so there is always a first entry, and it is the
        # horizon.
        self._queue: list[Entry] = [(end, -1, None, None)]
        self._sequence = 0
        self.horizon = end

    def at(self, time: int, event: Callable[[], None]) -> None:
        """Let `event` happen at `time`; it performs no operations, but may make interrupts pending (`post`) and wake processes."""
        self._sequence += 1
        heappush(self._queue, (time, self._sequence, None, event))
        if time < self.horizon:
            self.horizon = time

    def appoint(self, p: Process, time: int) -> None:
        """Let `p` go on at `time`; an appointment that it had before is void."""
        p.appointment = appointment = Appointment()
        self._sequence = sequence = self._sequence + 1
        heappush(self._queue, (time, sequence, p, appointment))
        if time < self.horizon:
            self.horizon = time

    def stagger(self, cycles: int) -> None:
        for process in self.processes:
            process.clock = int(self.random.random() * cycles)

    def run(self) -> None:
        """Run until nothing can happen any more, or until the time `end`."""
        for process in self.processes:
            process.glet = greenlet(lambda process=process: self._start(process))
            process.glet.switch()
            late = int(self.random.random() * self.jitter * 1000) if self.jitter else 0
            self.appoint(process, process.clock + late)
        self.frozen = False
        # One that ends, and one that finds that nothing happens any more, leave it to this loop to go on.
        while self.failure is None and (following := self._next(heappop(self._queue))):
            self.current = following
            following.glet.switch()  # type: ignore[union-attr]
        self.frozen = True
        if len(self._queue) == 1:
            self.judge_end()

    def _start(self, process: Process) -> None:
        """Wait for its turn, then run. (A greenlet begins with the stack depth of whoever starts it: 80 in turn would be too deep.)"""
        process.started = True
        self.hub.switch()
        self._main(process)

    def _next(self, entry: Entry) -> Process | None:
        """Let events happen, from this one on, until a process is next; None at the end."""
        queue = self._queue
        while True:
            time, _, p, what = entry
            if p is None:
                if what is None:
                    heappush(queue, entry)
                    return None
                what()
                if self.failure is not None:
                    return None
            elif what.lets_go_on(p):
                self.horizon = queue[0][0]
                p.blocked = False
                if p.clock < time:
                    p.clock = time
                return p
            entry = heappop(queue)

    def leave(self, p: Process, entry: Entry | None = None) -> None:
        """Let others run, from this entry on if one is taken off the queue already, until `p`, which is on it or blocked, is next."""
        following = self._next(entry or heappop(self._queue))
        if following is None:
            self.hub.switch()
        elif following is not p:
            self.current = following
            following.glet.switch()  # type: ignore[union-attr]
        if self.failure is not None:
            raise self.failure

    def let_pass(self, p: Process) -> None:
        """Let those run that are earlier than `p`: as `appoint` and `leave`, quicker if a process is next, and not an event."""
        self._sequence = sequence = self._sequence + 1
        # (The appointment that let `p` run is off the queue and still valid, so it can serve again.)
        queue = self._queue
        entry = heappushpop(queue, (p.clock, sequence, p, p.appointment))
        time, _, following, turn = entry
        # (Another turn than a valid appointment, or an event, is left to `leave`.)
        if following is None or following.appointment is not turn:
            self.leave(p, entry)
            return
        self.horizon = queue[0][0]
        following.blocked = False
        if following.clock < time:
            following.clock = time
        self.current = following
        following.glet.switch()  # type: ignore[union-attr]
        if self.failure is not None:
            raise self.failure

    def stand_in(self, p: Process, turn: Turn) -> None:
        """Have `turn` taken in the stead of `p`. Returns when it is taken, if it lets `p` go on, or when `p` is woken.

        This saves two switches when `p` is likely to be blocked by what `turn` does.
        """
        self._sequence = sequence = self._sequence + 1
        following = self._next(heappushpop(self._queue, (p.clock, sequence, p, turn)))
        # (As in `leave`.)
        if following is None:
            self.hub.switch()
        elif following is not p:
            self.current = following
            following.glet.switch()  # type: ignore[union-attr]
        if self.failure is not None:
            raise self.failure

    def block(self, p: Process, kind: str, what: Any) -> None:
        """Let others run until `p` is woken, or its appointment, if it has made one, has come."""
        p.kind = kind
        p.what = what
        p.blocked = True
        queue = self._queue
        entry = heappop(queue)
        time, _, following, turn = entry
        if following is None or following.appointment is not turn:
            self.leave(p, entry)
        else:
            # (As in `let_pass`.)
            self.horizon = queue[0][0]
            following.blocked = False
            if following.clock < time:
                following.clock = time
            self.current = following
            following.glet.switch()  # type: ignore[union-attr]
            if self.failure is not None:
                raise self.failure
        p.kind = ""

    def wake(self, p: Process, time: int) -> None:
        """Have a blocked process go on at `time`."""
        if p.blocked:
            p.blocked = False
            self.appoint(p, max(p.clock, time))

    def turn(self, p: Process) -> None:
        """Return when it is `p`'s turn, in the midst of an operation: interrupts wait."""
        if p.clock > self.horizon:
            self.let_pass(p)

    def arrive(self, p: Process) -> None:
        """Return when it is `p`'s turn; pending interrupts come first."""
        if self.steps > self.look_at:
            self.look()
        if p.clock > self.horizon:
            self.let_pass(p)
        if p.attention and p.irqs_on:
            self.attend(p)

    def begin(self) -> Process:
        """Start an operation of the current process, when it is its turn."""
        p = self.current
        self.steps = steps = self.steps + 1
        if steps > self.look_at:
            self.look()
        if p.clock > self.horizon:
            self.let_pass(p)
        if p.attention and p.irqs_on:
            self.attend(p)
        return p

    def attend(self, p: Process) -> None:
        """Take interrupts, each when it is `p`'s turn, until none is pending."""
        while p.attention and p.irqs_on:
            p.take_interrupt()
            if p.clock > self.horizon:
                self.let_pass(p)

    def look(self) -> None:
        """Raise a violation if this does not come to an end."""
        self.look_at = self.max_steps
        if self.steps > self.max_steps:
            raise self.violate(NO_PROGRESS, f"{self.max_steps} operations and no end")

    def stretch(self, p: Process, cycles: int) -> None:
        """Let `cycles` pass for `p`, more if there is jitter."""
        p.clock += int(cycles * (1 + self.jitter * self.random.random())) if self.jitter else cycles
