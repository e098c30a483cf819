"""How stages in C provide the API of a suite: data, which the suite has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class NativeCall:
    """A call of the suite's API: its name, and the C functions that it may be, of which the first one that the stage has is called.

    Without any, the function has the same name. `declares`: the function is one of the glue's, and returns a structure, the first one of
    `NativeGlue.structs`, that is declared statically there, given its number: 0 for the first one that a program wants, and so on. What
    calls back for it has a handle from `declares` on. (-1: it is no such call.)
    """

    name: str
    functions: tuple[str, ...] = ()
    declares: int = -1

    @property
    def candidates(self) -> tuple[str, ...]:
        """The names of C functions, the best one first."""
        return self.functions or (self.name,)


@dataclass(frozen=True)
class NativeGlue:
    """How a stage in C provides a suite's API.

    `subsystem`: what a module has to call the class that has the calls; it is made once, of the `hv` of a machine. `structs`: what it has
    to call the classes of the structures that the suite's programs make, and the names of these in C. Instances are passed as pointers;
    numbers and truth values as they are; a function of Python, and what it is to be called with, as a `void (*)(unsigned long)` and an
    `unsigned long`. What a function returns is a number, a truth value, or one of these instances; None stands for `void` and for NULL.

    `text` is C, compiled together with the stage as a file of its own, if there is something to add. `words`: variables of the stage, one
    for each CPU, that are words of the machine. `handles`: how many handles static declarations have.
    """

    subsystem: str
    structs: Mapping[str, str]
    calls: tuple[NativeCall, ...]
    text: str = ""
    words: tuple[str, ...] = ()
    handles: int = 0

    def lacks(self, module: ModuleType) -> str:
        """What of this API a stage in Python lacks, as `Suite.lacks` says it; one in C is known to have it when it is a module."""
        missing = [name for name in (*self.structs, self.subsystem) if not isinstance(getattr(module, name, None), type)]
        if not missing:
            subsystem = getattr(module, self.subsystem)
            missing = [f"{self.subsystem}.{call.name}" for call in self.calls if not callable(getattr(subsystem, call.name, None))]
        return f"no {', '.join(missing)}" if missing else ""
