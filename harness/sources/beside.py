"""What lies beside a stage's file and can be imported by it, by value: so a stage needs no directory, and its hash covers all of it.

A file or a package beside a stage belongs to it if its name is a word of the stage's source, or of what belongs to it already. A name
that is only put together at run time is not found.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

from harness.sources.file_trees import FileTree
from harness.sources.target import LARGEST

PYTHON = ".py"
INIT = "__init__.py"
MOST_FILES = 1_000
DEEPEST = 20
TOO_MUCH = f"imports more than {MOST_FILES} files, or {LARGEST >> 20} MiB, from beside it"

# A name of these is never looked for beside a stage.
TAKEN = frozenset({*sys.stdlib_module_names, "harness", "stages"})

WORD = re.compile(r"\w+")

Beside = tuple[tuple[str, bytes], ...]
# Where something lies, its name there, and whether it is a directory.
Offer = tuple[str, str, bool]


class CannotTake(Exception):
    """What lies beside a stage cannot be taken along; the message completes "the stage …"."""


def beside(tree: FileTree, path: str, source: bytes, own: Sequence[str] = (), includes: Sequence[str] = ()) -> Beside:
    """The modules that a stage at `path` can import, by their paths from its directory, or from the first of `includes` that has them.

    `own` are files that belong to the stage in any case. Raises `CannotTake`.
    """
    home = path.rpartition("/")[0]
    gathered = _Gathered(tree)
    for file in own:
        gathered.add(_seen_from(home, file), file)
    offered = _offered(tree, home, path, includes)
    waiting = [source, *gathered.files.values()]
    while waiting:
        for word in sorted(_words(waiting.pop()) & offered.keys()):
            waiting += [gathered.add(name, file) for name, file in _files(tree, offered.pop(word))]
    return tuple(sorted(gathered.files.items()))


class _Gathered:
    """The files that were found, up to a bound."""

    def __init__(self, tree: FileTree) -> None:
        self.tree = tree
        self.files: dict[str, bytes] = {}
        self.size = 0

    def add(self, name: str, file: str) -> bytes:
        """Read a file, and return what is in it; what cannot be read is not there."""
        content, problem = self.tree.read(file)
        self.size += len(content)
        if self.size > LARGEST or len(self.files) == MOST_FILES:
            raise CannotTake(TOO_MUCH)
        if not problem:
            self.files.setdefault(name, content)
        return content


def _offered(tree: FileTree, home: str, path: str, includes: Sequence[str]) -> dict[str, list[Offer]]:
    """What may be imported under each top-level name, the first choice first."""
    found: dict[str, list[Offer]] = {}
    for root in (home, *includes):
        # A package comes before a module of the same name, as in Python.
        for name, is_directory in sorted(tree.names(root).items()):
            module = name if is_directory else name.removesuffix(PYTHON)
            if module.isidentifier() and module not in TAKEN and _join(root, name) != path and (is_directory or module != name):
                found.setdefault(module, []).append((root, name, is_directory))
    return found


def _files(tree: FileTree, offers: Sequence[Offer]) -> list[tuple[str, str]]:
    """The files of the first offer that is a module or a package: what each is called, and its path."""
    for root, name, is_directory in offers:
        place = _join(root, name)
        if not is_directory:
            return [(name, place)]
        if INIT in tree.names(place):
            return [(file[len(root) + bool(root) :], file) for file in _below(tree, place, DEEPEST, iter(range(MOST_FILES)))]
    return []


def _below(tree: FileTree, directory: str, depth: int, left: Iterator[int]) -> Iterator[str]:
    """The modules in a package; `left` counts down how many directories may be looked at, of which a hostile one has no end."""
    if next(left, None) is None:
        raise CannotTake(TOO_MUCH)
    for name, is_directory in sorted(tree.names(directory).items()):
        if is_directory and depth and name.isidentifier():
            yield from _below(tree, _join(directory, name), depth - 1, left)
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
