"""A queue for many producers and one consumer: producers link their nodes in by compare-and-exchange, newest first.

The consumer takes all of them at once and turns them round. The pool of nodes is a list without a lock as well.
"""

from __future__ import annotations

from stages.hypervisor import Field, Hypervisor, Struct, Word

SIZE = 3
NONE = 0


class Node(Struct):
    """A number, and the node that was pushed before it: nodes are numbered from 1."""

    item = Field(0)
    next = Field(NONE)


class Queue:
    """The newest node, the oldest of those that the consumer has taken, and the nodes that are free."""

    def __init__(self, hv: Hypervisor) -> None:
        self.hv = hv
        self.nodes = [Node(hv, f"node{number}") for number in range(SIZE + 1)]
        self.newest = Word(hv, "newest")
        self.taken = Word(hv, "taken")
        self.free = Word(hv, "free", 1)
        for number in range(1, SIZE):
            hv.write_atomic(self.nodes[number], Node.next, number + 1)

    def push(self, item: int) -> bool:
        number = self.alloc()
        if number == NONE:
            return False
        node = self.nodes[number]
        node.item = item
        seen = self.newest.read()
        while True:
            self.hv.write_atomic(node, Node.next, seen)
            found = self.newest.cmpxchg(seen, number)
            if found == seen:
                return True
            seen = found

    def pop(self) -> int:
        number = self.taken.read()
        if number == NONE:
            number = self.turned(self.newest.xchg(NONE))
        if number == NONE:
            return 0
        node = self.nodes[number]
        self.taken.write(node.next)
        item = node.item
        self.release(number)
        return item

    def turned(self, number: int) -> int:
        """Reverse a list; return its new first node."""
        before = NONE
        while number != NONE:
            node = self.nodes[number]
            after = node.next
            self.hv.write_atomic(node, Node.next, before)
            before, number = number, after
        return before

    def alloc(self) -> int:
        while True:
            number = self.hv.smp_load_acquire(self.free)
            if number == NONE:
                return NONE
            after = self.hv.read_atomic(self.nodes[number], Node.next)
            if self.free.cmpxchg(number, after) == number:
                return number

    def release(self, number: int) -> None:
        seen = self.free.read()
        while True:
            self.hv.write_atomic(self.nodes[number], Node.next, seen)
            found = self.free.cmpxchg(seen, number)
            if found == seen:
                return
            seen = found
