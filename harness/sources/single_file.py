"""A file that the user names: it is a stage by itself, in no series."""

from __future__ import annotations

from pathlib import Path

from harness.sources.target import Target, read_source
from stages.api import DEFAULT_SUITE


def target_of_file(path: str, suite: str = DEFAULT_SUITE) -> Target:
    """The target for a module in any file, which need not exist, to be tested with a suite."""
    source, problem = read_source(path)
    return Target(0, Path(path).name, path, path, suite=suite, source=source, problem=problem)
