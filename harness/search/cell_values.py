"""Values of cells in words, and as plain numbers: as a cell says, if it knows of what type it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stages.hypervisor import Cell


def words_of(cell: Cell) -> Callable[[Any], str]:
    """What puts a value of a cell in words."""
    return getattr(cell, "describe", None) or _shown


def numbers_of(cell: Cell, values: tuple[Any, ...]) -> tuple[int, ...]:
    """Values of a cell as plain numbers; none where one of them is no number."""
    number = getattr(cell, "number", None) or (_number if words_of(cell) is _shown else None)
    found = tuple(map(number, values)) if number else ()
    return () if None in found else found


def _number(value: Any) -> int | None:
    return value if type(value) is int else None


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 9:
        return f"{value:#x}"
    name = getattr(value, "__qualname__", None)
    return str(name) if name else str(value)
