"""Litmus programs that tell memory models apart, under the names that they have in the literature.

The shortest ones are words of the usual notation (Alglave, Maranget, Sarkar, Sewell); `n6` is Owens' and others' (x86-TSO, 2009), `ROWE_1`
(a CPU reads what it has written itself), `Small_peterson`, `fib` and the algorithms of Dekker and Peterson are from Nidhugg's tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.litmus.litmus_programs import Arrange, Threads
from stages.hypervisor import Word

# An operation of a thread: what it is called in the table below, the word, and a value.
Op = tuple[Any, ...]
# What `observe` says of a thread that has given up.
GAVE_UP = "gave up"

MB: Op = ("mb",)
WMB: Op = ("wmb",)


def w(word: str, value: int = 1) -> Op:
    """Write."""
    return ("write", word, value)


def r(word: str) -> Op:
    """Read."""
    return ("read", word)


def xchg(word: str, value: int = 1) -> Op:
    """Exchange."""
    return ("xchg", word, value)


def threads(*bodies: list[Op]) -> Arrange:
    """Threads that perform operations one after the other; what they have read and the last values are looked at."""

    def arrange(t: Threads) -> None:
        words = {name: t.word(name) for name in sorted({op[1] for ops in bodies for op in ops if len(op) > 1})}
        found: list[list[int]] = [[] for _ in bodies]
        for ops, into in zip(bodies, found, strict=True):
            t.thread(lambda ops=ops, into=into: _perform(t, words, ops, into))  # type: ignore[misc]
        t.observe = lambda: (tuple(map(tuple, found)), tuple(word.value for word in words.values()))

    return arrange


def _perform(t: Threads, words: dict[str, Word], ops: list[Op], found: list[int]) -> None:
    for kind, *rest in ops:
        if kind == "mb":
            t.smp_mb()
        elif kind == "wmb":
            t.smp_wmb()
        elif kind == "write":
            words[rest[0]].write(rest[1])
        elif kind == "read":
            found.append(words[rest[0]].read())
        else:
            found.append(words[rest[0]].xchg(rest[1]))


def fib(times: int) -> Arrange:
    """Two threads that add each other's word to their own, and one that reads both."""

    def arrange(t: Threads) -> None:
        i, j, seen = t.word("i", 1), t.word("j", 1), [0, 0]

        def add(mine: Word) -> None:
            for _ in range(times):
                mine.write(i.read() + j.read())

        def look() -> None:
            seen[:] = [i.read(), j.read()]

        t.thread(lambda: add(i))
        t.thread(lambda: add(j))
        t.thread(look)
        t.observe = lambda: (*seen, i.value, j.value)

    return arrange


def _entering(enter: Callable[[Threads, int, list[Word], Word], bool], leave: bool) -> Arrange:
    """Two threads that enter a critical section once, or give up: each writes who it is there, and reads it again."""

    def arrange(t: Threads) -> None:
        flags, turn, x = t.words("flag", 2), t.word("turn"), t.word("x")
        result: list[object] = [GAVE_UP] * 2

        def body(me: int) -> None:
            if enter(t, me, flags, turn):
                x.write(me + 1)
                result[me] = x.read() == me + 1
                if leave:
                    flags[me].write(0)

        for me in range(2):
            t.thread(lambda me=me: body(me))  # type: ignore[misc]
        t.observe = lambda: tuple(result)

    return arrange


def dekker(fence: bool) -> Arrange:
    """Raise a flag; enter if the other one is not raised."""

    def enter(t: Threads, me: int, flags: list[Word], turn: Word) -> bool:
        flags[me].write(1)
        if fence:
            t.smp_mb()
        return not flags[1 - me].read()

    return _entering(enter, leave=False)


def peterson(fence: bool) -> Arrange:
    """Raise a flag and let the other one go first; enter unless it wants to and may."""

    def enter(t: Threads, me: int, flags: list[Word], turn: Word) -> bool:
        flags[me].write(1)
        turn.write(1 - me)
        if fence:
            t.smp_mb()
        return not (flags[1 - me].read() and turn.read() == 1 - me)

    return _entering(enter, leave=True)
