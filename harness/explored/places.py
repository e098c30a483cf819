"""Where locations of the explored engine are: each cell that is no sum of others has a bit of its own, wherever it was made."""

from __future__ import annotations

from collections.abc import Sequence

from harness.explored.deciding import Deciding
from harness.explored.operations import mask_of
from harness.machine.engine import nothing
from stages.hypervisor import Cell, ListHead


class Places(Deciding):
    """An execution whose cells have their places."""

    has_numbers = True
    # Few executions make cells while they run: so the defaults are kept in the class.
    _cells = 0
    _cells_of: dict[int, int] | None = None
    # How many numbers a cell takes before the run, and how far apart those are that are made during it: there is room for others then.
    _each = 1
    _apart = 1

    def place(self, cell: Cell, line: str, parts: Sequence[Cell] = ()) -> int:
        """Every cell without parts is a location of its own: one bit. One made during the run has a number that is its maker's own."""
        if parts:
            self.words += (mask_of(parts),)
            return self.words[-1]
        bits = self._location()
        if isinstance(cell, ListHead):
            if self.weak:
                # Its two links, one by one.
                bits |= self._location()
            self.list_cells |= bits
            self.nodes.append(cell)
        return bits

    def reserve(self, count: int) -> tuple[int, int]:
        """Set the numbers of `count` locations aside, before the run: the first one, and how far they are apart."""
        assert self.frozen, "locations are set aside before the run"
        first = self._cells + 1
        self._cells += count * self._each
        return first, self._each

    def _location(self) -> int:
        if self.frozen:
            self._cells += self._each
            return 1 << (self._cells + 1 - self._each)
        pid = self.current.pid
        if self._cells_of is None:
            self._cells_of = {}
        made = self._cells_of.get(pid, 0)
        self._cells_of[pid] = made + 1
        return 1 << (self._cells + 1 + self._apart * (made * len(self.processes) + pid))

    def dismantle(self) -> None:
        """Nobody looks at the machine any more: have it go at once.

        The garbage collector would need an eighth of the time of a search for what leads back to itself.
        """
        self.announced = {}
        for process in self.processes:
            process.body = process.take_interrupt = nothing
            process.ready = None
        for node in self.nodes:
            node.owner = node.next_node = node.prev_node = None
        for cut in self.circles:
            cut()
