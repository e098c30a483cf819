"""What a memory access costs in the timed engine: cache lines, each with a state and a time until which it is busy, over a topology.

A line is in no cache, with one owner (clean or dirty), or with several sharers. An access that the CPU's own cache cannot satisfy is a
*transfer*; a line serves one transfer at a time, in the order in which they are asked for. That is all that contention is here: nothing
knows how expensive a contended lock is.

The figures themselves are not here; see `harness.performance.costs`.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from harness.machine.engine import Process

Random = Callable[[], float]


class Line:
    """A cache line: who has it, and until when a transfer of it is under way (cycles).

    `owner` is the CPU with the only copy, or -1; `sharers` the bit mask of all CPUs with a copy, the owner included.
    """

    __slots__ = ("busy_until", "dirty", "name", "owner", "sharers")

    def __init__(self, name: str) -> None:
        self.name = name
        self.owner = -1
        self.sharers = 0
        self.dirty = False
        self.busy_until = 0


class Caches(Protocol):
    """A cost model for memory. The engine settles hits itself, at `hit` and (atomic operations) `atomic_hit` cycles."""

    hit: int
    atomic_hit: int

    def access(self, line: Line, cpu: int, now: int, write: bool, atomic: bool) -> int:
        """Move the line for an access at `now`; return the cycles that it takes, waiting for the line included."""

    def join(self, line: Line, waiters: Sequence[Process]) -> None:
        """One more CPU has tried in vain to take the lock on `line`: those that spin on it read it again."""

    def handover(self, line: Line, waiters: Sequence[Process], now: int, random: Random) -> tuple[int, int]:
        """A lock on `line` is released at `now`: return which waiter gets it (an index) and when (cycles). `random()` is in [0, 1)."""


@dataclass(frozen=True)
class Topology:
    """Nodes (sockets, or dies) with the same number of CPUs each, numbered node by node, and how far they are from each other.

    `distance[a][b]` is a class: 0 within a node, then further and further.
    """

    name: str
    cpus_per_node: int
    distance: tuple[tuple[int, ...], ...]

    @property
    def nodes(self) -> int:
        """The number of nodes."""
        return len(self.distance)

    @property
    def nr_cpus(self) -> int:
        """The number of CPUs."""
        return self.nodes * self.cpus_per_node

    def cpus_of(self, node: int) -> range:
        """The CPUs of one node."""
        return range(node * self.cpus_per_node, (node + 1) * self.cpus_per_node)


def westmere_ex_8s() -> Topology:
    """Eight sockets of ten cores; each has three direct neighbours, the rest are two hops away.

    The links are the Möbius ladder on eight sockets (i to i ± 1 and to i + 4, modulo 8): the one arrangement with these properties that
    is also the same seen from every socket. (A plain cube would have a third hop.)
    """
    return Topology("westmere-ex-8s", 10, tuple(tuple((0, 1, 2, 2, 1, 2, 2, 1)[(b - a) % 8] for b in range(8)) for a in range(8)))


def opteron_4s() -> Topology:
    """Four sockets of two dies of six cores: same die, same package, then one hop between dies of the same parity, two between others."""

    def distance(a: int, b: int) -> int:
        if a // 2 == b // 2:
            return int(a != b)
        return 2 if a % 2 == b % 2 else 3

    return Topology("opteron-4s", 6, tuple(tuple(distance(a, b) for b in range(8)) for a in range(8)))


def one_node(nr_cpus: int) -> Topology:
    """All CPUs equally near."""
    return Topology("uniform", nr_cpus, ((0,),))


@dataclass(frozen=True)
class LineCosts:
    """Cycles of a transfer, by distance class: of loads, stores and atomic operations, by what state the line is in elsewhere."""

    hit: int
    atomic_hit: int
    load_modified: tuple[int, ...]
    load_exclusive: tuple[int, ...]
    load_shared: tuple[int, ...]
    load_uncached: tuple[int, ...]
    store_modified: tuple[int, ...]
    store_shared: tuple[int, ...]
    atomic_modified: tuple[int, ...]
    atomic_shared: tuple[int, ...]


class TopologyCaches:
    """Cache lines over a topology. All state is in the lines, so one object serves any number of engines.

    A load comes from the nearest copy; a store or atomic operation must reach the farthest. A line in no cache comes from the memory of
    the node that first touches it.

    Locks are test-and-test-and-set. On release every waiter's copy is gone and all of them read again. The line serves one request at a
    time, whose is drawn, the nearer the likelier: a waiter drawn for the first time reads and sees the lock free, and the first to be
    drawn again is the first whose attempt is served: it has the lock. The attempts of the others that saw it free fail; the rest read
    that it is taken. The line goes on to serve all these, and what comes later, such as the next release, waits behind them.
    """

    def __init__(self, topology: Topology, costs: LineCosts) -> None:
        self.hit = costs.hit
        self.atomic_hit = costs.atomic_hit
        self.costs = costs
        self.node_of = [cpu // topology.cpus_per_node for cpu in range(topology.nr_cpus)]
        self.distance = topology.distance
        classes = range(1 + max(max(row) for row in topology.distance))
        self.masks = [sum(1 << cpu for cpu in topology.cpus_of(node)) for node in range(topology.nodes)]
        self.elsewhere = [~mask for mask in self.masks]
        # Per node and distance class: the CPUs that are so far away.
        self.ring = [[sum(self.masks[b] for b, d in enumerate(row) if d == distance) for distance in classes] for row in topology.distance]
        # Per node and CPU: the chance of a waiter to be served next falls with the time that its read takes.
        self.nearness = [[1 / max(1, costs.load_modified[row[node]]) for node in self.node_of] for row in topology.distance]
        self.near_read = costs.load_shared[0]
        # What has been worked out by `_load_shared` and `_atomic_shared`.
        self._shared: dict[tuple[int, int], int] = {}
        self._upgrade: dict[tuple[int, int], int] = {}
        # By node and node.
        self.atomic_between = [[costs.atomic_modified[distance] for distance in row] for row in topology.distance]

    def _nearest(self, cpu: int, cpus: int) -> int:
        """The distance class of the nearest of `cpus` (a mask)."""
        if cpus & self.masks[self.node_of[cpu]]:
            return 0
        for distance, ring in enumerate(self.ring[self.node_of[cpu]]):
            if cpus & ring:
                return distance
        raise AssertionError("a line shared by nobody")

    def _farthest(self, cpu: int, cpus: int) -> int:
        node = self.node_of[cpu]
        if not cpus & self.elsewhere[node]:
            return 0
        rings = self.ring[node]
        distance = len(rings) - 1
        while not cpus & rings[distance]:
            distance -= 1
        return distance

    def access(self, line: Line, cpu: int, now: int, write: bool, atomic: bool) -> int:
        """A hit, or one transfer, after the transfers under way."""
        mine = 1 << cpu
        if line.owner == cpu or (not write and line.sharers & mine):
            line.dirty |= write
            return self.atomic_hit if atomic else self.hit
        start = max(now, line.busy_until)
        line.busy_until = start + (self._take(line, cpu, atomic) if write else self._copy(line, cpu))
        return line.busy_until - now

    def _copy(self, line: Line, cpu: int) -> int:
        """Give `cpu` a copy; return the cycles that it takes."""
        costs, owner = self.costs, line.owner
        if owner >= 0:
            distance = self.distance[self.node_of[owner]][self.node_of[cpu]]
            cost = (costs.load_modified if line.dirty else costs.load_exclusive)[distance]
            line.owner, line.dirty = -1, False
        elif line.sharers:
            cost = costs.load_shared[self._nearest(cpu, line.sharers)]
        else:
            cost = costs.load_uncached[0]
            line.owner = cpu
        line.sharers |= 1 << cpu
        return cost

    def _take(self, line: Line, cpu: int, atomic: bool) -> int:
        """Give `cpu` the only copy; return the cycles that it takes."""
        costs, owner = self.costs, line.owner
        if owner >= 0:
            cost = (costs.atomic_modified if atomic else costs.store_modified)[self.distance[self.node_of[owner]][self.node_of[cpu]]]
        elif line.sharers:
            cost = (costs.atomic_shared if atomic else costs.store_shared)[self._farthest(cpu, line.sharers)]
        else:
            cost = costs.load_uncached[0]
        line.owner, line.sharers, line.dirty = cpu, 1 << cpu, True
        return cost

    def join(self, line: Line, waiters: Sequence[Process]) -> None:
        """Each waiter's copy went with the failed attempt: one transfer each."""
        if waiters:
            numbers = [waiter.number for waiter in waiters]
            line.busy_until += self._reads(self.node_of[line.owner], numbers)[0]
            line.owner, line.dirty = -1, False
            for number in numbers:
                line.sharers |= 1 << number

    def handover(self, line: Line, waiters: Sequence[Process], now: int, random: Random) -> tuple[int, int]:
        """Reads, one attempt that succeeds (the winner has the lock then), the attempts that fail, and the reads of the rest."""
        numbers = [waiter.number for waiter in waiters]
        read, winner = self.lottery(line.owner, waiters, random)
        node_of, atomic = self.node_of, self.atomic_between
        first = numbers[winner]
        node = node_of[first]
        took, nodes = self._reads(node_of[line.owner], [numbers[index] for index in read])
        time = max(now, line.busy_until) + took + self._atomic_shared(node, nodes)
        # The line goes from one that fails to the next; the last of them has it already when the rest reads.
        took, owner = 0, first
        for index in read:
            if index != winner:
                owner = numbers[index]
                took += atomic[node][node_of[owner]]
                node = node_of[owner]
        rest = [number for number in numbers if number not in (first, owner)]
        line.dirty = not rest
        line.owner, line.sharers = -1 if rest else owner, 1 << owner
        if rest:
            took += self._reads(node, rest)[0]
            for number in rest:
                line.sharers |= 1 << number
        line.busy_until = time + took
        return winner, time

    def _reads(self, owner: int, numbers: list[int]) -> tuple[int, int]:
        """These CPUs read, one by one, a line that a CPU of node `owner` has modified: the cycles, and the nodes with a copy (a mask).

        The same as so many accesses, but quick.
        """
        node_of, near = self.node_of, self.near_read
        node = node_of[numbers[0]]
        took = self.costs.load_modified[self.distance[owner][node]]
        nodes = 1 << owner | 1 << node
        for number in numbers[1:]:
            node = node_of[number]
            if nodes >> node & 1:
                took += near
            else:
                took += self._load_shared(node, nodes)
                nodes |= 1 << node
        return took, nodes

    def _load_shared(self, node: int, nodes: int) -> int:
        """The cost of a load when CPUs of `nodes` (a mask), but none of `node`, share the line."""
        cost = self._shared.get((node, nodes))
        if cost is None:
            row = self.distance[node]
            cost = self._shared[node, nodes] = self.costs.load_shared[min(row[n] for n in range(len(row)) if nodes >> n & 1)]
        return cost

    def _atomic_shared(self, node: int, nodes: int) -> int:
        cost = self._upgrade.get((node, nodes))
        if cost is None:
            row = self.distance[node]
            cost = self._upgrade[node, nodes] = self.costs.atomic_shared[max(row[n] for n in range(len(row)) if nodes >> n & 1)]
        return cost

    def lottery(self, releaser: int, waiters: Sequence[Process], random: Random) -> tuple[list[int], int]:
        """Draw waiters until one is drawn again: those who have read by then, in order, and the one who has the lock."""
        if len(waiters) == 1:
            return [0], 0
        nearness = self.nearness[self.node_of[releaser]]
        sums = list(accumulate([nearness[waiter.number] for waiter in waiters]))
        total = sums.pop()
        read: list[int] = []
        while (drawn := bisect(sums, random() * total)) not in read:
            read.append(drawn)
        return read, drawn


class UniformCaches(TopologyCaches):
    """One cost for every transfer between caches, another for a hit: for hand calculation and for conformance runs."""

    def __init__(self, hit: int = 20, transfer: int = 320, nr_cpus: int = 128) -> None:
        super().__init__(one_node(nr_cpus), LineCosts(hit, hit, *[(transfer,)] * 8))
