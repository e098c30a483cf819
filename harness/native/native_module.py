"""What a stage in C is to whoever only has to know that it is one: nothing of what reads and runs it is loaded for that."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Protocol

from harness.machine.named_bits import WordNames


class Remembers(Protocol):
    """What keeps something from one execution to the next."""

    def forget(self) -> None:
        """Another program begins."""


class NativeModule(ModuleType):
    """A stage in C as a module."""

    library: Remembers
    # Its enumerators, and its macros that are numbers.
    constants: Mapping[str, int]
    # How its series says that values are to be read.
    words: tuple[WordNames, ...] = ()

    def begin(self) -> None:
        """A program is about to be executed, again and again: what others have come to know of memory is forgotten."""
        self.library.forget()
