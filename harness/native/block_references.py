"""How memory that C code has allocated during the run, and its addresses, look to an engine with views.

A block is known by where it begins. Any number that lies in one is taken for its address, as code may keep something in the lower bits.
Variables of the stage, what a program has allocated before the run, and what a CPU has allocated itself have addresses that no read tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.machine.diagnosis import inner
from harness.machine.engine import Process
from harness.native.runtime import Runtime
from stages.shared_memory import Cell

inner(__file__)


class BlockReferences:
    """See `harness.explored.address_origins.References`."""

    __slots__ = ("_block", "_high", "_low", "_part", "_processes")

    def __init__(self, runtime: Runtime, processes: Sequence[Process]) -> None:
        self._low, self._high, self._part = runtime.arena, runtime.arena + runtime.arena_size, runtime.arena_of_cpu
        self._block, self._processes = runtime.block, processes

    def within(self, pid: int, cell: Cell) -> int:
        return self._told(pid, getattr(cell, "address", 0))

    def named_by(self, pid: int, value: Any) -> Iterable[int]:
        # (What a cell of Python's holds may be anything.)
        told = self._told(pid, value) if type(value) is int else 0
        return (told,) if told else ()

    def _told(self, pid: int, address: int) -> int:
        """The block that an address is in, if a process has to be told of that; else 0."""
        if not self._low <= address < self._high:
            return 0
        block = self._block(address)
        return block if block and (block - self._low) // self._part != self._processes[pid].number else 0
