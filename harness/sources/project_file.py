"""`harness.toml` at the top of a repository: what is tested there, so that a range is all that the command line has to say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.explored.models import ENGINES
from harness.sources.file_trees import CommitTree, DiskTree, FileTree
from harness.sources.git_history import HEAD, UNCOMMITTED, commit_called
from harness.sources.git_objects import GitObjects
from harness.sources.made_of import inner_paths
from harness.sources.native_settings import HEADER_KEY, NATIVE_KEYS, NativeSettings, native_settings
from harness.sources.safe_git import NoSource
from harness.sources.toml_values import TomlTable
from harness.suite.own_suite import is_place
from harness.suite.registry import placed
from harness.suite.whole_numbers import quoted

NAME = "harness.toml"
KEYS = ("files", "includes", "suite", "base", "budget", *NATIVE_KEYS)

# The smallest and the largest value of each number: as for the options of the same names.
NUMBERS = {"seeds": (1, 10**6), "executions": (1, 10**9), "preemptions": (0, 100), "accept_bound": (0, 10**9)}
BUDGET_KEYS = (*NUMBERS, "deep", "models")


@dataclass(frozen=True)
class ProjectBudget:
    """How much to run of each program, as far as the file says so."""

    seeds: int | None = None
    executions: int | None = None
    preemptions: int | None = None
    accept_bound: int | None = None
    deep: bool = False
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """What the file says; empty, if there is none."""

    files: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    suite: str = ""
    base: str = ""
    budget: ProjectBudget = field(default_factory=ProjectBudget)
    native: NativeSettings = field(default_factory=NativeSettings)


def project_of(objects: GitObjects, tip: str) -> Project:
    """What the repository's file says: the one of the work tree, or if there is no work tree, of the commit at the tip."""
    tree = _tree(objects, tip)
    content, problem = tree.read(NAME)
    return Project() if problem else _with_suite(parsed_project(content), objects.top)


def work_tree(place: Path) -> Path | None:
    """The top of the work tree around a file, which need not be there; None if there is none. `place` is absolute."""
    return next((each for each in place.parents if (each / ".git").exists()), None)


def project_around(path: str) -> Project:
    """What the repository says whose work tree a file is in: paths are the user's, and `files` what belongs to that file besides.

    Nothing is asked of git: the top is the nearest directory around the file that has a `.git`. Raises `NoSource`.
    """
    place = Path(path).absolute()
    top = work_tree(place)
    if top is None or not (top / NAME).exists():
        return Project()
    content, problem = DiskTree(top).read(NAME)
    if problem:
        raise NoSource(f"{NAME} {problem}")
    project = parsed_project(content)

    def placed_in(paths: Sequence[str]) -> tuple[str, ...]:
        return tuple(os.path.join(top, each) for each in paths)

    first, *others = project.files or ("",)
    return replace(
        _with_suite(project, top),
        files=placed_in(others) if first and os.path.normpath(top / first) == os.path.normpath(place) else (),
        includes=placed_in(project.includes),
        native=replace(project.native, headers=placed_in(project.native.headers)),
    )


def _with_suite(project: Project, top: Path | None) -> Project:
    """The same; a suite that is a file or a directory is that of the work tree."""
    if top is not None:
        return replace(project, suite=placed(project.suite, str(top)))
    if is_place(project.suite):
        raise NoSource(f"{NAME}: suite {quoted(project.suite)} is a file, and a bare repository has none: name one with --suite")
    return project


def _tree(objects: GitObjects, tip: str) -> FileTree:
    if objects.top is not None:
        return DiskTree(objects.top)
    return CommitTree(objects, objects.commit(commit_called(objects, HEAD if tip in UNCOMMITTED else tip)).tree)


def parsed_project(content: bytes) -> Project:
    """What a file with this content says; raises `NoSource`, which names the file and the key."""
    document = TomlTable.of(content, NAME)
    document.require_keys(KEYS)
    budget = document.table("budget")
    budget.require_keys(BUDGET_KEYS)
    numbers = {name: budget.number(name, *bounds) for name, bounds in NUMBERS.items()}
    return Project(
        inner_paths(document.texts("files")),
        inner_paths(document.texts("includes"), what="directory"),
        document.text("suite"),
        document.text("base"),
        ProjectBudget(**numbers, deep=budget.flag("deep"), models=budget.some_of("models", ENGINES)),
        native_settings(document, inner_paths(document.texts(HEADER_KEY), what="header")),
    )
