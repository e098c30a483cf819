"""Names of commits that last, and how a range is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.sources.git_history import ENOUGH_DIGITS, Revisions, lasting_name, lasting_range
from harness.sources.git_objects import GitObjects
from harness.sources.safe_git import NoSource
from tests.sources.repositories import Repository


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """Two commits."""
    made = Repository(tmp_path / "repo")
    made.commit("one")
    made.commit("two")
    return made


def test_a_range_for_others(repo: Repository) -> None:
    """Each end is the beginning of a hash, however it was named; what is not committed is called as before."""
    one, two = (repo.git("rev-parse", name) for name in ("HEAD~1", "HEAD"))
    with GitObjects(repo.directory) as objects:
        assert lasting_range(objects, Revisions("HEAD^", "main")) == f"{one[:12]}..{two[:12]}"
        assert lasting_range(objects, Revisions(one, "WORKTREE")) == f"{one[:12]}..WORKTREE"
        with pytest.raises(NoSource, match="there is no commit 'none'"):
            lasting_name(objects, "none")


def test_a_beginning_that_means_something_else(repo: Repository) -> None:
    """The whole hash is the name then."""
    one, two = (repo.git("rev-parse", name) for name in ("HEAD~1", "HEAD"))
    # A branch of that name.
    repo.git("update-ref", f"refs/heads/{one[:ENOUGH_DIGITS]}", two)
    with GitObjects(repo.directory) as objects:
        assert lasting_name(objects, "HEAD~1") == one


def test_whole_hashes_are_not_read_by_people() -> None:
    """A range is called by their beginnings; other names are as they are."""
    sha1, sha256 = "0123456789" * 4, "ab12" * 16
    assert Revisions(sha1, sha256).text == "012345678901..ab12ab12ab12"
    assert Revisions(sha1[:39], "topic").text == f"{sha1[:39]}..topic"
    assert Revisions(sha1, sha256, "some.mbox").text == "some.mbox"
