"""A ring of one producer and one consumer, right and wrong, and a suite for it whose programs tell each other by flags: as text."""

from __future__ import annotations

from pathlib import Path

SUITE = '''
from harness.suite import Bench, Suite, by_id, clause, no_races, programs_on


class RingBench(Bench):
    def __init__(self, *how):
        super().__init__(*how)
        self.ring = self.install(self.module.Ring)
        self.bring_up(lambda: None)

    def push(self, item):
        self.expect(self.ring.push(item), f"there is no room for {item}")

    def pop(self, *expected):
        found = self.ring.pop()
        self.expect(found in expected, f"{found} comes out, not {' or '.join(map(str, expected))}")


program = programs_on(RingBench, "ring")


@program()
def told_that_it_is_full(b):
    """Who is told that two numbers are in the ring takes them out."""
    done = b.flag("done")
    b.cpu(0, lambda: (b.push(1), b.push(2), done.write(1)))
    b.cpu(1, lambda: (b.until(done), b.pop(1), b.pop(2), b.pop(0)))


@program()
def told_that_there_is_room(b):
    """Who is told that a number is out pushes another one, and what is left is there in the end."""
    full, room = b.flag("full"), b.flag("room")
    b.cpu(0, lambda: (b.push(1), b.push(2), full.write(1), b.until(room), b.push(3)))
    b.cpu(1, lambda: (b.until(full), b.pop(1), room.write(1)))
    b.afterwards(lambda: (b.pop(2), b.pop(3), b.pop(0)))


@program()
def looked_for(b):
    """Who looks meanwhile finds what was pushed, or nothing."""
    b.cpu(0, lambda: b.push(1))
    b.cpu(1, lambda: b.pop(1, 0))


CLAUSES = (
    clause("told", "Who is told of a change sees it.", (told_that_it_is_full, told_that_there_is_room), ("ring",)),
    clause("looked-for", "Who looks finds what was pushed, or nothing.", (looked_for,), ("ring",)),
)
SUITE = Suite("ring", "a ring", ("ring",), by_id(*CLAUSES, no_races(CLAUSES, ("ring",))))
'''

# `{filled}` and `{seen}`: what stands between the item and the tail, in `push` and in `pop`.
RING = """
from stages.hypervisor import Word

SIZE = 2


class Ring:
    def __init__(self, hv):
        self.hv = hv
        self.slots = [Word(hv, f"slot{{number}}", 99) for number in range(SIZE)]
        self.head, self.tail = Word(hv, "head"), Word(hv, "tail")

    def push(self, item):
        tail = self.tail.read()
        if tail - self.hv.smp_load_acquire(self.head) == SIZE:
            return False
        self.slots[tail % SIZE].write(item)
        {filled}
        return True

    def pop(self):
        head = self.head.read()
        if {seen} == head:
            return 0
        {before}
        item = self.slots[head % SIZE].read()
        self.hv.smp_store_release(self.head, head + 1)
        return item
"""
RELEASE, RELAXED = "self.hv.smp_store_release(self.tail, tail + 1)", "self.tail.write(tail + 1)"
ACQUIRE, READ = "self.hv.smp_load_acquire(self.tail)", "self.tail.read()"

# By the title of the patch. Only the last two lack something.
RINGS = {
    "baseline": RING.format(filled=RELEASE, seen=ACQUIRE, before="pass"),
    "ring: barriers of their own": RING.format(filled=f"self.hv.smp_wmb(); {RELAXED}", seen=READ, before="self.hv.smp_rmb()"),
    "ring: no write barrier": RING.format(filled=RELAXED, seen=ACQUIRE, before="pass"),
    "ring: no read barrier, but the write barrier": RING.format(filled=RELEASE, seen=READ, before="pass"),
}


def write_rings(directory: Path) -> None:
    """Write suite and series into a directory: `ring_suite.py`, `0.py` to `3.py`, `series.toml`."""
    (directory / "ring_suite.py").write_text(SUITE, encoding="utf-8")
    series = ['name = "ring"', 'suite = "ring_suite.py"']
    for number, (title, ring) in enumerate(RINGS.items()):
        (directory / f"{number}.py").write_text(ring, encoding="utf-8")
        series += ["[[stage]]", f'title = "{title}"', f'files = ["{number}.py"]']
    (directory / "series.toml").write_text("\n".join(series) + "\n", encoding="utf-8")
