"""Memory behind store buffers: a store goes to the engine, which says when it is seen, and a list is made of its links.

Reads and read-modify-writes are those of `Memory`: while a process runs, the engine shows it memory as that process sees it. A list call is
one read of the links that it looks at, then the stores of the links that it changes, in the order in which Xen and Linux write them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Protocol, cast

from harness.machine.contexts import CHANGES
from harness.machine.engine import LIST_READ, LIST_WRITE, STORE, WRITE
from harness.machine.memory import Memory, nodes_of
from stages.hypervisor import Cell, ListHead, Word
from stages.shared_memory import POISONED

NEXT = "next_node"
PREV = "prev_node"


# Some links of nodes, taken again when they are read.
Links = Callable[[], Sequence[tuple[ListHead, str]]]
# What a store does to a cell: attributes and what they become.
Changes = tuple[tuple[str, Any], ...]


class StoreBuffers(Protocol):
    """What this needs of an engine beyond what every engine has."""

    def store(self, kind: str, cell: Cell, location: int, changes: Changes) -> None:
        """The current process stores to a location of the cell: itself, or a link of it."""

    def mark(self, cell: Cell) -> None:
        """An operation on a cell that is no barrier and changes nothing."""

    def link(self, node: ListHead, link: str) -> int:
        """The location of a link."""

    def access_links(self, kind: str, links: Links, what: str) -> None:
        """One operation of the current process that reads links."""


class BufferedMemory(Memory):
    """`Memory` on an engine with store buffers."""

    @cached_property
    def _buffers(self) -> StoreBuffers:
        return cast(StoreBuffers, self.engine)

    def store(self, cell: Cell, value: Any) -> None:
        self._buffers.store(STORE, cell, cell.tag, (("value", value),))

    def write_cell(self, cell: Cell, value: Any) -> None:
        self._buffers.store(WRITE, cell, cell.tag, (("value", value),))

    def store_release(self, cell: Cell, value: Any) -> None:
        self.engine.write_fence()
        self.write_cell(cell, value)

    def mark(self, word: Word) -> None:
        self._buffers.mark(word)

    # Lists.

    def _put(self, node: ListHead, link: str, to: ListHead | None, *more: tuple[str, Any]) -> None:
        buffers = self._buffers
        buffers.store(LIST_WRITE, node, buffers.link(node, link), ((link, to), *more))

    def _look_at(self, node: ListHead, links: Links) -> None:
        """What is checked is looked at in the same step as what is needed."""
        self._buffers.access_links(LIST_READ, links, node.name)

    def INIT_LIST_HEAD(self, node: ListHead) -> None:
        if node.owner is None and node.next_node is not None:
            self.list_touched(CHANGES, node)
        self._put(node, NEXT, node)
        self._put(node, PREV, node)

    def list_write(self, node: ListHead, link: str, value: ListHead) -> None:
        self._put(node, f"{link}_node", value)

    def list_read(self, node: ListHead, link: str) -> ListHead:
        self._look_at(node, lambda: [(node, f"{link}_node")])
        return self._linked(node, link)

    def list_empty(self, head: ListHead) -> bool:
        self._look_at(head, lambda: [(head, NEXT)])
        return self._is_empty(head)

    def look_at_links(self, nodes: Sequence[ListHead], what: str) -> None:
        self._buffers.access_links(LIST_READ, lambda: [(node, link) for node in nodes for link in (NEXT, PREV)], what)

    def list_owners(self, head: ListHead) -> list[Any]:
        self._look_at(head, lambda: [(node, NEXT) for node in nodes_of(head)])
        return self._owners(head)

    def list_add_tail(self, node: ListHead, head: ListHead) -> None:
        self._look_at(node, lambda: [(head, PREV), (node, NEXT), *_of(head.prev_node, NEXT)])
        last = self._last_of(head, node)
        self._put(head, PREV, node)
        self._put(node, NEXT, head)
        self._put(node, PREV, last)
        self._put(last, NEXT, node)

    def list_del(self, node: ListHead) -> None:
        self._take_out(node)
        self._put(node, NEXT, None, ("poison", POISONED))
        self._put(node, PREV, None)

    def list_del_init(self, node: ListHead) -> None:
        self._take_out(node)
        self._put(node, NEXT, node)
        self._put(node, PREV, node)

    def _take_out(self, node: ListHead) -> None:
        self._look_at(node, lambda: [(node, PREV), (node, NEXT), *_of(node.prev_node, NEXT), *_of(node.next_node, PREV)])
        before, after = self._neighbours(node)
        self._put(after, PREV, before)
        self._put(before, NEXT, after)


def _of(node: ListHead | None, link: str) -> list[tuple[ListHead, str]]:
    return [] if node is None else [(node, link)]
