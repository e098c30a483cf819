"""Threads that read and write plainly, and in between do what orders that; and which reads come before which writes, by a graph.

The graph is that of the Linux kernel's memory model (executes-before, and how plain accesses are bounded by it), for what is here: an
independent way to what `harness.explored.views` keeps by counting. One rule is the harness' own: a read barrier behind a read orders what
is behind the barrier, writes too (as ARM's does), but for the read that is asked about.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.explored.operations import Choice
from harness.explored.view_engine import ViewEngine
from harness.litmus.litmus_programs import Arrange, Threads

# One operation: its name, and what it is of. `need`: go on only if the last read has found what somebody has written.
Op = tuple[str, str]
Program = tuple[tuple[Op, ...], ...]

WRITES = ("store", "write", "release", "add")
READS = ("load", "read", "acquire", "add")
BARRIERS = ("mb", "wmb", "rmb")
# What comes after everything before it; and before everything behind it.
CLOSING, OPENING = ("release", "unlock", "add"), ("acquire", "lock", "add")


class Done(NamedTuple):
    """An operation that was performed: by which thread, its number in the execution (of a barrier: of what comes next), and what it was."""

    thread: int
    at: int
    name: str
    of: str


class Interpreter:
    """Performs the operations of a program, and notes them in the order of the execution."""

    def __init__(self, t: Threads) -> None:
        self.t = t
        self.words = {name: t.word(name) for name in "xyz"}
        self.mutex = t.mutex("l")
        self.log: list[Done] = []

    def perform(self, thread: int, ops: Sequence[Op]) -> None:
        """What one thread does."""
        found: object = None
        for name, of in ops:
            if name == "need":
                if not found:
                    return
                continue
            found = self.one(name, of)
            self.log.append(Done(thread, len(self.t.explored.done) - (name not in BARRIERS), name, of))

    def one(self, name: str, of: str) -> object:
        """One operation; what it has found. What is written has not been there before."""
        t, value = self.t, 100 + len(self.log)
        if name in BARRIERS:
            return getattr(t, f"smp_{name}")()
        if of == "l":
            return getattr(t, name)(self.mutex)
        word = self.words[of]
        found: object = {
            "load": lambda: t.load(word),
            "store": lambda: t.store(word, value),
            "read": word.read,
            "write": lambda: word.write(value),
            "acquire": lambda: t.smp_load_acquire(word),
            "release": lambda: t.smp_store_release(word, value),
            "add": lambda: word.add(1),
        }[name]()
        return found


def arranged(program: Program, logs: list[list[Done]]) -> Arrange:
    """The threads of a program; each execution adds a log."""

    def arrange(t: Threads) -> None:
        interpreter = Interpreter(t)
        logs.append(interpreter.log)
        for number, ops in enumerate(program):
            t.thread(lambda number=number, ops=ops: interpreter.perform(number, ops))  # type: ignore[misc]

    return arrange


def random_program(rng: random.Random) -> Program:
    """Two or three threads: x is mostly accessed plainly, y and z are what they tell each other with."""
    return tuple(tuple(_random_ops(rng)) for _ in range(rng.choice((2, 2, 3))))


def _random_ops(rng: random.Random) -> Iterator[Op]:
    for _ in range(rng.randint(1, 3)):
        match rng.randrange(8):
            case 0 | 1 | 2:
                yield _on_x(rng)
            case 3 | 4:
                yield rng.choice(("acquire", "acquire", "read")), rng.choice("yyz")
                yield "need", ""
            case 5 | 6:
                yield rng.choice(("release", "write", "write", "add")), rng.choice("yyz")
            case _:
                barrier = rng.choice((*BARRIERS, "lock"))
                yield barrier, "l" if barrier == "lock" else ""
                if barrier == "lock":
                    yield _on_x(rng)
                    yield "unlock", "l"


def _on_x(rng: random.Random) -> Op:
    return rng.choice(("load", "load", "store", "store", "read", "write")), "x"


def unknown_reads(engine: ViewEngine, log: Sequence[Done]) -> set[int]:
    """The writes of an execution, by their numbers, that race with a read before them."""
    found = set()
    for i, read in enumerate(log):
        if read.name in ("load", "read", "acquire"):
            after = _after(engine, log, i)
            found |= {each.at for j, each in enumerate(log) if j > i and j not in after and _may_race(read, each)}
    return found


def _may_race(read: Done, write: Done) -> bool:
    plain = read.name == "load" or write.name == "store"
    return plain and write.name in WRITES and write.of == read.of and write.thread != read.thread


def _after(engine: ViewEngine, log: Sequence[Done], read: int) -> set[int]:
    """What is carried out after a read, whatever happens."""
    sources = {i: _source(engine, log, i) for i, each in enumerate(log) if each.name in (*READS, "lock")}
    found: set[int] = set()
    todo = [read]
    while todo:
        at = todo.pop()
        for then in range(at + 1, len(log)):
            in_order = log[then].thread == log[at].thread and _stays_behind(log, at, then, at == read)
            if then not in found and (in_order or (at != read and sources.get(then) == at)):
                found.add(then)
                todo.append(then)
    return found


def _stays_behind(log: Sequence[Done], at: int, then: int, asked: bool) -> bool:
    """Whether two operations of one thread are carried out in order; `asked`: the first one is the read that is asked about."""
    first, second = log[at], log[then]
    between = {each.name for each in log[at + 1 : then] if each.thread == first.thread}
    if "mb" in between or "add" in between or second.name in CLOSING:
        return True
    if asked:
        return first.name in OPENING
    written = first.name in (*WRITES, "unlock") and second.name in WRITES and "wmb" in between
    return first.name in OPENING or written or (first.name in READS and "rmb" in between)


def _source(engine: ViewEngine, log: Sequence[Done], at: int) -> int | None:
    """The write that an operation has read, or the release of the lock that it has taken."""
    each = log[at]
    before = [i for i in range(at) if log[i].of == each.of and log[i].name in (*WRITES, "unlock")]
    _, kind, reads, _ = engine.done[each.at]
    if type(kind) is Choice:
        message = engine.messages[reads]
        return next((i for i in before if log[i].at == message.at), None)
    return before[-1] if before else None
