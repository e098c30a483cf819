"""A range of commits as a series: the base is stage 0, and each commit that changes what the stage is made of is a stage.

Contents come from git's objects, for `INDEX` and `WORKTREE` also from the index and the files. The repository is only read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from harness.native.native_options import is_c
from harness.sources.file_trees import CommitTree, DiskTree, FileTree, IndexTree, has_file
from harness.sources.git_history import HEAD, INDEX, Revisions, commit_called, history, renamed_from, shown
from harness.sources.git_objects import SHORT, Commit, GitObjects
from harness.sources.made_of import Made, StageFiles, made_of
from harness.sources.safe_git import NoSource, readable
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target

BASELINE = "baseline"
UNCOMMITTED_TITLE = "what is not committed"


@dataclass(frozen=True)
class RangeRequest:
    """Which commits, and what of them. `every`: also commits that do not change the stage; `follow`: through renames of its files."""

    revisions: Revisions
    files: StageFiles
    suite: str
    every: bool = False
    follow: bool = False


@dataclass(frozen=True)
class _State:
    """What the stage is at one moment of the history."""

    commit: Commit | None
    files: StageFiles
    made: Made
    # Which of the headers that were named there are.
    headers: frozenset[str] = frozenset()


def range_series(objects: GitObjects, request: RangeRequest) -> SourcedSeries:
    """The series of a range; raises `NoSource`."""
    past = history(objects, request.revisions)
    hashes = (past.baseline, *past.commits)
    paths = _paths(objects, hashes, request)
    cache: dict[object, Made] = {}
    states = [_committed(objects, oid, files, cache) for oid, files in zip(hashes, paths, strict=True)]
    if request.revisions.uncommitted:
        states.append(_uncommitted(objects, request.revisions.uncommitted, request.files))
    chosen = [states[0], *_changes(states, request.every)]
    _require_stages(states, chosen, request)
    return _series(chosen, request, past.notes)


def _paths(objects: GitObjects, hashes: tuple[str, ...], request: RangeRequest) -> list[StageFiles]:
    """What the files are called in each commit: as they were named, and before a rename, if it is to be followed, as they were then."""
    found = [request.files]
    for parent, commit in zip(reversed(hashes[:-1]), reversed(hashes[1:]), strict=True):
        found.append(_before(objects, parent, commit, found[-1]) if request.follow else found[-1])
    return found[::-1]


def _before(objects: GitObjects, parent: str, commit: str, files: StageFiles) -> StageFiles:
    old, new = (CommitTree(objects, objects.commit(oid).tree) for oid in (parent, commit))
    names = []
    for file in files.files:
        come = new.entry(file) is not None and old.entry(file) is None
        names.append((renamed_from(objects, parent, commit, file) if come else None) or file)
    return replace(files, files=tuple(names))


def _committed(objects: GitObjects, oid: str, files: StageFiles, cache: dict[object, Made]) -> _State:
    commit = objects.commit(oid)
    tree = CommitTree(objects, commit.tree)
    key = (files, *(tree.entry(place) for place in _looked_at(files)))
    if key not in cache:
        cache[key] = made_of(tree, files)
    return _State(commit, files, cache[key], _headers(tree, files))


def _headers(tree: FileTree, files: StageFiles) -> frozenset[str]:
    return frozenset(header for header in files.native.headers if has_file(tree, header))


def _looked_at(files: StageFiles) -> Iterator[str]:
    """Where everything is that decides what a stage is made of: what is in C may lead anywhere from there."""
    if is_c(files.module):
        yield ""
    yield from (file.rpartition("/")[0] for file in files.files)
    yield from files.includes


def _uncommitted(objects: GitObjects, what: str, files: StageFiles) -> _State:
    if objects.top is None:
        raise NoSource(f"there is no {what} here: the repository has no work tree; name a commit")
    tree: FileTree = IndexTree(objects) if what == INDEX else DiskTree(objects.top)
    return _State(None, files, made_of(tree, files), _headers(tree, files))


def _changes(states: list[_State], every: bool) -> Iterator[_State]:
    for before, state in pairwise(states):
        if every or (before.files, before.made) != (state.files, state.made):
            yield state


def _require_stages(states: list[_State], chosen: list[_State], request: RangeRequest) -> None:
    text, file = request.revisions.text, shown(request.files.module)
    if all(state.made.problem for state in states):
        raise NoSource(f"no commit of {text} has a file {file} that can be read: {_reason(states[-1])}; name another one with --file")
    found = frozenset[str]().union(*(state.headers for state in states))
    for header in request.files.native.headers:
        if header not in found:
            raise NoSource(f"no commit of {text} has a header {shown(header)}: name another one")
    if len(chosen) == 1:
        raise NoSource(f"{text} is empty: nothing in it changes {file}; --all-commits tests every commit")


def _reason(state: _State) -> str:
    return f"the last one {shown(state.made.problem)}"


def _series(states: list[_State], request: RangeRequest, notes: tuple[str, ...]) -> SourcedSeries:
    name = request.revisions.text
    targets = [_target(index, state, name, request) for index, state in enumerate(states)]
    messages = [f"{request.revisions.tip}: {UNCOMMITTED_TITLE}\n" if state.commit is None else state.commit.message for state in states]
    file = request.files.module.rpartition("/")[2]
    authors = tuple("" if state.commit is None else state.commit.author for state in states)
    return SourcedSeries(name, request.suite, tuple(targets), tuple(messages), file=readable(file), notes=notes, authors=authors)


def _target(index: int, state: _State, series: str, request: RangeRequest) -> Target:
    commit, made, path = state.commit, state.made, state.files.module
    title = f"{request.revisions.tip}: {UNCOMMITTED_TITLE}" if commit is None else commit.title or "(no title)"
    oid = "" if commit is None else commit.oid
    # Nobody has a file of that name: what is not in a file is not looked for in one.
    place = f"/git/{oid[:SHORT] or request.revisions.tip}/{path}"
    return Target(
        index,
        title if index else BASELINE,
        readable(path),
        place,
        series,
        request.suite,
        made.source,
        readable(made.problem),
        made.beside,
        alone=True,
        commit=oid,
        native=state.files.options,
    )


def open_repository(directory: str) -> GitObjects:
    """The repository around a directory; raises `NoSource`."""
    path = Path(directory or ".")
    if "\0" in directory or not path.is_dir():
        raise NoSource(f"{shown(directory)!r} is no directory; name a git repository with --repo")
    return GitObjects(path.absolute())


def baseline_of(objects: GitObjects, name: str) -> str:
    """The commit that patches are to be applied to."""
    return commit_called(objects, name or HEAD)
