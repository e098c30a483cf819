"""What a stage in C includes, by value: so it needs no directory to be compiled in, and its hash covers all of it.

`#include "x.h"` is looked for beside the file that has it, then, as `<x.h>` is, among the stage's own headers, in the dialect that comes
with the harness, and in the directories to include from. The dialect comes before those: a real tree has headers of its own that would not
compile here. What is found nowhere is the compiler's business. Conditions are not looked at: what is included under one is taken along.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from harness.sources.beside import MOST_FILES, Beside, CannotTake
from harness.sources.file_trees import FileTree, has_file
from harness.sources.target import LARGEST

TOO_MUCH = f"includes more than {MOST_FILES} files, or {LARGEST >> 20} MiB"
UP = "../"

# What stands between the words of a directive; a comment there has one line.
_GAP = rb"(?:[ \t]|/\*(?:[^*\n]|\*(?!/))*\*/|\\\r?\n)*"
INCLUDE = re.compile(
    rb"^" + _GAP + rb"#" + _GAP + rb"(?:include|include_next|import)\b" + _GAP + rb'(?:<([^>\n]+)>|"([^"\n]+)")', re.MULTILINE
)
HAS_INCLUDE = re.compile(rb"\b__has_include(?:_next)?" + _GAP + rb"\(" + _GAP + rb'(?:<([^>\n]+)>|"([^"\n]+)")')


@dataclass(frozen=True)
class _Wanted:
    """What a directive names, and where the file lies that has it: `home` in the tree, `shown` as it is called in `#include`."""

    name: str
    quoted: bool
    home: str
    shown: str


def c_beside(tree: FileTree, path: str, source: bytes, headers: Sequence[str], includes: Sequence[str], dialect: Collection[str]) -> Beside:
    """The files that a stage in C at `path` includes, and those that they include, by what they are called in `#include`.

    A file beside the stage is called by its path from there. `headers` are paths of files that come before those of the `dialect`, which
    are given by what they are called; `includes` are directories. Raises `CannotTake`, whose message completes "the stage …".
    """
    gathered = _Included(tree, headers, includes, dialect)
    waiting = list(_wanted(source, posixpath.dirname(path), ""))
    while waiting:
        wanted = waiting.pop(0)
        if found := gathered.place_of(wanted):
            name, place = found
            if (content := gathered.add(name, place)) is not None:
                waiting += _wanted(content, posixpath.dirname(place), posixpath.dirname(name))
    return tuple(sorted(gathered.files.items()))


def _wanted(source: bytes, home: str, shown: str) -> Iterator[_Wanted]:
    for pattern in (INCLUDE, HAS_INCLUDE):
        for angle, quoted in pattern.findall(source):
            yield _Wanted((quoted or angle).decode("utf-8", "surrogateescape"), bool(quoted), home, shown)


class _Included:
    """The files that were found, up to a bound, and where to look for more."""

    def __init__(self, tree: FileTree, headers: Sequence[str], includes: Sequence[str], dialect: Collection[str]) -> None:
        self.tree = tree
        self.headers = headers
        self.includes = includes
        self.dialect = dialect
        self.files: dict[str, bytes] = {}
        self.places: dict[str, str] = {}
        self.size = 0

    def add(self, name: str, place: str) -> bytes | None:
        """Read a file, and return what is in it; nothing if that was done before."""
        known = self.places.setdefault(name, place)
        if name in self.files:
            if known != place and self.tree.read(place)[0] != self.files[name]:
                raise CannotTake(f"includes two files as {name}: {known} and {place}")
            return None
        content, _ = self.tree.read(place)
        self.size += len(content)
        if self.size > LARGEST or len(self.files) == MOST_FILES:
            raise CannotTake(TOO_MUCH)
        self.files[name] = content
        return content

    def place_of(self, wanted: _Wanted) -> tuple[str, str] | None:
        """What a file is called, and where it is; None if the dialect has it, or nobody."""
        if wanted.quoted:
            name, place = (posixpath.normpath(posixpath.join(start, wanted.name)) for start in (wanted.shown, wanted.home))
            if self._may_be(name, place) and (place in self.headers or name not in self.dialect):
                return name, place
        name = posixpath.normpath(wanted.name)
        own = next((header for header in self.headers if header == name or header.endswith(f"/{name}")), None)
        if own is not None and self._may_be(name, own):
            return name, own
        if name in self.dialect:
            return None
        places = (posixpath.normpath(posixpath.join(directory, name)) for directory in self.includes)
        return next(((name, place) for place in places if self._may_be(name, place)), None)

    def _may_be(self, name: str, place: str) -> bool:
        """Whether there is such a file, inside the tree."""
        if posixpath.isabs(name) or place.startswith((UP, "/")):
            return False
        return has_file(self.tree, place)
