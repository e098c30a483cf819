"""How stages in C provide the API of a suite: data, which the suite has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NativeCall:
    """A call of the suite's API: its name, and the C functions that it may be: the first one that the stage has.

    `declares`: the function is one of the glue's, and returns a structure that is declared statically there, given its number: 0 for the
    first one that a program wants, and so on. What calls back for it has a handle from `declares` on. (-1: it is no such call.)
    """

    name: str
    functions: tuple[str, ...]
    declares: int = -1


@dataclass(frozen=True)
class NativeGlue:
    """How a stage in C provides a suite's API.

    `text` is C, compiled together with the stage. `struct` is what the suite's programs make, `object_name` and `subsystem_name` what a
    module has to call its classes. `words`: variables of the stage, one for each CPU, that are words of the machine. `handles`: how many
    handles static declarations have.
    """

    text: str
    struct: str
    object_name: str
    subsystem_name: str
    calls: tuple[NativeCall, ...]
    words: tuple[str, ...] = ()
    handles: int = 0
