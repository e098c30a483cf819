"""A probe: something that a stage does, measured on a quiet machine and never judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

Value = int | str | list[str]


@dataclass(frozen=True)
class Probe:
    """One thing to measure on a stage, for one kind or, without `kinds`, for none. `measure` may raise what a stage may raise.

    `unit`: what a value that is a number counts, where `name` does not say that.
    """

    name: str
    sentence: str
    kinds: tuple[str, ...]
    measure: Callable[[ModuleType, str], Value]
    unit: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What its values are called: its name, with the kind in parentheses."""
        return tuple(f"{self.name} ({kind})" if kind else self.name for kind in self.kinds or ("",))
