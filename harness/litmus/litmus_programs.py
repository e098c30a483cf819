"""Litmus programs: small, with counts that are published or follow from a formula, to check the strategies with.

They use the machine's own memory, locks and waits, and no CPUs: a thread is a process. `x`, `y` … are `Word`s; a read or write of a word
is marked, so none of these programs has a data race by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import cast

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import Process
from harness.machine.memory import Memory
from harness.search.search import Execute
from stages.hypervisor import Hypervisor, SpinLock, Word

Body = Callable[[], None]


class Threads(Memory):
    """What a litmus program is written in."""

    def __init__(self, engine: ExploredEngine) -> None:
        super().__init__(engine, 1)
        self.bodies: list[Body] = []
        self.observe: Callable[[], Hashable] = lambda: None

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
        self.bodies.append(body)


Arrange = Callable[[Threads], None]


def executed(arrange: Arrange) -> Execute:
    """Make an arrangement of threads something that a search can execute."""

    def execute(engine: ExploredEngine) -> None:
        threads = Threads(engine)
        arrange(threads)
        for i, body in enumerate(threads.bodies):
            engine.add(Process(f"P{i}", body))
        engine.run()
        if engine.failure is None and not engine.cut:
            engine.final = threads.observe()
        engine.close()
        # What leads back to the threads: without circles, the garbage collector has nothing to do.
        threads.bodies.clear()
        del threads.observe

    return execute


@dataclass(frozen=True)
class Litmus:
    """A program and what is known of it. `within[k]`: traces that have a linearisation with at most k preemptions."""

    name: str
    arrange: Arrange
    traces: int
    interleavings: int
    within: tuple[int, ...] = ()
    deadlocks: int = 0


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


LITMUS = (
    Litmus("SB", sb, 3, 6, (2, 3)),
    Litmus("MP", mp, 3, 6, (2, 3)),
    Litmus("IRIW", iriw, 15, 180, (14, 15)),
    Litmus("inc(2)", inc(2), 4, 6),
    Litmus("inc(3)", inc(3), 36, 90),
    Litmus("inc(4)", inc(4), 576, 2520, (24, 168, 432, 576)),
    Litmus("counter 2×2", counter(2, 2), 34, 70, (2, 8, 22, 32, 34)),
    Litmus("counter 2×3", counter(2, 3), 328, 924),
    Litmus("counter 2×4", counter(2, 4), 3334, 12870),
    Litmus("counter 3×2", counter(3, 2), 7134, 34650, (6, 60, 360, 1380, 3384, 5628, 6864, 7122, 7134)),
    Litmus("locked counter 2×2", locked_counter(2, 2), 6, 6),
    Litmus("locked counter 3×2", locked_counter(3, 2), 90, 90, (6, 24, 60, 90)),
    Litmus("cas(2)", cas(2), 2, 2),
    Litmus("cas(3)", cas(3), 3, 6),
    Litmus("cas(5)", cas(5), 5, 120),
    Litmus("casw(2)", casw(2), 6, 6),
    Litmus("casw(3)", casw(3), 66, 90, (6, 24, 54, 66)),
    Litmus("casw(4)", casw(4), 1200, 2520),
    Litmus("cinc(3)", cinc(3), 216, 1680),
    Litmus("cinc(4)", cinc(4), 13824, 369600, (24, 312, 1704, 5160, 9792, 12960, 13824)),
    Litmus("readers(8)", readers(8), 256, 1389404016000),
    Litmus("lastzero(5)", lastzero(5), 64, 3487880),
    Litmus("lastzero(10)", lastzero(10), 3328, -1),
    Litmus("indexer(12)", indexer(12), 8, -1),
    Litmus("indexer(15)", indexer(15), 4096, -1),
    Litmus("filesystem(14)", filesystem(14), 2, -1),
    Litmus("filesystem(16)", filesystem(16), 8, -1),
    Litmus("filesystem(18)", filesystem(18), 32, -1),
    Litmus("filesystem(19)", filesystem(19), 64, -1),
    Litmus("AB-BA", ab_ba, 3, 6, (2, 3), deadlocks=1),
)
