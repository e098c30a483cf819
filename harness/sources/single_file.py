"""A file that the user names: it is a stage by itself, in no series. What it imports or includes is read together with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.sources.file_trees import DiskTree
from harness.sources.made_of import Made, made_with, stage_files
from harness.sources.native_settings import NativeSettings
from harness.sources.target import Target, read_source
from stages.api import DEFAULT_SUITE


def target_of_file(
    path: str, suite: str = DEFAULT_SUITE, includes: Sequence[str] = (), native: NativeSettings | None = None, others: Sequence[str] = ()
) -> Target:
    """The target for a stage in any file, which need not exist, to be tested with a suite; `others` belong to it. All paths are the user's.

    Raises `NoSource` if nobody can make one stage of them.
    """
    source, problem = read_source(path)
    settings = native or NativeSettings()
    headers = tuple(map(_from_root, settings.headers))
    files = stage_files(tuple(map(_from_root, (path, *others))), tuple(map(_from_root, includes)), replace(settings, headers=headers))
    made = Made(problem=problem) if problem else made_with(DiskTree(os.sep), files, source)
    name = Path(path).name
    return Target(0, name, path, path, suite=suite, source=made.source, problem=made.problem, beside=made.beside, native=files.options)


def _from_root(path: str) -> str:
    return os.path.abspath(path).lstrip(os.sep)
