"""What lies beside a stage's file and can be imported by it, by value: so a stage needs no directory, and its hash covers all of it.

A file or a package beside a stage belongs to it if its name is a word of the stage's source, or of what belongs to it already. A name
that is only put together at run time is not found.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

from harness.sources.snapshots import Snapshot
from harness.sources.target import LARGEST

PYTHON = ".py"
INIT = "__init__.py"
MOST_FILES = 1_000
DEEPEST = 20

# A name of these is never looked for beside a stage.
TAKEN = frozenset({*sys.stdlib_module_names, "harness", "stages"})

WORD = re.compile(r"\w+")

Beside = tuple[tuple[str, bytes], ...]


class TooMuch(Exception):
    """The message completes "the stage …"."""


def beside(snapshot: Snapshot, path: str, source: bytes, own: Sequence[str] = (), includes: Sequence[str] = ()) -> Beside:
    """The modules that a stage at `path` can import, by their paths from its directory, or from the first of `includes` that has them.

    `own` are files that belong to the stage in any case. Raises `TooMuch`.
    """
    home = path.rpartition("/")[0]
    gathered = _Gathered(snapshot)
    for file in own:
        gathered.add(_seen_from(home, file), file)
    offered = _offered(snapshot, home, path, includes)
    waiting = [source, *gathered.files.values()]
    while waiting:
        for word in sorted(_words(waiting.pop()) & offered.keys()):
            waiting += [gathered.add(name, file) for name, file in offered.pop(word)]
    return tuple(sorted(gathered.files.items()))


class _Gathered:
    """The files that were found, up to a bound."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.files: dict[str, bytes] = {}
        self.size = 0

    def add(self, name: str, file: str) -> bytes:
        """Read a file, and return what is in it; what cannot be read is not there."""
        content, problem = self.snapshot.read(file)
        self.size += len(content)
        if self.size > LARGEST or len(self.files) == MOST_FILES:
            raise TooMuch(f"imports more than {MOST_FILES} files, or {LARGEST >> 20} MiB, from beside it")
        if not problem:
            self.files.setdefault(name, content)
        return content


def _offered(snapshot: Snapshot, home: str, path: str, includes: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """For each top-level name the files of the module or package: what each is called, and its path."""
    found: dict[str, list[tuple[str, str]]] = {}
    for root in (home, *includes):
        for name, is_directory in sorted(snapshot.names(root).items()):
            module = name if is_directory else name.removesuffix(PYTHON)
            if module in TAKEN or module in found or _join(root, name) == path or not module.isidentifier():
                continue
            if is_directory and INIT in snapshot.names(_join(root, name)):
                found[module] = [(file[len(root) + bool(root) :], file) for file in _below(snapshot, _join(root, name), DEEPEST)]
            elif not is_directory and name.endswith(PYTHON):
                found[module] = [(name, _join(root, name))]
    return found


def _below(snapshot: Snapshot, directory: str, depth: int) -> Iterator[str]:
    for name, is_directory in sorted(snapshot.names(directory).items()):
        if is_directory and depth and name.isidentifier():
            yield from _below(snapshot, _join(directory, name), depth - 1)
        elif not is_directory and name.endswith(PYTHON):
            yield _join(directory, name)


def _words(source: bytes) -> set[str]:
    return set(WORD.findall(source.decode("utf-8", "replace")))


def _seen_from(home: str, file: str) -> str:
    """How a stage in the directory `home` sees a file: one that is not below it lies beside it."""
    below = f"{home}/" if home else ""
    return file.removeprefix(below) if file.startswith(below) else file.rpartition("/")[2]


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name
