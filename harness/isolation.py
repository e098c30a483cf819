"""Which modules may be found by whom: nothing of the harness, or of what it uses, comes from the directory in which it is started.

Called before anything else is imported: so this module imports nothing that is not there when Python starts.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

# Where this very harness lies.
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGES = frozenset({"harness", "stages"})


class OwnPackages:
    """Finds the packages of this harness where this harness is, and never another one's."""

    @staticmethod
    def find_spec(fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Answer for the packages; their parts are found through them."""
        return PathFinder.find_spec(fullname, [ROOT]) if fullname in PACKAGES else None


def isolate(path: list[str]) -> None:
    """Import from the directories in `path` only, and the packages of this harness from where it is."""
    sys.path[:] = path
    if OwnPackages not in sys.meta_path:
        sys.meta_path.insert(0, OwnPackages)


def without_here() -> list[str]:
    """`sys.path` without the current directory, unless PYTHONPATH says with its full name that it is wanted."""
    wanted = {os.path.realpath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(entry)}
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:
        # It has been removed.
        here = ""
    unwanted = {here, ""} - wanted
    return [entry for entry in sys.path if entry and os.path.realpath(entry) not in unwanted]
