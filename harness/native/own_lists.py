"""Lists that only their own CPU touches: what C code changes in one where an interrupt could come in, or has, is noted.

An interrupt in the middle of a list operation is explored, as each link is accessed by itself. What is noted shows more: that one program
has a handler change a list, and another one changes it with interrupts on, though no program does both (`harness.machine.contexts`).

A list counts if its head is a variable that there is one of for each CPU, or an array of such heads. Who merely walks one is not noted: C
code that follows a link may be about to look at one entry only.
"""

from __future__ import annotations

from harness.machine.contexts import CHANGES
from harness.machine.diagnosis import inner
from harness.machine.machine import Machine
from harness.native.cells import NativeCell, NativeNode
from stages.shared_memory import ListHead

inner(__file__)


class OwnLists:
    """Those of the stage on one machine; `heads` tells whose each is."""

    def __init__(self, hv: Machine, heads: dict[ListHead, int]) -> None:
        self._hv, self._heads = hv, heads
        hv.own_lists.update(heads)

    def link_written(self, link: NativeCell) -> None:
        """A link of a node is about to be written: the list that the node is in changes."""
        node = link.node
        cpu = self._hv.this_cpu()
        if node is not None and self._heads and (cpu.irqs_on or cpu.in_irq) and (head := self._head_of(node)) is not None:
            self._hv.list_touched(CHANGES, head)

    def _head_of(self, node: NativeNode) -> ListHead | None:
        """The head of the list that a node is in, if it is one of these.

        Of a node that is in none, the links may lead to a list nevertheless: that is not touched. Nor is one that is being set up.
        """
        before = node.prev_node
        if before is None or (node not in self._heads and before.next_node is not node):
            return None
        seen: set[ListHead] = set()
        at: ListHead | None = node
        while at is not None and at not in self._heads and at not in seen:
            seen.add(at)
            at = at.next_node
        return at if at in self._heads else None
