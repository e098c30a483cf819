"""Memory of which a marked read may return an older value than the newest: the engine says which.

Writes and lists are those of `BufferedMemory`; what is atomic, and all that looks at what is newest, is that of `Memory`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from harness.machine.buffered_memory import BufferedMemory
from harness.machine.engine import WRITE
from stages.hypervisor import Cell, ListHead
from stages.shared_memory import GARBAGE

# What a write does to a cell: attributes and what they become.
Changes = Sequence[tuple[str, Any]]


class Viewing(Protocol):
    """What this needs of an engine beyond what `BufferedMemory` does."""

    def read(self, cell: Cell, acquire: bool = False) -> Any:
        """A marked read of the current process: the value that it returns."""

    def store(self, kind: str, cell: Cell, location: int, changes: Changes, release: bool = False) -> None:
        """The current process writes a cell."""

    def written_again(self, cell: Cell) -> None:
        """The last read-modify-write has written the value that it has found."""

    def overwritten(self, cell: Cell) -> None:
        """The last read-modify-write has written another one."""

    def access_unordered(self, cell: Cell) -> None:
        """A read-modify-write of the current process that is no barrier."""


class ViewedMemory(BufferedMemory):
    """`Memory` on an engine with views."""

    @property
    def _views(self) -> Viewing:
        return cast(Viewing, self.engine)

    def read_cell(self, cell: Cell) -> Any:
        return self._read(cell, acquire=False)

    def load_acquire(self, cell: Cell) -> Any:
        return self._read(cell, acquire=True)

    def _read(self, cell: Cell, acquire: bool) -> Any:
        value = self._views.read(cell, acquire)
        if value is GARBAGE:
            raise self._never_initialised(f"reads {cell.name}")
        return value

    def store_release(self, cell: Cell, value: Any) -> None:
        self._views.store(WRITE, cell, cell.tag, (("value", value),), release=True)

    def cmpxchg_cell(self, cell: Cell, old: Any, new: Any) -> Any:
        found = super().cmpxchg_cell(cell, old, new)
        if found == old:
            self._views.overwritten(cell)
        return found

    def _changed(self, cell: Cell, change: Callable[[Any], Any]) -> Any:
        found = super()._changed(cell, change)
        if cell.value == found:
            self._views.written_again(cell)
        else:
            self._views.overwritten(cell)
        return found

    def modify_cell(self, cell: Cell, change: Callable[[Any], Any]) -> None:
        self._views.access_unordered(cell)
        self._changed(cell, change)

    # What links lead to.

    def _linked(self, node: ListHead, link: str) -> ListHead:
        found = super()._linked(node, link)
        self.engine.passed(found)
        return found

    def _owners(self, head: ListHead) -> list[Any]:
        found = super()._owners(head)
        self.engine.passed(*found)
        return found
