"""A file that the user names: it is a stage by itself, in no series. What it imports from beside it is read together with it."""

from __future__ import annotations

import os
from pathlib import Path

from harness.sources.beside import TooMuch, beside
from harness.sources.file_trees import DiskTree
from harness.sources.target import Target, read_source
from stages.api import DEFAULT_SUITE


def target_of_file(path: str, suite: str = DEFAULT_SUITE) -> Target:
    """The target for a module in any file, which need not exist, to be tested with a suite."""
    source, problem = read_source(path)
    found = Target(0, Path(path).name, path, path, suite=suite, source=source, problem=problem)
    if problem:
        return found
    directory, name = os.path.split(os.path.abspath(path))
    try:
        return Target(0, found.title, path, path, suite=suite, source=source, beside=beside(DiskTree(directory), name, source))
    except TooMuch as error:
        return Target(0, found.title, path, path, suite=suite, problem=str(error))
