"""What a memory access costs in the timed engine: cache lines over a topology."""

from __future__ import annotations

from typing import Protocol

from harness.machine.engine import Process


class Line:
    """A cache line: who has it, and until when a transfer of it is under way (cycles)."""

    __slots__ = ("busy_until", "name", "owner", "sharers")

    def __init__(self, name: str) -> None:
        self.name = name
        self.owner = -1
        # Bit mask of the CPUs that hold a copy.
        self.sharers = 0
        self.busy_until = 0


class Caches(Protocol):
    """A cost model for memory."""

    def access(self, line: Line, cpu: int, now: int, write: bool, atomic: bool) -> int:
        """Return the cycles that the access takes at `now`, waiting for the line included, and move the line."""

    def handover(self, line: Line, waiters: list[Process], now: int, random: float) -> tuple[int, int]:
        """A lock on `line` is released at `now`: return which waiter gets it (an index) and when (cycles). `random` is in [0, 1)."""


class UniformCaches:
    """One cost for every transfer between caches, another for a hit: for hand calculation and for conformance runs."""

    def __init__(self, hit: int = 20, transfer: int = 320) -> None:
        self.hit = hit
        self.transfer = transfer

    def access(self, line: Line, cpu: int, now: int, write: bool, atomic: bool) -> int:
        """A hit, or one transfer, after the transfers under way."""
        mine = 1 << cpu
        if line.owner == cpu or (not write and line.sharers & mine):
            return self.hit
        start = max(now, line.busy_until)
        line.busy_until = start + self.transfer
        if write:
            line.owner, line.sharers = cpu, mine
        else:
            line.owner, line.sharers = -1, line.sharers | mine
        return line.busy_until - now

    def handover(self, line: Line, waiters: list[Process], now: int, random: float) -> tuple[int, int]:
        """Every waiter reads the line again, one after the other; one of them, each as likely, then takes it."""
        done = max(now, line.busy_until) + self.transfer * (len(waiters) + 1)
        line.busy_until = done
        winner = int(random * len(waiters))
        line.owner, line.sharers = waiters[winner].number, 1 << waiters[winner].number
        return winner, done
