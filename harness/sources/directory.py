"""A directory of stage files as a series: its Python files, or its C files and the directories that have one each, in the order of
their names, or what its `series.toml` says.

A stage in Python has its own file and those that `series.toml` gives it, and nothing of another stage; one in C has what it includes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.native.native_options import C_FILE, is_c
from harness.sources.accepted_changes import TABLES, accepted_changes
from harness.sources.file_trees import DiskTree, FileTree, Names
from harness.sources.git_history import shown
from harness.sources.made_of import Made, StageFiles, inner_paths, made_of, stage_files
from harness.sources.native_settings import HEADER_KEY, NATIVE_KEYS, NativeSettings, native_settings
from harness.sources.safe_git import NoSource, readable
from harness.sources.sourced_series import DEFAULT_FILE, SourcedSeries
from harness.sources.target import NO_SERIES, Target
from harness.sources.toml_values import TomlTable
from harness.suite.registry import placed, suite_named
from stages.api import DEFAULT_SUITE, AcceptedChange

NAME = "series.toml"
KEYS = ("name", "suite", "file", "stage", TABLES, "includes", *NATIVE_KEYS)
STAGE_KEYS = ("title", "message", "files")
PYTHON = ".py"
# What stages in C are called in a repository if they have different names.
C_NAME = f"stage{C_FILE}"


def directory_series(directory: str, suite: str = "", includes: Sequence[str] = (), native: NativeSettings | None = None) -> SourcedSeries:
    """The series in a directory, to be tested with `suite` if one is named; raises `NoSource`.

    `includes`, and the headers of `native`, are paths in it; what they leave open, its `series.toml` says.
    """
    tree = DiskTree(Path(directory).absolute())
    content, problem = tree.read(NAME)
    if problem and os.path.lexists(os.path.join(directory, NAME)):
        raise NoSource(f"cannot read {os.path.join(directory, NAME)}: it {problem}")
    document = TomlTable({} if problem else TomlTable.of(content, NAME).values, NAME)
    document.require_keys(KEYS)
    name = shown(document.text("name", Path(directory).absolute().name or NO_SERIES))
    stages = document.tables("stage") or [TomlTable({"files": [file]}, NAME) for file in _usual(tree)]
    if not stages:
        raise NoSource(
            f"{readable(directory)} has no stages: put a file a stage into it, in Python or C, or a {NAME} with [[stage]] tables"
        )
    said = native_settings(document, inner_paths(document.texts(HEADER_KEY), what="header"))
    folders = tuple(includes) or inner_paths(document.texts("includes"), what="directory")
    how = StageFiles(("",), folders, (native or NativeSettings()).or_else(said))
    staged = [_staged(stage, index, how) for index, stage in enumerate(stages)]
    said_suite = suite or placed(document.text("suite", DEFAULT_SUITE), os.path.abspath(directory))
    return _series(tree, document, staged, name, suite_named(said_suite).found_as)


def _usual(tree: FileTree) -> list[str]:
    """The files that are stages if nobody says which."""
    names = tree.names("")
    python = [name for name, is_directory in names.items() if name.endswith(PYTHON) and not is_directory]
    in_c = [name for name, is_directory in names.items() if is_c(name) and not is_directory]
    if python and in_c:
        raise NoSource(f"{python[0]} is in Python, {in_c[0]} in C: say in {NAME} which are the stages, in [[stage]] tables")
    if not python:
        inner = {name: [file for file, is_directory in tree.names(name).items() if is_c(file) and not is_directory] for name in names}
        in_c += [f"{name}/{files[0]}" for name, files in inner.items() if len(files) == 1]
    return sorted(python or in_c, key=_order)


def _order(path: str) -> list[Any]:
    """Numbers in it count as numbers."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"([0-9]+)", path) if part]


def _staged(stage: TomlTable, index: int, how: StageFiles) -> tuple[TomlTable, StageFiles]:
    """A stage with its files."""
    stage.require_keys(STAGE_KEYS)
    files = inner_paths(stage.texts("files"), what="stage's file")
    if not files:
        raise NoSource(f'{NAME}: stage {index} has no files: files = ["PATH"]')
    return stage, stage_files(files, how.includes, how.native)


def _series(tree: FileTree, document: TomlTable, stages: Sequence[tuple[TomlTable, StageFiles]], name: str, suite: str) -> SourcedSeries:
    targets, messages = [], []
    for index, (stage, files) in enumerate(stages):
        made = made_of(tree if is_c(files.module) else _Only(tree, files.files), files)
        title = stage.text("title", readable(_usual_title(files.module)))
        targets.append(_target(index, " ".join(readable(title).split()), files, made, name, suite))
        messages.append("\n\n".join(filter(None, [targets[-1].title, readable(stage.text("message")).strip()])) + "\n")
    accepted = _accepted(document, suite, name, len(targets))
    (file,) = inner_paths([document.text("file", _common_file(targets))], what="stage's file")
    return SourcedSeries(name, suite, tuple(targets), tuple(messages), accepted, file=file.rpartition("/")[2])


def _usual_title(path: str) -> str:
    """The name of the file, or of the directory that is there for a single one in C."""
    directory, _, name = path.rpartition("/")
    if is_c(name):
        return directory.rpartition("/")[2] or name.removesuffix(C_FILE)
    return name.removesuffix(PYTHON)


class _Only:
    """A tree of some files of another one."""

    def __init__(self, tree: FileTree, files: Sequence[str]) -> None:
        self.tree = tree
        self.files = files

    def names(self, directory: str) -> Names:
        return {}

    def read(self, path: str) -> tuple[bytes, str]:
        return self.tree.read(path) if path in self.files else (b"", f"has no file {path}")


def _target(index: int, title: str, files: StageFiles, made: Made, series: str, suite: str) -> Target:
    return Target(
        index,
        title,
        readable(files.module),
        f"/series/{files.module}",
        series,
        suite,
        made.source,
        readable(made.problem),
        made.beside,
        alone=True,
        native=files.options,
    )


def _common_file(targets: Sequence[Target]) -> str:
    """What the file of the stages is called in a repository: as they are, if they all have one name."""
    names = {target.path.rpartition("/")[2] for target in targets}
    return names.pop() if len(names) == 1 else C_NAME if all(map(is_c, names)) else DEFAULT_FILE


def _accepted(document: TomlTable, suite: str, name: str, count: int) -> tuple[AcceptedChange, ...]:
    try:
        return accepted_changes(document.values.get(TABLES, []), suite_named(suite), name, range(1, count))
    except NoSource as error:
        raise NoSource(f"{NAME}: {error}") from None
