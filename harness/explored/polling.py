"""Notices loops that go round for nothing although they do not say that they wait (`ExploredEngine.poll`).

A loop that counts its turns where the machine cannot see it is not told from one that goes on for ever, unless what it does there says so
(`ExploredEngine.progress`).
"""

from __future__ import annotations

from harness.explored.execution import Execution, Performed
from harness.machine.engine import AWAIT, HALT, INTERRUPT, LOCK, RELAX, UNLOCK, Process

# Operations that a process performs only when another one, or an interrupt, lets it.
WAITING = frozenset({HALT, AWAIT, RELAX, INTERRUPT})

# A lock that others take and release meanwhile tells nobody anything: it is free again when it is taken.
LOCKING = frozenset({LOCK, UNLOCK})


class Polling:
    """For each process and loop, where its last turns started."""

    __slots__ = ("engine", "turns")

    def __init__(self, engine: Execution) -> None:
        self.engine = engine
        self.turns: dict[tuple[int, str], list[int]] = {}

    def repeated(self, p: Process, site: str) -> int | None:
        """Note that `p` begins a turn of loop `site`; if the last two did the same, with the same values, return where the last began.

        They are not if one of them waited, or if the second may have found something else than the first. The answer depends on nothing but
        what `p` has done and what that is ordered with: it is the same in all orders of a trace.
        """
        here = len(self.engine.done)
        starts = self.turns.setdefault((p.pid, site), [])
        starts.append(here)
        if len(starts) < 3:
            return None
        before, last = starts[-3], starts[-2]
        del starts[0]
        turn = self.engine.turn_of(p.pid, last, here)
        if not WAITING.isdisjoint(kind for kind, *_ in turn) or not _same(turn, self.engine.turn_of(p.pid, before, last)):
            return None
        return None if self._disturbed(p, before, here) else last

    def restart(self, p: Process, site: str = "") -> None:
        """Start counting turns of `p` anew, in loop `site` or in all."""
        for (pid, loop), starts in self.turns.items():
            if pid == p.pid and site in ("", loop):
                starts.clear()

    def _disturbed(self, p: Process, start: int, end: int) -> bool:
        """Whether `p` has come back to a location that another process had written since its last look.

        Then the two turns may have seen different values. What is written after the last look does not count: no operation of `p` tells
        whether that was before or after the turn ended, so two orders of one trace would get different answers. The wait that follows
        is over at once then.
        """
        engine = self.engine
        seen = looked = changed = 0
        for at in range(start, end):
            pid, kind, reads, writes = engine.done[at]
            if pid == p.pid:
                touched = (reads | writes) & ~p.irq_tag
                if touched & changed:
                    return True
                seen |= touched
                looked |= reads
            elif engine.owner_of(pid) != p.pid:
                # (Who takes a lock and frees it does the same whoever else has, but for who looks whether it is held.)
                changed |= writes & (looked if kind in LOCKING else seen)
        return False


def _same(turn: list[Performed], other: list[Performed]) -> bool:
    """Compare values without calling what a stage may have put there."""
    return len(turn) == len(other) and all(
        a[:3] == b[:3] and (a[3] is b[3] or (type(a[3]) is type(b[3]) is int and a[3] == b[3])) for a, b in zip(turn, other, strict=True)
    )
