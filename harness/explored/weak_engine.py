"""What the memory models have in common under which a write is not seen by everybody at once.

Each write has a location of its own, and a list is made of its links: a node is two locations. What a process may do beside its next
operation (a store arrives, an older value is read) has a number beyond those of the processes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.explored.explored_engine import ExploredEngine
from stages.hypervisor import ListHead


class WeakEngine(ExploredEngine):
    """The explored engine under a weak memory model."""

    weak = True

    def _own_location(self, pid: int, number: int) -> int:
        """Of that write of a process, counted from 0."""
        return 1 << (self._cells + self._apart * (1 + number * len(self.processes) + pid))

    def link(self, node: ListHead, link: str) -> int:
        """The location of a link."""
        both: int = node.tag
        lowest = both & -both
        return lowest if link == "next_node" else both ^ lowest

    def owner_of(self, pid: int) -> int:
        return pid % len(self.processes)

    def access_links(self, kind: str, links: Callable[[], Sequence[tuple[ListHead, str]]], what: str) -> None:
        """One operation that reads links, taken again if anything has happened before it is performed; it might have been others."""
        if self._idle():
            return
        announced_at, locations = len(self.done), self._locations(links)
        self._look(kind, what, locations)
        at = len(self.done) - 1
        if at != announced_at:
            locations = self._locations(links)
        pid, _, touched, _ = self.done[at]
        line = touched & self.current.irq_tag
        self.done[at] = (pid, kind, self._links_read(at, locations) | line, 0)
        if locations & (locations - 1):
            self.announced[at] = ((pid, kind, self.list_cells | locations | line, 0), None)

    def _look(self, kind: str, what: Any, locations: int) -> None:
        """A read."""
        self._step(kind, what, locations, 0)

    def _locations(self, links: Callable[[], Sequence[tuple[ListHead, str]]]) -> int:
        mask = 0
        for node, link in links():
            mask |= self.link(node, link)
        return mask

    def _links_read(self, at: int, locations: int) -> int:
        """Operation `at`, the last one, has read these links: what it has touched by that."""
        return locations
