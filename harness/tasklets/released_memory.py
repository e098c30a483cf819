"""Memory that its owner has taken back: whoever touches it afterwards ends the execution.

Only a program that makes a `ReleasedMemory`, before its run starts, has its accesses looked at; all others pay nothing.
"""

from __future__ import annotations

from typing import Any

from harness.explored.store_buffers import BufferedEngine
from harness.explored.stores import Changes
from harness.explored.view_engine import ViewEngine
from harness.machine.buffered_memory import Links
from harness.machine.diagnosis import ASSERTION, inner, where
from harness.machine.engine import STORE, Footprint
from harness.machine.machine import Machine
from harness.tasklets.tasklet_under_test import TaskletUnderTest
from stages.hypervisor import Cell, ListHead

# The place to blame is the stage's line.
inner(__file__)


class ReleasedMemory:
    """Looks at each access to memory, on any engine, when it has been performed: it may have been announced before the release."""

    def __init__(self, machine: Machine) -> None:
        self.engine = engine = machine.engine
        self.cells: set[Cell] = set()
        self._access, self._access_list = engine.access, engine.access_list
        engine.access = self._looked_at  # type: ignore[method-assign]
        engine.access_list = self._looked_at_list  # type: ignore[method-assign]
        if isinstance(engine, ViewEngine):
            self._read = engine.read
            engine.read = self._looked_at_read  # type: ignore[method-assign]
        if isinstance(engine, BufferedEngine | ViewEngine):
            self._store, self._access_links = engine.store, engine.access_links
            engine.store = self._looked_at_store  # type: ignore[method-assign]
            engine.access_links = self._looked_at_links  # type: ignore[method-assign]

    def release(self, t: TaskletUnderTest) -> None:
        """The owner overwrites every cell of `t`, in one operation, and nobody may touch one of them from here on."""
        cells: list[Cell] = t.tasklet.cells
        self._access_list(STORE, lambda: ((), cells), f"all of {t.name}")
        for cell in cells:
            cell.value = None
            if isinstance(cell, ListHead):
                cell.next_node = cell.prev_node = None
        self.cells.update(cells)

    def _looked_at(self, kind: str, cell: Cell, write: bool) -> None:
        self._access(kind, cell, write)
        self._look(cell)

    def _looked_at_list(self, kind: str, footprint: Footprint, what: str) -> None:
        self._access_list(kind, footprint, what)
        if self.cells:
            for cells in footprint():
                for cell in cells:
                    self._look(cell)

    def _looked_at_store(self, kind: str, cell: Cell, location: int, changes: Changes, **options: bool) -> None:
        self._store(kind, cell, location, changes, **options)
        self._look(cell)

    def _looked_at_read(self, cell: Cell, acquire: bool = False) -> Any:
        value = self._read(cell, acquire)
        self._look(cell)
        return value

    def _looked_at_links(self, kind: str, links: Links, what: str) -> None:
        self._access_links(kind, links, what)
        if self.cells:
            for node, _ in links():
                self._look(node)

    def _look(self, cell: Cell) -> None:
        if cell in self.cells:
            raise self.engine.violate(ASSERTION, f"touches {cell.name}, which was released after tasklet_kill had returned, at {where()}")
