"""Makes a git repository of a series: one commit per stage, of its files. The same series gives the same commit hashes everywhere."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from harness.scratch import ScratchDirectory
from harness.sources.export_files import exported_files
from harness.sources.left_behind import clear_left_behind
from harness.sources.sourced_series import SourcedSeries
from harness.sources.target import Target
from harness.stopping import uninterrupted

try:
    import git
except ImportError as error:  # GitPython raises this when there is no git command.
    _NO_GIT: str | None = str(error).splitlines()[0]
else:
    _NO_GIT = None

WHO = ("series harness", "series-harness@example.org")
# The month of the posted series; a commit a minute.
FIRST_COMMIT = 1408968000


class CannotExport(Exception):
    """The message says what is wrong with the directory and what to do."""


def tag_of(target: Target) -> str:
    """The tag of the commit of a stage."""
    return f"stage-{target.index}"


def export_series(series: SourcedSeries, directory: str) -> list[str]:
    """Make the repository in `directory`, which must not exist or be empty; return its tags. Nothing is left behind on failure."""
    if _NO_GIT is not None:
        raise CannotExport(f"cannot run git ({_NO_GIT}); install it")
    target = Path(directory)
    clear_left_behind(_workplace(target), re.compile(r"\.harness-export-([0-9]+)-.*"))
    try:
        if target.is_symlink() or target.exists():
            if not target.is_dir():
                raise CannotExport(f"{directory} is not a directory; name one that does not exist or is empty")
            if any(target.iterdir()):
                raise CannotExport(f"{directory} is not empty; name a directory that does not exist or is empty")
        return _export(series, target)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotExport(f"cannot make a repository in {directory}: {reason}; name a writable place") from None


def _export(series: SourcedSeries, target: Path) -> list[str]:
    """Build the repository next to where it goes (inside an empty directory), and move it there when it is complete."""
    existed = target.is_dir()
    with ScratchDirectory(f".harness-export-{os.getpid()}-", _workplace(target)) as scratch:
        built = Path(scratch, "repository")
        tags = _build(series, built)
        with uninterrupted():
            if existed:
                _move_contents(built, target)
            else:
                built.rename(target)
    return tags


def _workplace(target: Path) -> Path:
    return target if target.is_dir() else target.parent


def _move_contents(built: Path, target: Path) -> None:
    moved = []
    try:
        # The .git directory comes last: without it, this is no repository yet.
        for path in sorted(built.iterdir(), reverse=True):
            moved += [path.rename(target / path.name)]
    except OSError:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise


def _build(series: SourcedSeries, directory: Path) -> list[str]:
    # Nothing of the user's environment or configuration may reach the repository or its hashes.
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("GIT_")}
    try:
        directory.mkdir()
        git.Git(directory).init(initial_branch="main", object_format="sha1", template="")
        with git.Repo(directory) as repo:
            pairs = zip(series.targets, series.messages, strict=True)
            return [_commit(repo, target, message, exported_files(series, target)) for target, message in pairs]
    except git.GitError as error:
        raise CannotExport(f"git failed: {' '.join(str(error).split())}") from None
    finally:
        os.environ.update(kept)


def _commit(repo: git.Repo, target: Target, message: str, present: Mapping[str, bytes]) -> str:
    if gone := [path for path, _ in repo.index.entries if str(path) not in present]:
        repo.index.remove(gone, working_tree=True)
    for name, content in present.items():
        path = Path(repo.working_dir, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if present:
        repo.index.add(list(present))
    who = git.Actor(*WHO)
    when = f"{FIRST_COMMIT + 60 * target.index} +0000"
    commit = repo.index.commit(message, author=who, committer=who, author_date=when, commit_date=when, skip_hooks=True)
    git.TagReference.create(repo, tag_of(target), commit)
    return tag_of(target)
