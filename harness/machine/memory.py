"""Shared memory: plain and marked accesses, atomic operations, intrusive lists that notice when they are corrupt.

Memory that nobody has initialised holds garbage, and whoever reads it ends the execution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, cast

from harness.machine.contexts import CHANGES, WALKS
from harness.machine.cpu_numbers import ByNumber
from harness.machine.diagnosis import BUG, LIST_CORRUPTION, PRECONDITION, UNINITIALISED, where
from harness.machine.engine import LIST_READ, LIST_WRITE, LOAD, READ, RMW, STORE, WRITE, Engine, emptied
from stages.hypervisor import Cell, Field, Hypervisor, ListHead, PerCpu, Struct, Word
from stages.shared_memory import GARBAGE, NEVER_INITIALISED, POISONED

T = TypeVar("T")


class Memory:
    """The memory part of `Hypervisor`; enough for programs that need no CPUs."""

    nr_cpus: int
    # The cells that are being made, where somebody wants to know.
    _made: list[Cell] | None = None
    # Whether a stage is making what is its own.
    installing = False

    def __init__(self, engine: Engine, nr_cpus: int) -> None:
        self.engine = engine
        engine.circles.append(partial(emptied, self))
        # For who takes this for its hypervisor: the machine's CPUs by their numbers, and how far these go.
        self.positions: Mapping[int, int] = {cpu: cpu for cpu in range(nr_cpus)}
        self.nr_cpus = nr_cpus
        # The lists of the stage that there is one of for each CPU, and whose each is.
        self.own_lists: dict[ListHead, int] = {}

    # Making memory.

    def place(self, cell: Cell, line: str, parts: Sequence[Cell] = ()) -> Any:
        if self._made is not None:
            self._made.append(cell)
        return self.engine.place(cell, line, parts)

    def per_cpu(self, name: str, make: Callable[[Hypervisor, str], T]) -> PerCpu[T]:
        hv = cast(Hypervisor, self)
        items = self._zeroed(lambda: [make(hv, f"{name}[{cpu}]") for cpu in range(len(self.positions))], make is Word)
        if self.installing:
            self.own_lists.update((item, cpu) for cpu, item in enumerate(items) if isinstance(item, ListHead))

        def missing(number: int) -> T:
            """Boot code may go through all numbers that there can be."""
            if not self.engine.frozen or number not in range(self.nr_cpus):
                raise self.lacks(f"uses {name}", number)
            return self._zeroed(lambda: make(hv, f"{name}[number {number}]"))

        return ByNumber(items, self.positions, missing)

    def lacks(self, call: str, number: int) -> BaseException:
        """There is no CPU of this number."""
        names = ", ".join(f"CPU{cpu} is number {known_as}" for known_as, cpu in self.positions.items())
        return self.engine.violate(PRECONDITION, f"{call} of CPU number {number}, which there is not ({names}), at {where()}")

    def _zeroed(self, make: Callable[[], T], without_lists: bool = False) -> T:
        """What `make` makes is zeroed memory: a number is what it was declared as, a list is none before it is initialised."""
        if without_lists:
            return make()
        made, cells = self._noting(make)
        for cell in cells:
            if isinstance(cell, ListHead):
                cell.spoil()
        return made

    def allocate(self, make: Callable[[], T]) -> T:
        """What `make` makes is memory fresh from the allocator, whatever it believes to have put there."""
        made, cells = self._noting(make)
        for cell in cells:
            cell.spoil()
        return made

    def _noting(self, make: Callable[[], T]) -> tuple[T, list[Cell]]:
        """Call `make`; return also the cells that it has made."""
        before, self._made = self._made, []
        try:
            return make(), self._made
        finally:
            self._made = before

    # Single locations.

    def load(self, cell: Cell) -> Any:
        self.engine.access(LOAD, cell, False)
        value = cell.value
        if value is GARBAGE:
            raise self._never_initialised(f"reads {cell.name}")
        return value

    def store(self, cell: Cell, value: Any) -> None:
        self.engine.access(STORE, cell, True)
        cell.value = value

    def read_cell(self, cell: Cell) -> Any:
        self.engine.access(READ, cell, False)
        value = cell.value
        if value is GARBAGE:
            raise self._never_initialised(f"reads {cell.name}")
        return value

    def write_cell(self, cell: Cell, value: Any) -> None:
        self.engine.access(WRITE, cell, True)
        cell.value = value

    def update_cell(self, cell: Cell, change: Callable[[Any], Any]) -> Any:
        self.engine.access(RMW, cell, True)
        return self._changed(cell, change)

    def _changed(self, cell: Cell, change: Callable[[Any], Any]) -> Any:
        """Make a change that the engine has allowed; return what was there before."""
        found = cell.value
        if found is GARBAGE:
            raise self._never_initialised(f"changes {cell.name}")
        cell.value = change(found)
        if cell.value == found:
            # To everybody else this was a read, though it is as much of a barrier as any.
            self.engine.only_read()
        return found

    def modify_cell(self, cell: Cell, change: Callable[[Any], Any]) -> None:
        self.update_cell(cell, change)

    def mark(self, word: Word) -> None:
        """What a program sees of another CPU is an operation, which all CPUs agree on the order of."""
        word.add(1)
        self.engine.marked()

    def cmpxchg_cell(self, cell: Cell, old: Any, new: Any) -> Any:
        self.engine.access(RMW, cell, True)
        found = cell.value
        if found is GARBAGE:
            raise self._never_initialised(f"compares {cell.name}")
        if found == old:
            cell.value = new
        else:
            self.engine.only_read()
        return found

    def read_atomic(self, struct: Struct, field: Field[T]) -> T:
        return cast(T, self.read_cell(field.cell(struct)))

    def write_atomic(self, struct: Struct, field: Field[T], value: T) -> None:
        self.write_cell(field.cell(struct), value)

    # Barriers.

    def smp_mb(self) -> None:
        self.engine.fence()

    def smp_rmb(self) -> None:
        self.engine.read_fence()

    def smp_wmb(self) -> None:
        self.engine.write_fence()

    def smp_mb__before_atomic(self) -> None:
        self.engine.fence_at_atomic()

    def smp_mb__after_atomic(self) -> None:
        self.engine.fence_at_atomic()

    def smp_load_acquire(self, of: Struct | Word, field: Field[Any] | None = None) -> Any:
        return self.load_acquire(_cell_of(of, field))

    def smp_store_release(self, of: Struct | Word, field: Any, *value: Any) -> None:
        if isinstance(of, Word):
            self.store_release(of, field)
        else:
            self.store_release(field.cell(of), *value)

    def load_acquire(self, cell: Cell) -> Any:
        """A marked read that what follows it comes after."""
        return self.read_cell(cell)

    def store_release(self, cell: Cell, value: Any) -> None:
        """A marked write that comes after what precedes it."""
        self.write_cell(cell, value)

    # Lists. Each call is one operation; the nodes that it touches are its footprint.

    def list_touched(self, how: str, node: ListHead) -> None:
        """Told of what is more than one step in reality, on the list that `node` is in; interrupts are the business of the next layer."""

    def INIT_LIST_HEAD(self, node: ListHead) -> None:
        self.engine.access(LIST_WRITE, node, True)
        # Of a node that somebody has taken off without unlinking it, the links may still lead to a list: that is not touched.
        if node.owner is None and node.next_node is not None:
            self.list_touched(CHANGES, node)
        node.next_node = node.prev_node = node

    def list_empty(self, head: ListHead) -> bool:
        self.engine.access(LIST_READ, head, False)
        return self._is_empty(head)

    def _is_empty(self, head: ListHead) -> bool:
        if head.next_node is None and head.poison is NEVER_INITIALISED:
            raise self._never_initialised(f"looks at {head.name}")
        return head.next_node is head

    def list_read(self, node: ListHead, link: str) -> ListHead:
        self.engine.access(LIST_READ, node, False)
        return self._linked(node, link)

    def _linked(self, node: ListHead, link: str) -> ListHead:
        """What a link leads to."""
        other: ListHead | None = getattr(node, f"{link}_node")
        if other is None:
            raise self._unlinked(node, f"follows {node.name}.{link}", f"which {POISONED}")
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
        self.engine.access_list(LIST_READ, lambda: (nodes_of(head), ()), head.name)
        return self._owners(head)

    def _owners(self, head: ListHead) -> list[Any]:
        """The owners of what is in a list."""
        nodes = nodes_of(head)
        owners = [node.owner for node in nodes[1:]]
        if nodes[-1].next_node is not head or any(owner is None for owner in owners):
            raise self._unlinked(nodes[-1], f"walks {head.name}", "which does not lead back to its head")
        self.list_touched(WALKS, head)
        return owners

    def look_at_links(self, nodes: Sequence[ListHead], what: str) -> None:
        """Read all links of some nodes, in one operation."""
        self.engine.access_list(LIST_READ, lambda: (nodes, ()), what)

    def list_add_tail(self, node: ListHead, head: ListHead) -> None:
        self.engine.access_list(LIST_WRITE, lambda: ((), _present(node, head, head.prev_node)), node.name)
        last = self._last_of(head, node)
        last.next_node = node
        node.prev_node, node.next_node = last, head
        head.prev_node = node

    def _last_of(self, head: ListHead, node: ListHead) -> ListHead:
        """The last entry of a list, to which `node` can be appended."""
        last = head.prev_node
        if last is None or last.next_node is not head:
            raise self._unlinked(head, f"appends {node.name} to {head.name}", "whose last entry does not point back to it")
        if node.next_node is not None and node.next_node is not node:
            raise self._corrupt(f"appends {node.name} to {head.name} while it is linked elsewhere")
        self.list_touched(CHANGES, head)
        return last

    def list_del(self, node: ListHead) -> None:
        self._unlink(node)
        node.next_node = node.prev_node = None
        node.poison = POISONED

    def list_del_init(self, node: ListHead) -> None:
        self._unlink(node)
        node.next_node = node.prev_node = node

    def _unlink(self, node: ListHead) -> None:
        self.engine.access_list(LIST_WRITE, lambda: ((), _present(node, node.prev_node, node.next_node)), node.name)
        before, after = self._neighbours(node)
        before.next_node = after
        after.prev_node = before

    def _neighbours(self, node: ListHead) -> tuple[ListHead, ListHead]:
        """What is before and after a node that can be unlinked."""
        before, after = node.prev_node, node.next_node
        if before is None or after is None:
            raise self._unlinked(node, f"unlinks {node.name}", "which is poisoned (unlinked twice)")
        if before.next_node is not node or after.prev_node is not node:
            raise self._corrupt(f"unlinks {node.name}, whose neighbours do not point to it")
        self.list_touched(CHANGES, node)
        return before, after

    def _unlinked(self, node: ListHead, what: str, otherwise: str) -> BaseException:
        """That `node` was never initialised, if that is why it lacks links; else that what `otherwise` says is wrong."""
        if None in (node.next_node, node.prev_node) and node.poison is NEVER_INITIALISED:
            return self._never_initialised(what if node.name in what else f"{what} and comes to {node.name}")
        return self._corrupt(f"{what}, {otherwise}")

    def _never_initialised(self, what: str) -> BaseException:
        return self.engine.violate(UNINITIALISED, f"{what}, which {NEVER_INITIALISED}, at {where()}")

    def _corrupt(self, what: str) -> BaseException:
        return self.engine.violate(LIST_CORRUPTION, f"{what}, at {where()}")

    # Diagnosis.

    def BUG(self, why: str) -> None:
        raise self.engine.violate(BUG, f"{why}, at {where()}")

    def printk(self, text: str) -> None:
        """The stage says something."""
        self.engine.said(text)

    def warn(self, text: str) -> None:
        """The stage has found itself in a state that should not be, and goes on."""
        self.engine.said(f"WARN: {text}")

    def BUG_ON(self, condition: bool, why: str) -> None:
        if condition:
            self.BUG(why)


def _cell_of(of: Struct | Word, field: Field[Any] | None) -> Cell:
    """The location that a word is, or that of a field."""
    if isinstance(of, Word):
        return of
    assert field is not None, "of which field?"
    return field.cell(of)


def _present(node: ListHead, before: ListHead | None, after: ListHead | None) -> tuple[ListHead, ...]:
    if before is not None and after is not None:
        return node, before, after
    return tuple(each for each in (node, before, after) if each is not None)


def nodes_of(head: ListHead) -> list[ListHead]:
    """The head and its entries; a list that does not come back to its head ends where it repeats itself or is poisoned."""
    nodes = [head]
    seen = {id(head)}
    node = head.next_node
    while node is not None and id(node) not in seen:
        seen.add(id(node))
        nodes.append(node)
        node = node.next_node
    return nodes
