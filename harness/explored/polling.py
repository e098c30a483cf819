"""Notices loops that go round for nothing although they do not say that they wait (`ExploredEngine.poll`).

A loop that counts its turns where the machine cannot see it is not told from one that goes on for ever, unless what it does there says so
(`ExploredEngine.progress`).
"""

from __future__ import annotations

from typing import Any

from harness.explored.execution import Execution
from harness.explored.operations import disturbs
from harness.machine.engine import AWAIT, HALT, INTERRUPT, RELAX, Process

# Operations that a process performs only when another one, or an interrupt, lets it.
WAITING = frozenset({HALT, AWAIT, RELAX, INTERRUPT})

# What a process does in one operation: kind, locations read and written, the value that was overwritten.
Done = tuple[str, int, int, Any]


class Polling:
    """For each process and loop, where its last turns started."""

    __slots__ = ("engine", "turns")

    def __init__(self, engine: Execution) -> None:
        self.engine = engine
        self.turns: dict[tuple[int, str], list[int]] = {}

    def repeated(self, p: Process, site: str) -> int | None:
        """Note that `p` begins a turn of loop `site`; if the last two did the same, with the same values, return where the last began.

        They are not if one of them waited, or if what they have found may have been changed meanwhile.
        """
        here = len(self.engine.done)
        starts = self.turns.setdefault((p.pid, site), [])
        starts.append(here)
        if len(starts) < 3:
            return None
        before, last = starts[-3], starts[-2]
        del starts[0]
        turn = self._turn(p.pid, last, here)
        if not WAITING.isdisjoint(kind for kind, *_ in turn) or not _same(turn, self._turn(p.pid, before, last)):
            return None
        return None if self._disturbed(p, before, here) else last

    def restart(self, p: Process, site: str = "") -> None:
        """Start counting turns of `p` anew, in loop `site` or in all."""
        for (pid, loop), starts in self.turns.items():
            if pid == p.pid and site in ("", loop):
                starts.clear()

    def _disturbed(self, p: Process, start: int, end: int) -> bool:
        """Whether another process has written what this one had accessed before: then the next turn may find it different."""
        engine = self.engine
        seen = 0
        for at in range(start, end):
            operation = engine.done[at]
            if disturbs(operation, p.pid, seen):
                return True
            if operation[0] == p.pid:
                seen |= (operation[2] | operation[3]) & ~p.irq_tag
        return False

    def _turn(self, pid: int, start: int, end: int) -> list[Done]:
        """What a process did between two operations."""
        engine = self.engine
        return [(*engine.done[at][1:], engine.values.get(at)) for at in range(start, end) if engine.done[at][0] == pid]


def _same(turn: list[Done], other: list[Done]) -> bool:
    """Compare values without calling what a stage may have put there."""
    return len(turn) == len(other) and all(
        a[:3] == b[:3] and (a[3] is b[3] or (type(a[3]) is type(b[3]) is int and a[3] == b[3])) for a, b in zip(turn, other, strict=True)
    )
