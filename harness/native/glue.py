"""How stages in C provide the API of a suite: data, which the suite has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NativeCall:
    """A call of the suite's API: its name, and the C functions that it may be: the first one that the stage has.

    `makes`: it makes a structure, given its name before all other arguments, and C code is given that structure.
    """

    name: str
    functions: tuple[str, ...]
    makes: bool = False


@dataclass(frozen=True)
class NativeGlue:
    """How a stage in C provides a suite's API.

    `text` is C, compiled together with the stage. `struct` is what the suite's programs make, `object_name` and `subsystem_name` what a
    module has to call its classes. `words`: variables of the stage, one for each CPU, that are words of the machine.
    """

    text: str
    struct: str
    object_name: str
    subsystem_name: str
    calls: tuple[NativeCall, ...]
    words: tuple[str, ...] = ()
