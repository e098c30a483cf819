"""What a memory access costs in the timed engine: cache lines, each with a state and a time until which it is busy, over a topology.

A line is in no cache, with one owner (clean or dirty), or with several sharers. An access that the CPU's own cache cannot satisfy is a
*transfer*; a line serves one transfer at a time, in the order in which they are asked for. That is all that contention is here: nothing
knows how expensive a contended lock is.

The figures themselves are not here; see `harness.measure.costs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from harness.timed.topology import Topology, one_node

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
        self.load_from = self._between(costs.load_modified)
        self.load_clean_from = self._between(costs.load_exclusive)
        self.atomic_shared = costs.atomic_shared
        self.store_shared = costs.store_shared
        self.load_shared = costs.load_shared
        self.uncached = costs.load_uncached[0]
        self.near_read = costs.load_shared[0]
        self.near_atomic = costs.atomic_modified[0]
        self.first_near = costs.load_modified[0] - self.near_read
        # Whether every draw is taken when all CPUs are near.
        self.alike = self.near[0][0] >= 1
        self.bit = [1 << cpu for cpu in range(topology.nr_cpus)]
        self.bit_of = [1 << node for node in self.node_of]
        self.bit_of_mask = [(mask, 1 << node) for node, mask in enumerate(self.masks)]
        # A read and a successful attempt.
        self.all_near = costs.load_modified[0] + costs.atomic_shared[0]
        self._further = _Memo(self._further_than_near)
        self._upgrade = _Memo(self._atomic_shared_by)
        self._first_reads = _Memo(self._first_reads_of)

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
        """The distance class of the farthest of `cpus` (a mask)."""
        rings = self.ring[self.node_of[cpu]]
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
        if write:
            if owner >= 0:
                start += (self.atomic_from if atomic else self.store_from)[owner][cpu]
            elif line.sharers:
                if line.sharers & self.elsewhere[self.node_of[cpu]]:
                    start += (self.atomic_shared if atomic else self.store_shared)[self._farthest(cpu, line.sharers)]
                else:
                    start += (self.atomic_shared if atomic else self.store_shared)[0]
            else:
                start += self.uncached
            line.owner = cpu
            line.sharers = self.bit[cpu]
            line.dirty = True
        elif owner >= 0:
            start += (self.load_from if line.dirty else self.load_clean_from)[owner][cpu]
            line.owner = -1
            line.dirty = False
            line.sharers |= self.bit[cpu]
        elif line.sharers:
            start += self.load_shared[self._nearest(cpu, line.sharers)]
            line.sharers |= self.bit[cpu]
        else:
            start += self.uncached
            line.owner = cpu
            line.sharers = self.bit[cpu]
        line.busy_until = start
        return start - now

    def join(self, line: Line, spinners: int) -> None:
        """One transfer each, in the order of their numbers."""
        readers = spinners & ~(1 << line.owner)
        if readers:
            line.busy_until += self._reads(line.owner, readers)
            line.sharers |= readers
            line.owner, line.dirty = -1, False

    def _reads(self, owner: int, readers: int) -> int:
        """The cycles that it takes these CPUs (a mask) to read, one by one, a line that `owner` has modified."""
        node = self.node_of[owner]
        if not readers & self.elsewhere[node]:
            return self.first_near + readers.bit_count() * self.near_read
        nodes = 0
        for mask, bit in self.bit_of_mask:
            if readers & mask:
                nodes |= bit
        return self._first_reads[node, nodes] + readers.bit_count() * self.near_read

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
        return self._copies(line.owner, [numbers[index] for index in read])[0]

    def handover(self, line: Line, numbers: Sequence[int], spinners: int, now: int, random: Random) -> tuple[int, int]:
        """Reads, one attempt that succeeds (the winner has the lock then), the attempts that fail, and the reads of the rest."""
        releaser = line.owner
        near = not spinners & self.elsewhere[self.node_of[releaser]]
        if line.busy_until > now:
            now = line.busy_until
        if near and self.alike:
            read, winner = _draw(numbers, random)
        else:
            read, winner = self.lottery(releaser, numbers, random)
        first = owner = numbers[winner]
        losers = len(read) - 1
        if near:
            # The line goes from one that fails to the next; the last of them has it already when the rest reads.
            time = busy = now + self.all_near + losers * self.near_read
            if losers:
                busy += losers * self.near_atomic
                owner = read[-1] if read[-1] != first else read[-2]
        else:
            took, nodes = self._copies(releaser, read)
            time = busy = now + took + self._upgrade[self.node_of[first], nodes]
            if losers:
                for loser in read:
                    if loser != first:
                        busy += self.atomic_from[owner][loser]
                        owner = loser
        line.sharers = sharers = self.bit[owner]
        rest = spinners & ~(self.bit[first] | sharers)
        if rest:
            line.owner = -1
            line.sharers = sharers | rest
            line.dirty = False
            line.busy_until = busy + self._reads(owner, rest)
        else:
            line.owner = owner
            line.dirty = True
            line.busy_until = busy
        return winner, time

    def _copies(self, owner: int, numbers: list[int]) -> tuple[int, int]:
        """These CPUs read, in this order, a line that `owner` has modified: the cycles, and the nodes with a copy (a mask).

        The same as so many accesses, but quick.
        """
        bit_of, first = self.bit_of, numbers[0]
        took = self.load_from[owner][first] + (len(numbers) - 1) * self.near_read
        nodes = bit_of[owner] | bit_of[first]
        for number in numbers:
            bit = bit_of[number]
            if not nodes & bit:
                took += self._further[bit, nodes]
                nodes |= bit
        return took, nodes

    def _first_reads_of(self, owner: int, nodes: int) -> int:
        """What it costs more that each of `nodes` (a mask) has a first reader of a line that a CPU of node `owner` has modified."""
        readers = [node for node in range(len(self.masks)) if nodes >> node & 1]
        cost = self.costs.load_modified[self.distance[owner][readers[0]]] - self.near_read
        have = 1 << owner | 1 << readers[0]
        for node in readers[1:]:
            bit = 1 << node
            if not have & bit:
                cost += self._further[bit, have]
                have |= bit
        return cost

    def _further_than_near(self, bit: int, nodes: int) -> int:
        """What a load costs more when CPUs of `nodes` (a mask) share the line, but none of the node that loads (`bit`)."""
        row = self.distance[bit.bit_length() - 1]
        return self.costs.load_shared[min(row[n] for n in range(len(row)) if nodes >> n & 1)] - self.near_read

    def _atomic_shared_by(self, node: int, nodes: int) -> int:
        """The cost of an atomic operation when CPUs of `nodes` (a mask) share the line."""
        row = self.distance[node]
        return self.costs.atomic_shared[max(row[n] for n in range(len(row)) if nodes >> n & 1)]

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
            if draw - index < weights[numbers[index]]:
                number = numbers[index]
                if number in read:
                    return read, index
                read.append(number)


def _draw(numbers: Sequence[int], random: Random) -> tuple[list[int], int]:
    """As `lottery`, when all are as near as can be: each draw is taken."""
    count = len(numbers)
    if count == 1:
        return [numbers[0]], 0
    read: list[int] = []
    while True:
        index = int(random() * count)
        number = numbers[index]
        if number in read:
            return read, index
        read.append(number)


class _Memo(dict[tuple[int, int], int]):
    """What has been worked out of a function of two numbers."""

    def __init__(self, function: Callable[[int, int], int]) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, key: tuple[int, int]) -> int:
        value = self[key] = self.function(*key)
        return value


class UniformCaches(TopologyCaches):
    """One cost for every transfer between caches, another for a hit: for hand calculation and for conformance runs."""

    def __init__(self, hit: int = 20, transfer: int = 320, nr_cpus: int = 128) -> None:
        super().__init__(one_node(nr_cpus), LineCosts(hit, hit, *[(transfer,)] * 8))
