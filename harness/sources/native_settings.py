"""How stages in C are compiled, as far as a file or a command line says so: the same keys and options wherever a series comes from.

A file of a repository may choose among the compilers of this machine, by name, and pass on flags that decide about the language: nothing
that a repository names is executed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache

from harness.machine.named_bits import WordNames
from harness.native.c_source import surroundings
from harness.native.compiler import HEADERS, NoCompiler, refused_flag
from harness.native.native_options import NativeOptions
from harness.sources.named_words import WORD_KEY, named_words
from harness.sources.safe_git import NoSource
from harness.sources.toml_values import TomlTable
from harness.suite.whole_numbers import quoted

HEADER_KEY, RACES_KEY = "headers", "intended-races"
NATIVE_KEYS = (HEADER_KEY, "dialect", "cc", "cflags", RACES_KEY, WORD_KEY)
# The names of compilers, with a target before them and a version behind.
COMPILER = re.compile(r"([\w.]+-)*(cc|gcc|clang)(-[0-9.]+)?")


@dataclass(frozen=True)
class NativeSettings:
    """What was said; what is empty was not. `headers` are paths of the stage's own headers, which come before the dialect's."""

    headers: tuple[str, ...] = ()
    dialect: str = ""
    cc: str = ""
    cflags: tuple[str, ...] = ()
    intended_races: tuple[str, ...] = ()
    words: tuple[WordNames, ...] = ()

    def or_else(self, others: NativeSettings) -> NativeSettings:
        """These, and what they leave open as the others have it."""
        return NativeSettings(*(getattr(self, field.name) or getattr(others, field.name) for field in fields(self)))

    @cached_property
    def options(self) -> NativeOptions:
        """What a stage takes along of it. Without a compiler nothing is compiled, and whoever wants that is told."""
        cc = self.cc or NativeOptions.cc
        try:
            toolchain = surroundings(cc)
        except NoCompiler:
            toolchain = ""
        return NativeOptions(self.dialect or NativeOptions.dialect, cc, self.cflags, self.intended_races, toolchain, self.words)


def native_settings(table: TomlTable, headers: Sequence[str]) -> NativeSettings:
    """What a table of a file says, whose `headers` are paths already; raises `NoSource`."""
    races = table.texts(RACES_KEY)
    found = NativeSettings(tuple(headers), table.text("dialect"), table.text("cc"), table.texts("cflags"), races, named_words(table))
    if found.cc and not COMPILER.fullmatch(found.cc):
        raise table.wrong("cc", "the name of a C compiler, such as gcc, clang or gcc-12")
    if not all(race.strip() for race in races):
        raise table.wrong(RACES_KEY, 'a list of variables and members of structures, such as "request.done"')
    return require_known(found, f"{table.name}: {table.inner}")


def require_known(settings: NativeSettings, where: str = "") -> NativeSettings:
    """The same settings, if there is such a dialect, and if the flags may be passed on; raises `NoSource`."""
    if settings.dialect and settings.dialect not in dialects():
        raise NoSource(f"{where}unknown dialect {quoted(settings.dialect)}: choose from {', '.join(dialects())}")
    if (flag := refused_flag(settings.cflags)) is not None:
        raise NoSource(
            f"{where}the flag {quoted(flag)} is not for stages: choose from -D, -U, -O, -std and others about the language; "
            "headers are found by includes and headers"
        )
    return settings


@lru_cache(maxsize=1)
def dialects() -> tuple[str, ...]:
    """The names of all dialects."""
    return tuple(sorted(path.name for path in HEADERS.iterdir() if path.is_dir()))


@lru_cache
def headers_of(dialect: str) -> frozenset[str]:
    """What the headers of a dialect are called in `#include`."""
    # The compiler looks in the folder of the dialect, and in the one around it.
    return frozenset(path.relative_to(top).as_posix() for top in (HEADERS / dialect, HEADERS) for path in top.rglob("*.h"))
