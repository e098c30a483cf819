"""Which CPUs a machine has, and how far they are from each other."""

from __future__ import annotations

from dataclasses import dataclass


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
