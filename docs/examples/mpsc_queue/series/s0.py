"""A queue for many producers and one consumer: a list and a pool of nodes under one lock, with interrupts off."""

from __future__ import annotations

from stages.hypervisor import Field, Hypervisor, Struct, Word

SIZE = 3
NONE = 0


class Node(Struct):
    """A number, and the node after it: nodes are numbered from 1."""

    item = Field(0)
    next = Field(NONE)


class Queue:
    """Its oldest node, its newest one, and the nodes that are free."""

    def __init__(self, hv: Hypervisor) -> None:
        self.hv = hv
        self.lock = hv.spinlock("queue_lock")
        self.nodes = [Node(hv, f"node{number}") for number in range(SIZE + 1)]
        self.first = Word(hv, "first")
        self.last = Word(hv, "last")
        self.free = Word(hv, "free", 1)
        for number in range(1, SIZE):
            hv.write_atomic(self.nodes[number], Node.next, number + 1)

    def push(self, item: int) -> bool:
        flags = self.hv.spin_lock_irqsave(self.lock)
        number = self.free.read()
        if number != NONE:
            node = self.nodes[number]
            self.free.write(node.next)
            node.item = item
            node.next = NONE
            last = self.last.read()
            if last == NONE:
                self.first.write(number)
            else:
                self.nodes[last].next = number
            self.last.write(number)
        self.hv.spin_unlock_irqrestore(self.lock, flags)
        return number != NONE

    def pop(self) -> int:
        flags = self.hv.spin_lock_irqsave(self.lock)
        number = self.first.read()
        item = 0
        if number != NONE:
            node = self.nodes[number]
            item = node.item
            self.first.write(node.next)
            if node.next == NONE:
                self.last.write(NONE)
            node.next = self.free.read()
            self.free.write(number)
        self.hv.spin_unlock_irqrestore(self.lock, flags)
        return item
