"""A stage to test, by value: its place in the output, and its source as it was when it was read. Whoever tests it reads no file again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from harness.native.native_options import NativeOptions, is_c
from stages.api import DEFAULT_SUITE

# The series of a file that belongs to none.
NO_SERIES = "-"
# No source is larger, and some files have no end: /dev/zero.
LARGEST = 16 << 20


@dataclass(frozen=True)
class Target:
    """A stage to test. `path` says where its source comes from, and is what tracebacks call it."""

    index: int
    title: str
    module: str
    path: str
    # The name of the series, or `NO_SERIES`.
    series: str = NO_SERIES
    # The name of the suite to test it with.
    suite: str = DEFAULT_SUITE
    source: bytes = field(default=b"", repr=False)
    # Why there is no source, in words that complete "the stage …"; empty if there is one.
    problem: str = ""
    # What it can import from beside its file: paths from its directory, in order, with their content. Of a stage in C, what it includes:
    # paths as they are written in `#include`.
    beside: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    # Whether it may import nothing of the package `stages` but what a stage is written against.
    alone: bool = False
    # The hash of its commit, if it is one of a git repository.
    commit: str = ""
    # How it is compiled, if it is in C.
    native: NativeOptions | None = None

    @property
    def is_c(self) -> bool:
        """Whether it is in C: the name of its file says so."""
        return is_c(self.path)

    @property
    def label(self) -> str:
        """What tables and messages call it."""
        return self.module if self.series == NO_SERIES else f"stage {self.index}"

    @property
    def content_hash(self) -> str:
        """The SHA-256 of the source, of what is beside it and of how it is compiled, in hexadecimal digits; empty if there is no source.

        Which compiler does that does not count.
        """
        if self.problem:
            return ""
        digest = hashlib.sha256(self.source)
        words = [] if self.native is None else [self.native.dialect, *self.native.cflags]
        for name, content in [*self.beside, *[("", word.encode("utf-8", "surrogatepass")) for word in words]]:
            # No source has a NUL byte in it.
            digest.update(b"\0".join([b"", name.encode("utf-8", "surrogatepass"), str(len(content)).encode(), content]))
        return digest.hexdigest()


def read_source(path: str) -> tuple[bytes, str]:
    """The content of a file, and why it has none, in words that complete "the stage …"."""
    try:
        with open(path, "rb") as file:
            source = file.read(LARGEST + 1)
        return (source, "") if len(source) <= LARGEST else (b"", f"is larger than {LARGEST >> 20} MiB")
    except FileNotFoundError:
        return b"", "is missing"
    except IsADirectoryError:
        return b"", "is a directory"
    except (OSError, ValueError) as error:
        return b"", f"cannot be read: {getattr(error, 'strerror', None) or error}"


def target_of_suite(name: str, found_as: str = "") -> Target:
    """The target for a suite without stages, by its name, and by what it is found: there is nothing to load."""
    return Target(0, name, name, name, suite=found_as or name)
