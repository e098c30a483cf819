"""A directory of stage files as a series: its Python files in the order of their names, or what its `series.toml` says.

Each stage has its own file and those that `series.toml` gives it, and nothing of another stage.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.sources.accepted_changes import TABLES, accepted_changes
from harness.sources.file_trees import DiskTree, FileTree, Names
from harness.sources.git_history import shown
from harness.sources.made_of import Made, StageFiles, inner_paths, made_of
from harness.sources.safe_git import NoSource, readable
from harness.sources.sourced_series import DEFAULT_FILE, SourcedSeries
from harness.sources.target import NO_SERIES, Target
from harness.sources.toml_values import TomlTable
from harness.suite.registry import suite_named
from stages.api import DEFAULT_SUITE, AcceptedChange

NAME = "series.toml"
KEYS = ("name", "suite", "file", "stage", TABLES)
STAGE_KEYS = ("title", "message", "files")
PYTHON = ".py"


def directory_series(directory: str, suite: str = "") -> SourcedSeries:
    """The series in a directory, to be tested with `suite` if one is named; raises `NoSource`."""
    tree = DiskTree(Path(directory).absolute())
    content, problem = tree.read(NAME)
    if problem and os.path.lexists(os.path.join(directory, NAME)):
        raise NoSource(f"cannot read {os.path.join(directory, NAME)}: it {problem}")
    document = TomlTable({} if problem else TomlTable.of(content, NAME).values, NAME)
    document.require_keys(KEYS)
    name = shown(document.text("name", Path(directory).absolute().name or NO_SERIES))
    stages = document.tables("stage") or [TomlTable({"files": [file]}, NAME) for file in _in_order(tree.names(""))]
    if not stages:
        raise NoSource(f"{readable(directory)} has no stages: put a Python file a stage into it, or a {NAME} with [[stage]] tables")
    return _series(tree, document, stages, name, suite or document.text("suite", DEFAULT_SUITE))


def _in_order(names: Names) -> list[str]:
    """The Python files by their names, in which numbers count as numbers."""

    def key(name: str) -> list[Any]:
        return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"([0-9]+)", name) if part]

    return sorted((name for name, is_directory in names.items() if name.endswith(PYTHON) and not is_directory), key=key)


def _series(tree: FileTree, document: TomlTable, stages: Sequence[TomlTable], name: str, suite: str) -> SourcedSeries:
    targets, messages = [], []
    for index, stage in enumerate(stages):
        stage.require_keys(STAGE_KEYS)
        files = StageFiles(inner_paths(stage.texts("files"), what="stage's file"))
        if not files.files:
            raise NoSource(f'{NAME}: stage {index} has no files: files = ["PATH"]')
        made = made_of(_Only(tree, files.files), files)
        title = stage.text("title", readable(files.module.rpartition("/")[2].removesuffix(PYTHON)))
        targets.append(_target(index, " ".join(readable(title).split()), files.module, made, name, suite))
        messages.append("\n\n".join(filter(None, [targets[-1].title, readable(stage.text("message")).strip()])) + "\n")
    accepted = _accepted(document, suite, name, len(targets))
    (file,) = inner_paths([document.text("file", _common_file(targets))], what="stage's file")
    return SourcedSeries(name, suite, tuple(targets), tuple(messages), accepted, file=file.rpartition("/")[2])


class _Only:
    """A tree of some files of another one."""

    def __init__(self, tree: FileTree, files: Sequence[str]) -> None:
        self.tree = tree
        self.files = files

    def names(self, directory: str) -> Names:
        return {}

    def read(self, path: str) -> tuple[bytes, str]:
        return self.tree.read(path) if path in self.files else (b"", f"has no file {path}")


def _target(index: int, title: str, path: str, made: Made, series: str, suite: str) -> Target:
    return Target(
        index, title, readable(path), f"/series/{path}", series, suite, made.source, readable(made.problem), made.beside, alone=True
    )


def _common_file(targets: Sequence[Target]) -> str:
    """What the file of the stages is called in a repository: as they are, if they all have one name."""
    names = {target.path.rpartition("/")[2] for target in targets}
    return names.pop() if len(names) == 1 else DEFAULT_FILE


def _accepted(document: TomlTable, suite: str, name: str, count: int) -> tuple[AcceptedChange, ...]:
    try:
        return accepted_changes(document.values.get(TABLES, []), suite_named(suite), name, range(1, count))
    except NoSource as error:
        raise NoSource(f"{NAME}: {error}") from None
