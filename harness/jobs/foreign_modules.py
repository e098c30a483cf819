"""What a worker has loaded that a job does not tell of: modules that are neither Python's nor among the code that decides.

An outcome that may depend on such a module must not be kept for another time, when the module may be another one.
"""

from __future__ import annotations

import sys

from harness.jobs.deciding_code import deciding_modules
from harness.jobs.siblings import STAGES, asked, brought, refused
from harness.jobs.stage_loading import MODULE_NAME

NO_NAME = "?"


class ForeignModules:
    """Made before any task: what was loaded then belongs to the installation."""

    def __init__(self) -> None:
        self._before = frozenset(sys.modules)
        self._known = frozenset({MODULE_NAME, *deciding_modules()})

    def names(self) -> tuple[str, ...]:
        """The first parts of their names, and those that the stage has asked for in vain; not what it has brought along itself."""
        # What is no word is the stage's doing, and so is a list that changes meanwhile.
        names = [name if type(name) is str else NO_NAME for name in list(sys.modules)]
        loaded = {name.partition(".")[0] for name in names if name not in self._before and name not in self._known}
        others = {STAGES} if refused() else set()
        return tuple(sorted(loaded - sys.stdlib_module_names - brought() | asked() | others))
