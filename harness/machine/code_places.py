"""Which code a frame belongs to, told by where its file really is: a folder that is only called alike does not count."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import CodeType
from typing import TypeVar

T = TypeVar("T")


class CodePlaces:
    """Files, and directories with all that is below them. `frame.f_code.co_filename in places` tells whether the code is from there."""

    def __init__(self, *places: str) -> None:
        self._places: list[str] = []
        # By the name of a code object's file: the same few are asked for again and again.
        self._known: dict[str, bool] = {}
        for place in places:
            self.add(place)

    def add(self, place: str) -> None:
        """Count a file, or a directory, in; of a package, its `__init__.py` stands for the directory."""
        head, name = os.path.split(os.path.realpath(place))
        self._places.append(head if name == "__init__.py" else os.path.join(head, name))
        self._known.clear()

    def __contains__(self, filename: str) -> bool:
        found = self._known.get(filename)
        if found is None:
            found = self._known[filename] = self._look(filename)
        return found

    def _look(self, filename: str) -> bool:
        # (Code without a file is called `<string>` and the like.)
        path = "" if filename.startswith("<") else os.path.realpath(filename)
        return any(path == place or path.startswith(place + os.sep) for place in self._places)


# Python's own library, and what is installed beside it, on some systems inside of it.
LIBRARY = CodePlaces(sysconfig.get_path("stdlib"))
INSTALLED = CodePlaces(sysconfig.get_path("purelib", vars={"base": sys.base_prefix}), sysconfig.get_path("purelib"))


def is_pythons(filename: str) -> bool:
    """Whether code is Python's own, or has no file."""
    return filename.startswith("<") or (filename in LIBRARY and filename not in INSTALLED)


class CodeNotes(dict[CodeType, T]):
    """What modules say of code of theirs while they are imported. Which of them have been is another matter in each process.

    (So it is a class of its own: `harness.jobs.fingerprint` expects of plain dictionaries that they stay as they are.)
    """
