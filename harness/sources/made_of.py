"""What a stage is made of, in one tree: its file, the other files that belong to it, and what it imports from beside them."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from harness.sources.beside import Beside, TooMuch, beside
from harness.sources.file_trees import FileTree
from harness.sources.safe_git import NoSource
from harness.suite.whole_numbers import shortened


@dataclass(frozen=True)
class StageFiles:
    """Where a stage's files are: the first one is its module, the others belong to it; directories to import from follow."""

    files: tuple[str, ...]
    includes: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The file that is tested."""
        return self.files[0]


@dataclass(frozen=True)
class Made:
    """A stage by value, or the problem that it has, in words that complete "the stage …"."""

    source: bytes = b""
    problem: str = ""
    beside: Beside = ()


def made_of(tree: FileTree, files: StageFiles) -> Made:
    """Read a stage."""
    source, problem = tree.read(files.module)
    if problem:
        return Made(problem=problem)
    try:
        return Made(source, beside=beside(tree, files.module, source, files.files[1:], files.includes))
    except TooMuch as error:
        return Made(problem=str(error))


def inner_path(path: str, prefix: str = "", what: str = "file") -> str:
    """A path that the user has written, from the top of a tree; raises `NoSource` if it leads out of it."""
    found = posixpath.normpath(prefix + path) if path else ""
    wrong = "\0" in path or "\n" in path or posixpath.isabs(path) or found in ("", ".", "..") or found.startswith("../")
    if wrong or ".git" in found.lower().split("/"):
        raise NoSource(f"{shortened(path)!r} is no path of a {what} in the repository: write it from the directory of the repository on")
    return found


def inner_paths(paths: Sequence[str], prefix: str = "", what: str = "file") -> tuple[str, ...]:
    """Several of them, each once."""
    return tuple(dict.fromkeys(inner_path(path, prefix, what) for path in paths))
