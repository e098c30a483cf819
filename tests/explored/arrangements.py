"""Arrangements of threads that more than one memory model is tried on."""

from __future__ import annotations

from harness.litmus.litmus_programs import Threads


def handed_on_with_a_lock(t: Threads) -> None:
    """One writes two words under a lock, another one reads them under it, the second one first."""
    x, y, mutex, seen = t.word("x"), t.word("y"), t.mutex("m"), []

    def writer() -> None:
        t.lock(mutex)
        x.write(1)
        y.write(1)
        t.unlock(mutex)

    def reader() -> None:
        t.lock(mutex)
        seen.append((y.read(), x.read()))
        t.unlock(mutex)

    t.thread(writer)
    t.thread(reader)
    t.observe = lambda: seen[0]
