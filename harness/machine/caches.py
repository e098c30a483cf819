"""What a memory access costs in the timed engine: cache lines, each with a state and a time until which it is busy, over a topology.

A line is in no cache, with one owner (clean or dirty), or with several sharers. An access that the CPU's own cache cannot satisfy is a
*transfer*; a line serves one transfer at a time, in the order in which they are asked for. That is all that contention is here: nothing
knows how expensive a contended lock is.

The figures themselves are not here; see `harness.performance.costs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from harness.machine.topology import Topology, one_node

Random = Callable[[], float]
T = TypeVar("T")


class Line:
    """A cache line: who has it, and until when a transfer of it is under way (cycles).

    `owner` is the CPU with the only copy, or -1; `sharers` the bit mask of all CPUs with a copy, the owner included. `due` belongs to
    lock flavours: the time from which those that spin on the line read it again, 0 if they have their copies.
    """

    __slots__ = ("busy_until", "dirty", "due", "name", "owner", "sharers")

    def __init__(self, name: str) -> None:
        self.name = name
        self.owner = -1
        self.sharers = 0
        self.dirty = False
        self.busy_until = 0
        self.due = 0


class Caches(Protocol):
    """A cost model for memory. The engine settles hits itself, at `hit` and (atomic operations) `atomic_hit` cycles."""

    hit: int
    atomic_hit: int

    def access(self, line: Line, cpu: int, now: int, write: bool, atomic: bool) -> int:
        """Move the line for an access at `now`; return the cycles that it takes, waiting for the line included."""

    def join(self, line: Line, spinners: int) -> None:
        """Of the CPUs that spin on `line` (a mask), those that have lost their copies to its owner read it again."""

    def read_by_first(self, line: Line, numbers: Sequence[int], random: Random) -> int:
        """These CPUs are to read `line` again, in random order: return how long it takes until the first of the list has (cycles)."""

    def handover(self, line: Line, numbers: Sequence[int], spinners: int, now: int, random: Random) -> tuple[int, int]:
        """A lock on `line`, on which these CPUs spin (a list, and as a mask), is released at `now`.

        Return which of them gets it (an index) and when (cycles). `random()` is in [0, 1).
        """


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

    Locks that are test-and-test-and-set: on release every waiter's copy is gone and all of them read again. The line serves one request at
    a time, whose is drawn, the nearer the likelier: a waiter drawn for the first time reads and sees the lock free, and the first to be
    drawn again is the first whose attempt is served: it has the lock. The attempts of the others that saw it free fail; the rest read
    that it is taken, in the order of their numbers. The line goes on to serve all these, and what comes later, such as the next release,
    waits behind them.
    """

    def __init__(self, topology: Topology, costs: LineCosts) -> None:
        self.hit = costs.hit
        self.atomic_hit = costs.atomic_hit
        self.costs = costs
        self.topology = topology
        self.node_of = [cpu // topology.cpus_per_node for cpu in range(topology.nr_cpus)]
        self.distance = topology.distance
        classes = range(1 + max(max(row) for row in topology.distance))
        self.masks = [sum(1 << cpu for cpu in topology.cpus_of(node)) for node in range(topology.nodes)]
        self.elsewhere = [~mask for mask in self.masks]
        # Per node and distance class: the CPUs that are so far away.
        self.ring = [[sum(self.masks[b] for b, d in enumerate(row) if d == distance) for distance in classes] for row in topology.distance]
        # By CPU and CPU, from the first to the second.
        # (How likely a CPU is to be served next, compared with one that is as near as can be, falls with the time that its read takes.)
        quickest = max(1, min(costs.load_modified))
        self.near = self._between([quickest / max(1, cost) for cost in costs.load_modified])
        self.atomic_from = self._between(costs.atomic_modified)
        self.store_from = self._between(costs.store_modified)
        self.near_read = costs.load_shared[0]
        self.near_atomic = costs.atomic_modified[0]
        # A read and a successful attempt.
        self.all_near = costs.load_modified[0] + costs.atomic_shared[0]
        # What has been worked out by `_load_shared`, `_atomic_shared` and `_first_reads`.
        self._shared: dict[tuple[int, int], int] = {}
        self._upgrade: dict[tuple[int, int], int] = {}
        self._firsts: dict[tuple[int, int], int] = {}

    def _between(self, by_distance: Sequence[T]) -> list[list[T]]:
        rows = [[by_distance[row[node]] for node in self.node_of] for row in self.distance]
        return [rows[node] for node in self.node_of]

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
        owner = line.owner
        if owner == cpu or (not write and line.sharers >> cpu & 1):
            line.dirty |= write
            return self.atomic_hit if atomic else self.hit
        start = line.busy_until
        if start < now:
            start = now
        if not write:
            start += self._copy(line, cpu)
        else:
            if owner >= 0:
                start += (self.atomic_from if atomic else self.store_from)[owner][cpu]
            elif line.sharers:
                start += (self.costs.atomic_shared if atomic else self.costs.store_shared)[self._farthest(cpu, line.sharers)]
            else:
                start += self.costs.load_uncached[0]
            line.owner, line.sharers, line.dirty = cpu, 1 << cpu, True
        line.busy_until = start
        return start - now

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

    def join(self, line: Line, spinners: int) -> None:
        """One transfer each, in the order of their numbers."""
        readers = spinners & ~(1 << line.owner)
        if readers:
            line.busy_until += self._reads(self.node_of[line.owner], readers)
            line.sharers |= readers
            line.owner, line.dirty = -1, False

    def _reads(self, owner: int, readers: int) -> int:
        """The cycles that it takes these CPUs (a mask) to read, one by one, a line that a CPU of node `owner` has modified."""
        if not readers & self.elsewhere[owner]:
            return self.costs.load_modified[0] + (readers.bit_count() - 1) * self.near_read
        nodes = 0
        for node, mask in enumerate(self.masks):
            if readers & mask:
                nodes |= 1 << node
        return self._first_reads(owner, nodes) + readers.bit_count() * self.near_read

    def _first_reads(self, owner: int, nodes: int) -> int:
        """What it costs more that each of these nodes (a mask) has a first reader."""
        cost = self._firsts.get((owner, nodes))
        if cost is None:
            readers = [node for node in range(len(self.masks)) if nodes >> node & 1]
            cost = self.costs.load_modified[self.distance[owner][readers[0]]] - self.near_read
            have = 1 << owner | 1 << readers[0]
            for node in readers[1:]:
                cost += self._load_shared(node, have) - self.near_read
                have |= 1 << node
            self._firsts[owner, nodes] = cost
        return cost

    def read_by_first(self, line: Line, numbers: Sequence[int], random: Random) -> int:
        """Draw who is served next, the nearer the likelier, until it is the first of the list; who is drawn again has read already."""
        weights, count = self.near[line.owner], len(numbers)
        # (A dictionary keeps the order in which they are drawn.)
        read: dict[int, None] = {}
        while 0 not in read:
            draw = random() * count
            index = int(draw)
            if draw - index < weights[numbers[index]]:
                read[index] = None
        return self._copies(self.node_of[line.owner], [numbers[index] for index in read])[0]

    def handover(self, line: Line, numbers: Sequence[int], spinners: int, now: int, random: Random) -> tuple[int, int]:
        """Reads, one attempt that succeeds (the winner has the lock then), the attempts that fail, and the reads of the rest."""
        node = self.node_of[line.owner]
        read, winner = self.lottery(line.owner, numbers, random)
        first = owner = numbers[winner]
        if line.busy_until > now:
            now = line.busy_until
        if spinners & self.elsewhere[node]:
            took, nodes = self._copies(node, read)
            time = busy = now + took + self._atomic_shared(self.node_of[first], nodes)
            # The line goes from one that fails to the next; the last of them has it already when the rest reads.
            for loser in read:
                if loser != first:
                    busy += self.atomic_from[owner][loser]
                    owner = loser
        else:
            # The same, when all are near.
            losers = len(read) - 1
            time = now + self.all_near + losers * self.near_read
            busy = time + losers * self.near_atomic
            if losers:
                owner = read[-1] if read[-1] != first else read[-2]
        line.busy_until = busy
        line.owner, line.sharers, line.dirty = owner, 1 << owner, True
        spinners ^= 1 << first
        if spinners and spinners != line.sharers:
            self.join(line, spinners)
        return winner, time

    def _copies(self, owner: int, numbers: list[int]) -> tuple[int, int]:
        """These CPUs read, in this order, a line that a CPU of node `owner` has modified: the cycles, and the nodes with a copy (a mask).

        The same as so many accesses, but quick.
        """
        node_of = self.node_of
        node = node_of[numbers[0]]
        took = self.costs.load_modified[self.distance[owner][node]] + (len(numbers) - 1) * self.near_read
        nodes = 1 << owner | 1 << node
        for number in numbers:
            node = node_of[number]
            if not nodes >> node & 1:
                took += self._load_shared(node, nodes) - self.near_read
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

    def lottery(self, releaser: int, numbers: Sequence[int], random: Random) -> tuple[list[int], int]:
        """Draw of these CPUs until one is drawn again: those who have read by then, in order, and the index of the one who has the lock."""
        count = len(numbers)
        if count == 1:
            return [numbers[0]], 0
        weights = self.near[releaser]
        read: list[int] = []
        while True:
            # An index, and whether it is taken: as likely as it is near, compared with the nearest that there could be.
            draw = random() * count
            index = int(draw)
            number = numbers[index]
            if draw - index < weights[number]:
                if number in read:
                    return read, index
                read.append(number)


class UniformCaches(TopologyCaches):
    """One cost for every transfer between caches, another for a hit: for hand calculation and for conformance runs."""

    def __init__(self, hit: int = 20, transfer: int = 320, nr_cpus: int = 128) -> None:
        super().__init__(one_node(nr_cpus), LineCosts(hit, hit, *[(transfer,)] * 8))
