"""How a stage in C is compiled and judged, by value: what its series says of that, and what compiles it here."""

from __future__ import annotations

from dataclasses import dataclass

from harness.machine.named_bits import WordNames

C_FILE = ".c"


@dataclass(frozen=True)
class NativeOptions:
    """What is said once for all stages of a series.

    `dialect` names the headers that come with the harness. `intended_races`: variables, and members of structures, whose plain accesses
    are meant to race. `toolchain` stands for the compiler's version and for the headers and the runtime that come with the harness.
    `words`: which constants name the bits of values that are shown.
    """

    dialect: str = "xen"
    cc: str = "cc"
    cflags: tuple[str, ...] = ()
    intended_races: tuple[str, ...] = ()
    toolchain: str = ""
    words: tuple[WordNames, ...] = ()


def is_c(path: str) -> bool:
    """Whether a file is a stage in C, by its name."""
    return path.endswith(C_FILE)
