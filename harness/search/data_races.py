"""Data races: plain accesses of two processes to one location, at least one of them a write, that nothing orders.

Vector clocks over one execution (Flanagan, Freund: "FastTrack", PLDI 2009, with full clocks). Operations are ordered if they are

- of the same process, or the release of a lock and its next taking;
- a marked write and a marked read after it. An atomic read-modify-write is both (as on x86, also if it stores nothing); a wait reads;
- the raising of an interrupt and its handler.

A marked access races with an unordered plain one; two marked ones never do.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.explored.execution import Execution
from harness.machine.engine import AWAIT, HALT, INTERRUPT, LOCK, PLAIN, RAISE_IRQ, READ, RMW, TRY_LOCK, UNLOCK, WRITE
from harness.search.dependence import WAITING, bits, races

ACQUIRING = frozenset({READ, RMW, LOCK, TRY_LOCK, INTERRUPT, AWAIT, HALT})
RELEASING = frozenset({WRITE, RMW, UNLOCK, RAISE_IRQ, INTERRUPT})


@dataclass(frozen=True)
class Access:
    """The last plain, or marked, read, or write, of a location by one process: operation `at`, the process' `time` then."""

    at: int
    time: int


class _Clocks:
    """The clocks of all processes and locations, and what has been accessed so far."""

    def __init__(self, engine: Execution, plain: int) -> None:
        self.engine = engine
        # The locations that are ever accessed plainly: only they can race.
        self.plain = plain
        self.now = [[0] * len(engine.processes) for _ in engine.processes]
        self.released: dict[int, list[int]] = {}
        # By location and whether it is a write; then by process and whether it is plain: a marked access hides no plain one before it.
        self.last: dict[tuple[int, bool], dict[tuple[int, bool], Access]] = {}

    def step(self, at: int) -> tuple[int, int] | None:
        """Take operation `at` into account; return the race that it completes."""
        engine = self.engine
        pid, kind, reads, writes = engine.done[at]
        if kind is not INTERRUPT:
            reads &= ~engine.processes[pid].irq_tag
        now = self.now[pid]
        now[pid] += 1
        if kind in ACQUIRING:
            for bit in bits(reads | writes):
                if bit in self.released:
                    now[:] = map(max, now, self.released[bit])
        race = None
        if kind not in WAITING:
            race = self._access(at, pid, reads & self.plain, writes & self.plain)
        if kind in RELEASING:
            for bit in bits(reads | writes):
                self.released[bit] = list(map(max, now, self.released.get(bit, now)))
        return race

    def _access(self, at: int, pid: int, reads: int, writes: int) -> tuple[int, int] | None:
        now, done = self.now[pid], self.engine.done
        race = None
        for bit in bits(reads | writes):
            write = bool(bit & writes)
            for earlier_write in (True, False) if write else (True,):
                for (other, _), access in self.last.get((bit, earlier_write), {}).items():
                    if access.time > now[other] and races(done[access.at], done[at]):
                        race = race or (access.at, at)
            self.last.setdefault((bit, write), {})[pid, done[at][1] in PLAIN] = Access(at, now[pid])
        return race


def find_race(engine: Execution) -> tuple[int, int] | None:
    """Return the first two operations of an execution that race."""
    plain = 0
    for _, kind, reads, writes in engine.done:
        if kind in PLAIN:
            plain |= reads | writes
    for process in engine.processes:
        plain &= ~process.irq_tag
    clocks = _Clocks(engine, plain)
    return next((race for at in range(len(engine.done)) if (race := clocks.step(at)) is not None), None)
