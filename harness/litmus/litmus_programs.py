"""Litmus programs: small arrangements of threads whose executions can be counted, to check the strategies with.

They use the machine's own memory, locks and waits, and no CPUs: a thread is a process. `x`, `y` … are `Word`s; a read or write of a word
is marked, so none of these programs has a data race by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import ModuleType
from typing import cast

from harness.explored.explored_engine import ExploredEngine
from harness.machine.buffered_memory import BufferedMemory
from harness.machine.engine import Engine, Process
from harness.machine.machines import fitting
from harness.machine.memory import Memory
from harness.machine.viewed_memory import ViewedMemory
from harness.search.search import Execute
from harness.suite.program import Program
from stages.hypervisor import Hypervisor, SpinLock, Word

Body = Callable[[], None]

# The only kind: nothing else is told apart.
THREADS = "threads"
NO_STAGE = ModuleType("no_stage")


class Threads(Memory):
    """What a litmus program is written in, and what is there to be checked afterwards: nothing but the final state is looked at."""

    premises = 0
    stage_objects = ()

    def __init__(self, engine: ExploredEngine) -> None:
        super().__init__(engine, 1)
        self.explored = engine
        self.observe: Callable[[], Hashable] = lambda: None

    @property
    def checks(self) -> tuple[Callable[[], object], ...]:
        """What to do when all threads have ended."""
        return (self._look,)

    def _look(self) -> None:
        if not self.explored.cut:
            self.explored.final = self.observe()
        # It leads back to here: without circles, the garbage collector has nothing to do.
        del self.observe

    def word(self, name: str, value: int = 0) -> Word:
        """Make a shared word."""
        return Word(cast(Hypervisor, self), name, value)

    def words(self, name: str, count: int) -> list[Word]:
        """Make an array."""
        return [self.word(f"{name}[{i}]") for i in range(count)]

    def mutex(self, name: str) -> SpinLock:
        """Make a lock."""
        return SpinLock(cast(Hypervisor, self), name)

    def lock(self, lock: SpinLock) -> None:
        """Take it."""
        self.engine.acquire(lock, False)

    def unlock(self, lock: SpinLock) -> None:
        """Release it."""
        self.engine.release(lock)

    def thread(self, body: Body) -> None:
        """Add a thread; all exist from the start."""
        number = len(self.engine.processes)
        self.engine.add(Process(f"P{number}", body)).number = number


class BufferedThreads(BufferedMemory, Threads):
    """Threads that have store buffers."""


class ViewedThreads(ViewedMemory, Threads):
    """Threads that may read older values than the newest."""


Arrange = Callable[[Threads], None]


def arranging(arrange: Arrange) -> Callable[[ModuleType, str, Engine], Threads]:
    """Make an arrangement of threads that of a program, for which there is no stage."""

    def arranged(module: ModuleType, kind: str, engine: Engine) -> Threads:
        explored = cast(ExploredEngine, engine)
        threads = fitting(explored, Threads, BufferedThreads, ViewedThreads)(explored)
        arrange(threads)
        return threads

    return arranged


def executed(arrange: Arrange) -> Execute:
    """Make an arrangement of threads something that a search can execute."""
    program = Program("", "", (THREADS,), arranging(arrange))
    return lambda engine: program.execute(NO_STAGE, THREADS, engine)


def sb(t: Threads) -> None:
    """Store buffering."""
    x, y, r, s = t.word("x"), t.word("y"), [0], [0]

    def first() -> None:
        x.write(1)
        r[0] = y.read()

    def second() -> None:
        y.write(1)
        s[0] = x.read()

    t.thread(first)
    t.thread(second)
    t.observe = lambda: (r[0], s[0])


def mp(t: Threads) -> None:
    """Message passing."""
    x, y, r = t.word("x"), t.word("y"), [0, 0]

    def first() -> None:
        x.write(1)
        y.write(1)

    def second() -> None:
        r[0] = y.read()
        r[1] = x.read()

    t.thread(first)
    t.thread(second)
    t.observe = lambda: tuple(r)


def iriw(t: Threads) -> None:
    """Independent reads of independent writes."""
    x, y, r = t.word("x"), t.word("y"), [0] * 4

    def reader(a: Word, b: Word, at: int) -> None:
        r[at] = a.read()
        r[at + 1] = b.read()

    t.thread(lambda: x.write(1))
    t.thread(lambda: reader(x, y, 0))
    t.thread(lambda: reader(y, x, 2))
    t.thread(lambda: y.write(1))
    t.observe = lambda: tuple(r)


def inc(n: int) -> Arrange:
    """N threads that each set a bit, not atomically."""

    def arrange(t: Threads) -> None:
        x = t.word("x")
        for i in range(n):
            t.thread(lambda i=i: x.write(x.read() + (1 << i)))  # type: ignore[misc]
        t.observe = lambda: x.value

    return arrange


def counter(threads: int, times: int) -> Arrange:
    """Threads that each increment one word several times, not atomically."""

    def arrange(t: Threads) -> None:
        x = t.word("x")

        def body() -> None:
            for _ in range(times):
                x.write(x.read() + 1)

        for _ in range(threads):
            t.thread(body)
        t.observe = lambda: x.value

    return arrange


def locked_counter(threads: int, times: int) -> Arrange:
    """The same with a mutex around each increment."""

    def arrange(t: Threads) -> None:
        x, mutex = t.word("x"), t.mutex("mutex")

        def body() -> None:
            for _ in range(times):
                t.lock(mutex)
                x.write(x.read() + 1)
                t.unlock(mutex)

        for _ in range(threads):
            t.thread(body)
        t.observe = lambda: x.value

    return arrange


def cas(n: int) -> Arrange:
    """N threads race to set a word."""

    def arrange(t: Threads) -> None:
        x = t.word("x")
        for i in range(n):
            t.thread(lambda i=i: x.cmpxchg(0, i + 1))  # type: ignore[misc, arg-type]
        t.observe = lambda: x.value

    return arrange


def casw(n: int) -> Arrange:
    """As `cas`, and then each writes the word anyway."""

    def arrange(t: Threads) -> None:
        x = t.word("x")

        def body(i: int) -> None:
            x.cmpxchg(0, 1)
            x.write(i + 3)

        for i in range(n):
            t.thread(lambda i=i: body(i))  # type: ignore[misc]
        t.observe = lambda: x.value

    return arrange


def cinc(n: int) -> Arrange:
    """N threads add to three words, atomically each."""

    def arrange(t: Threads) -> None:
        x, y, z, r = t.word("x"), t.word("y"), t.word("z"), [[0] * 3 for _ in range(n)]

        def body(i: int) -> None:
            for at, word in enumerate((x, y, z)):
                r[i][at] = word.add(1)

        for i in range(n):
            t.thread(lambda i=i: body(i))  # type: ignore[misc]
        t.observe = lambda: tuple(map(tuple, r))

    return arrange


def readers(n: int) -> Arrange:
    """One writer, N readers that each look at something of their own first."""

    def arrange(t: Threads) -> None:
        x, index, r = t.word("x"), t.words("idx", n), [0] * n

        def reader(i: int) -> None:
            index[i].read()
            r[i] = x.read()

        t.thread(lambda: x.write(42))
        for i in range(n):
            t.thread(lambda i=i: reader(i))  # type: ignore[misc]
        t.observe = lambda: tuple(r)

    return arrange


def lastzero(n: int) -> Arrange:
    """One thread looks for the last zero of an array that the others change."""

    def arrange(t: Threads) -> None:
        a, found = t.words("a", n + 1), [0]

        def scan() -> None:
            i = n
            while a[i].read() != 0:
                i -= 1
            found[0] = i

        t.thread(scan)
        for j in range(1, n + 1):
            t.thread(lambda j=j: a[j].write(a[j - 1].read() + 1))  # type: ignore[misc]
        t.observe = lambda: (found[0], *(word.value for word in a))

    return arrange


def indexer(n: int) -> Arrange:
    """Threads insert messages into a hash table of 128 entries (Flanagan, Godefroid 2005); 11 threads do not collide."""

    def arrange(t: Threads) -> None:
        size, most = 128, 4
        table = t.words("table", size)

        def body(tid: int) -> None:
            for m in range(1, most + 1):
                message = m * 11 + tid
                h = (message * 7) % size
                while table[h].cmpxchg(0, message) != 0:
                    h = (h + 1) % size

        for tid in range(n):
            t.thread(lambda tid=tid: body(tid))  # type: ignore[misc]
        t.observe = lambda: tuple(word.value for word in table)

    return arrange


def filesystem(n: int) -> Arrange:
    """Threads allocate blocks to inodes under locks (Flanagan, Godefroid 2005); up to 13 threads do not collide."""

    def arrange(t: Threads) -> None:
        inodes, blocks = 32, 26
        lock_i = [t.mutex(f"locki[{i}]") for i in range(inodes)]
        lock_b = [t.mutex(f"lockb[{b}]") for b in range(blocks)]
        inode, busy = t.words("inode", inodes), t.words("busy", blocks)

        def body(tid: int) -> None:
            i = tid % inodes
            t.lock(lock_i[i])
            if inode[i].read() == 0:
                b = (i * 2) % blocks
                while True:
                    t.lock(lock_b[b])
                    if not busy[b].read():
                        busy[b].write(1)
                        inode[i].write(b + 1)
                        t.unlock(lock_b[b])
                        break
                    t.unlock(lock_b[b])
                    b = (b + 1) % blocks
            t.unlock(lock_i[i])

        for tid in range(n):
            t.thread(lambda tid=tid: body(tid))  # type: ignore[misc]
        t.observe = lambda: tuple(word.value for word in inode)

    return arrange


def ab_ba(t: Threads) -> None:
    """Two locks in opposite order."""
    a, b = t.mutex("a"), t.mutex("b")

    def body(first: SpinLock, second: SpinLock) -> None:
        t.lock(first)
        t.lock(second)
        t.unlock(second)
        t.unlock(first)

    t.thread(lambda: body(a, b))
    t.thread(lambda: body(b, a))
