"""Shared memory: plain and marked accesses, atomic operations, intrusive lists that notice when they are corrupt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from harness.machine.diagnosis import BUG, LIST_CORRUPTION, where
from harness.machine.engine import LIST_READ, LIST_WRITE, LOAD, READ, RMW, STORE, WRITE, Engine
from stages.hypervisor import Cell, Field, Hypervisor, ListHead, PerCpu, Struct

T = TypeVar("T")


class Memory:
    """The memory part of `Hypervisor`; enough for programs that need no CPUs."""

    nr_cpus: int

    def __init__(self, engine: Engine, nr_cpus: int) -> None:
        self.engine = engine
        self.nr_cpus = nr_cpus

    def place(self, cell: Cell, line: str, parts: Sequence[Cell] = ()) -> Any:
        return self.engine.place(cell, line, parts)

    def per_cpu(self, name: str, make: Callable[[Hypervisor, str], T]) -> PerCpu[T]:
        return PerCpu([make(cast(Hypervisor, self), f"{name}[{cpu}]") for cpu in range(self.nr_cpus)])

    # Single locations.

    def load(self, cell: Cell) -> Any:
        self.engine.access(LOAD, cell, False)
        return cell.value

    def store(self, cell: Cell, value: Any) -> None:
        self.engine.access(STORE, cell, True)
        cell.value = value

    def read_cell(self, cell: Cell) -> Any:
        self.engine.access(READ, cell, False)
        return cell.value

    def write_cell(self, cell: Cell, value: Any) -> None:
        self.engine.access(WRITE, cell, True)
        cell.value = value

    def update_cell(self, cell: Cell, change: Callable[[Any], Any]) -> Any:
        self.engine.access(RMW, cell, True)
        found = cell.value
        cell.value = change(found)
        if cell.value == found:
            # To everybody else this was a read, though it is as much of a barrier as any.
            self.engine.only_read()
        return found

    def cmpxchg_cell(self, cell: Cell, old: Any, new: Any) -> Any:
        self.engine.access(RMW, cell, True)
        found = cell.value
        if found == old:
            cell.value = new
        else:
            self.engine.only_read()
        return found

    def read_atomic(self, struct: Struct, field: Field[T]) -> T:
        return cast(T, self.read_cell(field.cell(struct)))

    def write_atomic(self, struct: Struct, field: Field[T], value: T) -> None:
        self.write_cell(field.cell(struct), value)

    # Lists. Each call is one operation; the nodes that it touches are its footprint.

    def INIT_LIST_HEAD(self, node: ListHead) -> None:
        self.engine.access(LIST_WRITE, node, True)
        node.next_node = node.prev_node = node

    def list_empty(self, head: ListHead) -> bool:
        self.engine.access(LIST_READ, head, False)
        return head.next_node is head

    def list_read(self, node: ListHead, link: str) -> ListHead:
        self.engine.access(LIST_READ, node, False)
        other: ListHead | None = getattr(node, f"{link}_node")
        if other is None:
            raise self._corrupt(f"follows {node.name}.{link}, which is poisoned")
        return other

    def list_write(self, node: ListHead, link: str, value: ListHead) -> None:
        self.engine.access(LIST_WRITE, node, True)
        setattr(node, f"{link}_node", value)

    def list_first_owner(self, head: ListHead) -> Any:
        first = self.list_read(head, "next")
        if first.owner is None:
            raise self._corrupt(f"takes the first entry of {head.name}, which leads to {first.name}")
        return first.owner

    def list_owners(self, head: ListHead) -> list[Any]:
        self.engine.access_list(LIST_READ, lambda: (_nodes(head), ()), head.name)
        nodes = _nodes(head)
        owners = [node.owner for node in nodes[1:]]
        if nodes[-1].next_node is not head or any(owner is None for owner in owners):
            raise self._corrupt(f"walks {head.name}, which does not lead back to its head")
        return owners

    def list_add_tail(self, node: ListHead, head: ListHead) -> None:
        self.engine.access_list(LIST_WRITE, lambda: ((), _present(node, head, head.prev_node)), node.name)
        last = head.prev_node
        if last is None or last.next_node is not head:
            raise self._corrupt(f"appends {node.name} to {head.name}, whose last entry does not point back to it")
        if node.next_node is not None and node.next_node is not node:
            raise self._corrupt(f"appends {node.name} to {head.name} while it is linked elsewhere")
        last.next_node = node
        node.prev_node, node.next_node = last, head
        head.prev_node = node

    def list_del(self, node: ListHead) -> None:
        self._unlink(node)
        node.next_node = node.prev_node = None

    def list_del_init(self, node: ListHead) -> None:
        self._unlink(node)
        node.next_node = node.prev_node = node

    def _unlink(self, node: ListHead) -> None:
        self.engine.access_list(LIST_WRITE, lambda: ((), _present(node, node.prev_node, node.next_node)), node.name)
        before, after = node.prev_node, node.next_node
        if before is None or after is None:
            raise self._corrupt(f"unlinks {node.name}, which is poisoned (unlinked twice)")
        if before.next_node is not node or after.prev_node is not node:
            raise self._corrupt(f"unlinks {node.name}, whose neighbours do not point to it")
        before.next_node = after
        after.prev_node = before

    def _corrupt(self, what: str) -> BaseException:
        return self.engine.violate(LIST_CORRUPTION, f"{what}, at {where()}")

    # Diagnosis.

    def BUG(self, why: str) -> None:
        raise self.engine.violate(BUG, f"{why}, at {where()}")

    def BUG_ON(self, condition: bool, why: str) -> None:
        if condition:
            self.BUG(why)


def _present(node: ListHead, before: ListHead | None, after: ListHead | None) -> tuple[ListHead, ...]:
    if before is not None and after is not None:
        return node, before, after
    return tuple(each for each in (node, before, after) if each is not None)


def _nodes(head: ListHead) -> list[ListHead]:
    """The head and its entries; a list that does not come back to its head ends where it repeats itself or is poisoned."""
    nodes = [head]
    seen = {id(head)}
    node = head.next_node
    while node is not None and id(node) not in seen:
        seen.add(id(node))
        nodes.append(node)
        node = node.next_node
    return nodes
