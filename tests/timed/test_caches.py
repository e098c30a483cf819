"""Cache lines over topologies: every state and distance of the published tables, and the handover of a contended lock."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.costs import CostTable
from harness.timed.caches import Line, LineCosts, TopologyCaches, UniformCaches
from harness.timed.topology import opteron_4s, westmere_ex_8s


def line_of(owner: int = -1, sharers: tuple[int, ...] = (), dirty: bool = False) -> Line:
    """A line in a given state."""
    line = Line("x")
    line.owner = owner
    line.dirty = dirty
    for cpu in sharers or ((owner,) if owner >= 0 else ()):
        line.sharers |= 1 << cpu
    return line


def mask(*numbers: int) -> int:
    """These CPUs."""
    return sum(1 << number for number in numbers)


def test_westmere_links() -> None:
    """Each of the eight sockets has three direct neighbours and four at two hops, and distance is symmetric."""
    topology = westmere_ex_8s()
    assert topology.nr_cpus == 80
    for row in topology.distance:
        assert sorted(row) == [0, 1, 1, 1, 2, 2, 2, 2]
    for a in range(8):
        for b in range(8):
            assert topology.distance[a][b] == topology.distance[b][a]
            # Two hops is two links: some socket is next to both.
            if topology.distance[a][b] == 2:
                assert any(topology.distance[a][c] == topology.distance[c][b] == 1 for c in range(8))


def test_opteron_distances() -> None:
    """Each of the eight dies has itself, its package's other die, three at one hop and three at two."""
    for row in opteron_4s().distance:
        assert sorted(row) == [0, 1, 2, 2, 2, 3, 3, 3]


@pytest.mark.parametrize(
    ("state", "write", "atomic", "expected"),
    [
        # From CPU 0: 1 is on the same socket, 10 one hop away, 20 two hops.
        ({"owner": 1, "dirty": True}, False, False, 109),
        ({"owner": 10, "dirty": True}, False, False, 289),
        ({"owner": 20, "dirty": True}, False, False, 400),
        ({"owner": 1}, False, False, 92),
        ({"owner": 10}, False, False, 273),
        ({"owner": 20}, False, False, 383),
        ({"sharers": (1, 20)}, False, False, 44),
        ({"sharers": (10, 20)}, False, False, 223),
        ({"sharers": (20,)}, False, False, 334),
        ({}, False, False, 355),
        ({"owner": 10, "dirty": True}, True, False, 320),
        ({"sharers": (0, 1)}, True, False, 116),
        ({"sharers": (0, 1, 20)}, True, False, 428),
        ({"owner": 20, "dirty": True}, True, True, 430),
        ({"sharers": (0, 10)}, True, True, 312),
        ({"owner": 0}, True, False, 5),
        ({"owner": 0, "dirty": True}, True, True, 20),
        ({"sharers": (0, 20)}, False, False, 5),
    ],
)
def test_westmere_access(state: dict[str, object], write: bool, atomic: bool, expected: int) -> None:
    """An access of CPU 0 costs what the table says for the line's state and distance: a load from the nearest, a write to the farthest."""
    assert CostTable("westmere-ex-8s").caches().access(line_of(**state), 0, 0, write, atomic) == expected  # type: ignore[arg-type]


def test_transfers_are_serialised() -> None:
    """Two CPUs that ask for a line at the same time get it one after the other."""
    caches = UniformCaches(hit=1, transfer=100)
    line = line_of(owner=0, dirty=True)
    assert caches.access(line, 1, 50, True, False) == 100
    assert caches.access(line, 2, 50, True, False) == 200
    assert (line.owner, line.busy_until) == (2, 250)


def test_handover_to_one_waiter() -> None:
    """A lone waiter reads and takes: two transfers, and nothing after them."""
    caches = UniformCaches(hit=1, transfer=100)
    line = line_of(owner=0, dirty=True)
    assert caches.handover(line, [1], mask(1), 1000, lambda: 0.0) == (0, 1200)
    assert (line.owner, line.busy_until) == (1, 1200)


def test_handover_to_the_first_that_is_drawn_twice() -> None:
    """Of three waiters, drawn 2, 0, 2: two reads and an attempt; then the failed attempt of one and the read of the other."""
    caches = UniformCaches(hit=1, transfer=100)
    line = line_of(owner=0, dirty=True)
    draws = iter([0.99, 0.0, 0.99])
    assert caches.handover(line, [1, 2, 3], mask(1, 2, 3), 1000, lambda: next(draws)) == (2, 1300)
    # CPU 1 has failed, CPU 2 has read it from there.
    assert (line.sharers, line.busy_until) == (0b110, 1500)


def test_near_waiters_are_likelier() -> None:
    """A waiter on the releasing CPU's socket is drawn more often than one two hops away, as much as its read is quicker."""
    caches = CostTable("westmere-ex-8s").caches()
    uniform = random.Random(1).random
    first = [caches.lottery(0, [20, 1], uniform)[0][0] for _ in range(20_000)]
    assert first.count(1) / len(first) == pytest.approx((1 / 109) / (1 / 109 + 1 / 400), abs=0.01)


def test_first_come_first_served_reads_in_any_order() -> None:
    """Of k waiters the first one's read is served after half of the others' on average, on a machine where all are equally near."""
    caches = UniformCaches(hit=1, transfer=100)
    uniform = random.Random(1).random
    delays = [caches.read_by_first(line_of(owner=0, dirty=True), [5, 6, 7, 8, 9], uniform) for _ in range(10_000)]
    assert set(delays) == {100, 200, 300, 400, 500}
    assert sum(delays) / len(delays) == pytest.approx(300, rel=0.02)


@given(
    numbers=st.lists(st.integers(1, 79), min_size=1, max_size=12, unique=True),
    seed=st.integers(0, 1000),
    now=st.integers(0, 3000),
)
def test_handover_is_so_many_accesses(numbers: list[int], seed: int, now: int) -> None:
    """A handover leaves the line as the single accesses that it stands for would, and takes as long."""
    caches: TopologyCaches = CostTable("westmere-ex-8s").caches()
    read, winner = caches.lottery(0, numbers, random.Random(seed).random)

    def line() -> Line:
        made = line_of(owner=0, dirty=True)
        made.busy_until = 1000
        return made

    quick = line()
    found = caches.handover(quick, numbers, mask(*numbers), now, random.Random(seed).random)
    slow = line()
    for number in read:
        caches.access(slow, number, now, False, False)
    caches.access(slow, numbers[winner], now, True, True)
    time = slow.busy_until
    for number in read:
        if number != numbers[winner]:
            caches.access(slow, number, now, True, True)
    last = slow.owner
    for number in sorted(numbers):
        if number not in (numbers[winner], last):
            caches.access(slow, number, now, False, False)
    assert found == (winner, time)
    assert (quick.owner, quick.sharers, quick.busy_until, quick.dirty) == (slow.owner, slow.sharers, slow.busy_until, slow.dirty)


def test_failed_attempt_makes_spinners_read_again() -> None:
    """A newcomer's failed attempt takes the line from two spinners; they read it again: a transfer each."""
    caches = UniformCaches(hit=1, transfer=100)
    line = line_of(owner=3, dirty=True)
    line.busy_until = 500
    caches.join(line, mask(1, 2, 3))
    assert (line.owner, line.sharers, line.busy_until) == (-1, 0b1110, 700)


def test_uniform_is_one_node_of_flat_costs() -> None:
    """Every transfer on the uniform machine costs the same."""
    caches = UniformCaches(hit=1, transfer=77)
    assert caches.costs == LineCosts(1, 1, *[(77,)] * 8)
    for state in (line_of(), line_of(owner=3), line_of(owner=3, dirty=True), line_of(sharers=(3, 4))):
        for write in (False, True):
            state.busy_until = 0
            assert caches.access(line_of(state.owner, (3,) if state.sharers else (), state.dirty), 0, 0, write, False) == 77
