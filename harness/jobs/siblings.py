"""Lets a stage import what lies beside its file, without letting that in front of anything that the harness or Python has.

The directory is asked last: a file beside the stage that is called like a module of the standard library, of the harness or of an
installed package is never found under that name. What a stage has imported so is forgotten when the next one is loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class Siblings(MetaPathFinder):
    """Finds modules and packages in one directory; `names` are those that were imported, `asked` those that nobody else has found."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.names: set[str] = set()
        self.asked: set[str] = set()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Answer for top-level names; the parts of a package are found through the package. A directory alone is no package."""
        if path is not None:
            return None
        self.asked.add(fullname)
        spec = PathFinder.find_spec(fullname, [self.directory])
        if spec is None or spec.origin is None:
            return None
        self.names.add(fullname)
        return spec

    def has(self, filename: str) -> bool:
        """Whether this is the file of a module that was imported from the directory, or of a part of such a package."""
        directory, _, rest = filename.partition(self.directory + os.sep)
        return not directory and rest.split(os.sep)[0].removesuffix(".py") in self.names


def admit(path: str) -> None:
    """Make importable what lies beside the file `path`, and nothing that lies beside an earlier one."""
    forget()
    sys.meta_path.append(Siblings(os.path.dirname(os.path.abspath(path))))


def forget() -> None:
    """Undo `admit`, and forget what was imported so."""
    for finder in [finder for finder in sys.meta_path if isinstance(finder, Siblings)]:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in finder.names]:
            del sys.modules[name]


def asked() -> set[str]:
    """What the present stage has looked for beside its file: modules that are there, and others that may be there another time."""
    return {name for finder in sys.meta_path if isinstance(finder, Siblings) for name in finder.asked}


def admitted(filename: str) -> bool:
    """Whether this is a file that the present stage has imported from beside it."""
    return any(finder.has(filename) for finder in sys.meta_path if isinstance(finder, Siblings))
