"""A stage in C, by value: its source, what it includes, and how it is compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from harness.native.compiler import HEADERS, LEVEL, LINK_FLAGS, RUNTIME_FLAGS, compiler

RUNTIME = HEADERS.parent / "runtime.c"
# Libraries that are made in another way get another number.
VERSION = "2"


@dataclass(frozen=True)
class CSource:
    """A stage in C, by value."""

    # The base name of its file: what messages call it ("queue.c").
    name: str
    source: bytes
    # What it includes: paths as they are written in #include, with their content; they come before the dialect's headers of the same name.
    headers: tuple[tuple[str, bytes], ...] = ()
    # C text of the suite, a file of its own.
    glue: str = ""
    # A folder below harness/native/include.
    dialect: str = "xen"
    cc: str = "cc"
    # Flags of the series, after ours.
    cflags: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides what the library is; raises `NoCompiler`."""
        headers = (part for path, content in self.headers for part in (path.encode(), content))
        texts = (text.encode() for text in (self.name, self.glue, self.dialect, self.cc, *self.cflags))
        return _hashed(surroundings(self.cc), self.source, len(self.headers), *headers, *texts)


@lru_cache
def surroundings(cc: str) -> str:
    """SHA-256 of what decides about every library beside its source: the compiler, our flags, our headers and the runtime."""
    chosen = compiler(cc)
    return _hashed(VERSION, chosen.path, chosen.identity, *chosen.stage_flags, LEVEL, *LINK_FLAGS, *RUNTIME_FLAGS, *_our_files())


def _our_files() -> Iterator[bytes]:
    for path in sorted(HEADERS.rglob("*.h")):
        yield path.relative_to(HEADERS).as_posix().encode()
        yield path.read_bytes()
    yield RUNTIME.read_bytes()


def _hashed(*parts: str | bytes | int) -> str:
    """The hash of parts, each with its length: no two lists of parts look the same."""
    state = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        state.update(b"%d:" % len(data))
        state.update(data)
    return state.hexdigest()
