"""A stage to test, by value: its place in the output, and its source as it was when it was read. Whoever tests it reads no file again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

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

    @property
    def label(self) -> str:
        """What tables and messages call it."""
        return self.module if self.module == self.path else f"stage {self.index}"

    @property
    def content_hash(self) -> str:
        """The SHA-256 of the source, in hexadecimal digits; empty if there is no source."""
        return "" if self.problem else hashlib.sha256(self.source).hexdigest()


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


def target_of_suite(suite: str) -> Target:
    """The target for a suite without stages, by its name: there is nothing to load."""
    return Target(0, suite, suite, suite, suite=suite)
