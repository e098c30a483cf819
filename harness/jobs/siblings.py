"""Lets a stage import what lies beside its file, which it brings along by value, and hides from it what is none of its business.

What lies beside it is asked last: a file that is called like a module of the standard library, of the harness or of an installed package is
never found under that name. What a stage has imported so is forgotten when the next one is loaded. A stage that is to be alone finds of the
package `stages` only what stages are written against, and never the stages in it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from harness.sources.target import Target

STAGES = "stages"
API = frozenset(f"{STAGES}.{name}" for name in ("api", "hypervisor", "shared_memory"))


class Siblings(MetaPathFinder):
    """Finds the modules and packages that lie beside a stage; `names` are those that were imported, `asked` those that are not there."""

    def __init__(self, target: Target) -> None:
        self.directory = os.path.dirname(os.path.abspath(target.path))
        self.files = dict(target.beside)
        self.names: set[str] = set()
        self.asked: set[str] = set()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Answer for top-level names, and for the parts of packages that were found here. A directory alone is no package."""
        if path is not None and fullname.partition(".")[0] not in self.names:
            return None
        inner = fullname.replace(".", "/")
        name = next((name for name in (f"{inner}/__init__.py", f"{inner}.py") if name in self.files), None)
        if name is None:
            if path is not None:
                return self._directory(fullname, inner)
            self.asked.add(fullname)
            return None
        self.names.add(fullname.partition(".")[0])
        is_package = name.endswith("/__init__.py")
        origin = os.path.join(self.directory, *name.split("/"))
        # No directory to search goes with a package: its parts are found here.
        return ModuleSpec(fullname, FromMemory(self.files[name], origin), origin=origin, is_package=is_package)

    def _directory(self, fullname: str, inner: str) -> ModuleSpec | None:
        """A part of a package that is nothing but a directory with more parts."""
        found = any(name.startswith(f"{inner}/") for name in self.files)
        return ModuleSpec(fullname, None, is_package=True) if found else None

    def has(self, filename: str) -> bool:
        """Whether this is the file of a module that was imported from here, or of a part of such a package."""
        directory, _, rest = filename.partition(self.directory + os.sep)
        return not directory and rest.split(os.sep)[0].removesuffix(".py") in self.names


class FromMemory(Loader):
    """Executes the source of a module; tracebacks name `origin`."""

    def __init__(self, source: bytes, origin: str) -> None:
        self.source = source
        self.origin = origin

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self.origin
        exec(compile(self.source, self.origin, "exec", dont_inherit=True, optimize=0), module.__dict__)


class OtherStages(MetaPathFinder):
    """Stands before all others, and says of the stages that come with the harness that there are none; `refused` are those asked for."""

    def __init__(self) -> None:
        self.refused: set[str] = set()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Refuse them; of everything else, know nothing."""
        if fullname.startswith(f"{STAGES}.") and fullname not in API:
            self.refused.add(fullname)
            raise ModuleNotFoundError(f"No module named {fullname!r} for a stage of another series", name=fullname)


def admit(target: Target) -> None:
    """Make importable what lies beside a stage, and nothing that lies beside an earlier one."""
    forget()
    sys.meta_path.append(Siblings(target))
    if target.alone:
        sys.meta_path.insert(0, OtherStages())


def forget() -> None:
    """Undo `admit`, and forget what was imported so."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, OtherStages)]
    for finder in [finder for finder in sys.meta_path if isinstance(finder, Siblings)]:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in finder.names]:
            del sys.modules[name]


def asked() -> set[str]:
    """What the present stage has looked for beside its file in vain: nobody has it now, and somebody may another time."""
    return {name for finder in sys.meta_path if isinstance(finder, Siblings) for name in finder.asked}


def refused() -> bool:
    """Whether the present stage has been refused another one, which it would have got were it not alone."""
    return any(finder.refused for finder in sys.meta_path if isinstance(finder, OtherStages))


def brought() -> set[str]:
    """The modules that the present stage has brought along, and imported; its hash covers them."""
    return {name for finder in sys.meta_path if isinstance(finder, Siblings) for name in finder.names}


def admitted(filename: str) -> bool:
    """Whether this is a file that the present stage has imported from beside it."""
    return any(finder.has(filename) for finder in sys.meta_path if isinstance(finder, Siblings))
