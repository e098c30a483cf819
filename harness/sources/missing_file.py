"""A file that is missing: whether it may be there in another commit, or whether its name is a mistake in all of them.

Git is asked only where there is no such file, and says so only of what it knows wholly: in doubt, another commit may have the file.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from harness.sources.project_file import work_tree
from harness.sources.safe_git import NoSource, run_git, text_of

# How many other names are told.
MOST_NAMES = 3
# A path below a submodule is in no commit of the repository around it.
SUBMODULES = ".gitmodules"


def in_no_commit(path: str) -> bool:
    """Whether there is no such file, and none in any commit of the repository around it, whichever branch that is on.

    Not where there is no repository, git fails, or it knows the history in part only; nor of a path that git ignores (something makes that
    file, and may fail to), or that leads through a symbolic link.
    """
    place = Path(os.path.abspath(path))
    top = work_tree(place)
    return top is not None and _is_missing(place) and _nowhere(top, str(place.relative_to(top)))


def near_names(path: str) -> list[str]:
    """Files of the repository around `path` that may be meant, as the user would name them; those of that name come before any like it."""
    place = Path(os.path.abspath(path))
    top = work_tree(place)
    if top is None:
        return []
    listed = [text_of(each) for each in run_git(top, "ls-files", "-z").stdout.split(b"\0") if each]
    named_so = [each for each in listed if os.path.basename(each) == place.name]
    found = named_so or get_close_matches(str(place.relative_to(top)), listed, n=MOST_NAMES)
    return [os.path.relpath(top / each) for each in found[:MOST_NAMES]]


def _is_missing(place: Path) -> bool:
    try:
        place.lstat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return False


def _nowhere(top: Path, path: str) -> bool:
    """Whether no commit has the path, and git knows that for sure."""
    try:
        return (
            _says(top, "false", "rev-parse", "--is-shallow-repository")
            and not _may_be_ignored(top, path)
            and _says(top, "", "log", "--all", "--full-history", "--max-count=1", "--format=%H", "--", path, SUBMODULES)
        )
    except NoSource:
        return False


def _says(top: Path, answer: str, *words: str) -> bool:
    done = run_git(top, *words)
    return done.returncode == 0 and done.stdout.decode().strip() == answer


def _may_be_ignored(top: Path, path: str) -> bool:
    """Also where git refuses to tell: a path leads through a symbolic link, or into a submodule."""
    # (That command does not take paths literally; behind `./` no letter is special to it.)
    return run_git(top, "check-ignore", "--quiet", "--", f"./{path}", more={"GIT_LITERAL_PATHSPECS": "0"}).returncode != 1
