"""Which code decides what comes of a job, as one hash: what is in no job, and yet makes a kept outcome worthless when it changes.

That is every module of the harness but those that only ask and show, what stages in C are compiled with, what the stages are written
against, the suite, greenlet, what reads compiled code, and the minor version of Python. Outcomes are meant to be the same under each
Python, but that is for a run to show, and not for a cache to hide.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from harness.isolation import PACKAGES, ROOT
from harness.jobs.job import encoded
from harness.suite.own_suite import PREFIX, module_of
from harness.suite.registry import suites
from stages import SERIES

# Rooms that ask for outcomes and show them. No worker has any use for them.
LEFT_OUT = frozenset({"cli", "pytest_plugin", "report"})
# What executes, or says what is executed, or is loaded together with that, and is no part of the harness: what it is called there.
DISTRIBUTIONS = {
    "greenlet": "greenlet",
    "msgspec": "msgspec",
    "platformdirs": "platformdirs",
    "pyelftools": "elftools",
    "typing_extensions": "typing_extensions",
}
# What stages in C are compiled with lies here, in files of other languages.
NATIVE = Path(ROOT, "harness", "native")


class UnknownCode(Exception):
    """Nobody can tell which code decides; the message says why."""


@lru_cache(maxsize=1)
def deciding_modules() -> dict[str, Path]:
    """The modules of the harness, and of what stages are written against, that decide; by name."""
    found = {_module(path): path for package in sorted(PACKAGES) for path in sorted(Path(ROOT, package).rglob("*.py"))}
    stages = {stage.path for series in SERIES.values() for stage in series.stages}
    return {name: path for name, path in found.items() if path not in stages and _room(name) not in LEFT_OUT}


def native_files() -> dict[str, Path]:
    """What stages in C are compiled with: headers, and what is linked to them; by their paths."""
    found = [path for path in sorted(NATIVE.rglob("*")) if path.suffix in (".c", ".h", ".S") and path.is_file()]
    return {path.relative_to(ROOT).as_posix(): path for path in found}


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    return ".".join(module.split(".")[1:2])


class DecidingCode:
    """The code that decides about the jobs of one suite, as it was when this was made; raises `UnknownCode`."""

    def __init__(self, suite: str) -> None:
        if __name__ not in deciding_modules():
            raise UnknownCode(f"the harness in {ROOT} is not there as source")
        # What the suite is part of, if that is not the harness: its name among the modules.
        self.package = package_of(suite)
        self._files = {**deciding_modules(), **native_files(), **_files_of(self.package)}
        try:
            # Before they are read: what is changed later shows.
            self._marks = self._seen()
            contents = {name: path.read_bytes() for name, path in self._files.items()}
            # (What another one is asked for only where it is there may be missing.)
            versions = {name: version(name) for name, module in DISTRIBUTIONS.items() if find_spec(module) is not None}
        except (OSError, ImportError) as error:
            raise UnknownCode(str(error)) from None
        parts = (sys.implementation.name, *sys.version_info[:2], versions, contents)
        self.digest = hashlib.sha256(b"".join(encoded(parts))).hexdigest()

    def _seen(self) -> list[tuple[int, int, int]]:
        return [(seen.st_ino, seen.st_size, seen.st_mtime_ns) for seen in map(os.stat, self._files.values())]

    @property
    def unchanged(self) -> bool:
        """Whether the files are still those that the hash is of: what workers have loaded since then is what the hash says."""
        try:
            return self._seen() == self._marks
        except OSError:
            return False


def package_of(suite: str) -> str:
    """The package that has the suite; empty if the harness itself has it, or nobody. The name of one of the user's own says what it is."""
    if own := module_of(suite):
        return own
    entry = suites().get(suite)
    package = "" if entry is None else entry.module.partition(".")[0]
    return "" if package in PACKAGES else package


def _files_of(package: str) -> Mapping[str, Path]:
    """All files of a package, or the only one of a module."""
    # What one of the user's own contains is in its name, which is part of every job.
    spec = find_spec(package) if package and not package.startswith(PREFIX) else None
    if spec is None:
        return {}
    if not spec.submodule_search_locations:
        return {package: Path(spec.origin or "")}
    places = [Path(place) for place in spec.submodule_search_locations]
    paths = [path for place in places for path in sorted(place.rglob("*")) if path.is_file() and path.parent.name != "__pycache__"]
    return {f"{package}:{path}": path for path in paths}
