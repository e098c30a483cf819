"""What a stage is made of, in one tree: its file, the other files that belong to it, and what it imports or includes from beside them."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.native.native_options import NativeOptions, is_c
from harness.sources.beside import Beside, CannotTake, beside
from harness.sources.c_beside import c_beside
from harness.sources.file_trees import FileTree
from harness.sources.native_settings import NativeSettings, headers_of
from harness.sources.safe_git import NoSource
from harness.suite.whole_numbers import shortened


@dataclass(frozen=True)
class StageFiles:
    """Where a stage's files are: the first one is its module, the others belong to it; directories to import or include from follow.

    `native` says how it is compiled, if it is in C.
    """

    files: tuple[str, ...]
    includes: tuple[str, ...] = ()
    native: NativeSettings = field(default_factory=NativeSettings)

    @property
    def module(self) -> str:
        """The file that is tested."""
        return self.files[0]

    @property
    def headers(self) -> tuple[str, ...]:
        """The own headers of a stage in C."""
        return tuple(dict.fromkeys((*self.files[1:], *self.native.headers)))

    @property
    def options(self) -> NativeOptions | None:
        """How the stage is compiled; None if it is not in C."""
        return self.native.options if is_c(self.module) else None


@dataclass(frozen=True)
class Made:
    """A stage by value, or the problem that it has, in words that complete "the stage …"."""

    source: bytes = b""
    problem: str = ""
    beside: Beside = ()


def made_of(tree: FileTree, files: StageFiles) -> Made:
    """Read a stage."""
    source, problem = tree.read(files.module)
    return Made(problem=problem) if problem else made_with(tree, files, source)


def made_with(tree: FileTree, files: StageFiles, source: bytes) -> Made:
    """A stage of which the source is there already."""
    try:
        return Made(source, beside=_c_beside(tree, files, source) if is_c(files.module) else _beside(tree, files, source))
    except CannotTake as error:
        return Made(problem=str(error))


def _beside(tree: FileTree, files: StageFiles, source: bytes) -> Beside:
    return beside(tree, files.module, source, files.files[1:], files.includes)


def _c_beside(tree: FileTree, files: StageFiles, source: bytes) -> Beside:
    dialect = files.native.dialect or NativeOptions.dialect
    return c_beside(tree, files.module, source, files.headers, files.includes, headers_of(dialect))


def stage_files(files: tuple[str, ...], includes: tuple[str, ...], native: NativeSettings) -> StageFiles:
    """The files of a stage; raises `NoSource` if nobody can make one stage of them."""
    found = StageFiles(files, includes, native)
    if is_c(found.module) and (more := next(filter(is_c, found.headers), None)):
        raise NoSource(f"a stage in C is one file that is compiled, {shortened(found.module)}: have it include {shortened(more)}")
    return found


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
