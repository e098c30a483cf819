"""What an operation of the explored engine is, and the primitive of all dependence: which two operations conflict.

The engine asks this module (to wake sleepers, to end waits). Everything above the engine asks `harness.search.dependence`, which builds on
this module. Nothing here knows of an execution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.machine.engine import RMW, Footprint
from stages.shared_memory import Cell

# Process number, kind, locations read, locations written.
Operation = tuple[int, str, int, int]

# An operation that was announced, and what it waited for.
Announced = tuple[Operation, Callable[[], bool] | None]
# For each sleeping process, its next operation.
Sleep = dict[int, Operation]


class Choice(str):
    """The kind of a marked read that may return one of several messages of a location, each of which is another operation.

    `bound`: full barriers come before it, and it returns an older message: that other processes may do the same afterwards is not sure.
    """

    __slots__ = ("bound", "location")

    location: int
    bound: bool


def bits(mask: int) -> list[int]:
    """The single locations of a mask, lowest first."""
    if not mask & (mask - 1):
        # Mostly it is one.
        return [mask] if mask else []
    found = []
    while mask:
        bit = mask & -mask
        mask ^= bit
        found.append(bit)
    return found


def mask_of(cells: Sequence[Cell]) -> int:
    """The locations of cells."""
    mask = 0
    for cell in cells:
        mask |= cell.tag
    return mask


def masks_of(footprint: Footprint) -> tuple[int, int]:
    """The locations that are read, and those that are written."""
    read, written = footprint()
    return mask_of(read), mask_of(written)


def conflicts(a: Operation, b: Operation) -> bool:
    """Tell whether two operations touch the same location and one of them writes it."""
    _, _, a_reads, a_writes = a
    _, _, b_reads, b_writes = b
    return bool(a_writes & (b_reads | b_writes) or a_reads & b_writes)


def dependent(a: Operation, b: Operation) -> bool:
    """Tell whether the order of two operations matters: the same process performs both, or they conflict."""
    return a[0] == b[0] or conflicts(a, b)


def disturbs(operation: Operation, pid: int, seen: int) -> bool:
    """Tell whether an operation of another process than `pid` writes one of the locations `seen`."""
    other, _, _, writes = operation
    return other != pid and bool(writes & seen)


def read_by(operation: Operation) -> int:
    """Return the locations that an operation has read; an atomic read-modify-write is recorded as a write only."""
    _, kind, reads, writes = operation
    return reads | writes if kind is RMW else reads
