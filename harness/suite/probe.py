"""A probe: something that a stage does, measured on a quiet machine and never judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

Value = int | str | list[str]


@dataclass(frozen=True)
class Probe:
    """One thing to measure on a stage, for one kind or, without `kinds`, for none. `measure` may raise what a stage may raise."""

    name: str
    sentence: str
    kinds: tuple[str, ...]
    measure: Callable[[ModuleType, str], Value]
