"""Whether a file that is missing may be there in another commit, and what may be meant instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.sources import missing_file
from harness.sources.missing_file import in_no_commit, near_names
from tests.sources.repositories import Repository


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with two files, in the directory in which the test is."""
    made = Repository(tmp_path / "repository")
    made.commit("first", tasklet="", lib__ring="")
    monkeypatch.chdir(made.directory)
    return made


@pytest.mark.parametrize("path", ["taskelt.py", "lib/taskelt.py", "no/such/one.py", "lib/../taskelt.py", "[t]asklet.py", ":!tasklet.py"])
def test_a_name_that_no_commit_has(repository: Repository, path: str) -> None:
    """Whatever its letters mean to git, and also if its directory is missing; from another directory, too."""
    assert in_no_commit(path)
    assert in_no_commit(str(repository.directory / path))


def _earlier(repository: Repository) -> None:
    repository.commit("with it", other="")
    repository.commit("without", other=None)


def _later(repository: Repository) -> None:
    """As while a bisection looks at an old commit: the newer ones are its alone."""
    repository.git("checkout", "--quiet", "--detach")
    repository.git("update-ref", "refs/bisect/bad", repository.commit("with it", other=""))
    repository.git("checkout", "--quiet", "main")


def _dropped(repository: Repository) -> None:
    """On a branch of which the merge has kept nothing."""
    repository.git("checkout", "--quiet", "-b", "side")
    _earlier(repository)
    repository.git("checkout", "--quiet", "main")
    repository.commit("meanwhile", more="")
    repository.git("merge", "--quiet", "--no-edit", "side")
    repository.git("branch", "--delete", "--force", "side")


def _staged(repository: Repository) -> None:
    (repository.directory / "other.py").touch()


def _ignored(repository: Repository) -> None:
    (repository.directory / ".gitignore").write_text("/oth*\n", encoding="utf-8")


def _with_submodules(repository: Repository) -> None:
    repository.commit_all("with one", {".gitmodules": ""})


def _no_history(repository: Repository) -> None:
    (repository.directory / ".git" / "shallow").write_text(repository.git("rev-parse", "HEAD") + "\n", encoding="utf-8")


def _damaged(repository: Repository) -> None:
    (repository.directory / ".git" / "HEAD").unlink()


@pytest.mark.parametrize("happens", [_earlier, _later, _dropped, _staged, _ignored, _with_submodules, _no_history, _damaged])
def test_a_name_that_another_commit_may_have(repository: Repository, happens: Callable[[Repository], None]) -> None:
    """It was there, will be, is on its way, or git cannot tell; before that happens, no commit has it."""
    assert in_no_commit("other.py")
    happens(repository)
    assert not in_no_commit("other.py")


def test_a_path_that_leads_elsewhere(repository: Repository) -> None:
    """Through a symbolic link, whose end may be another one in other commits, or through a file; one around the repository is neither."""
    (repository.directory / "link").symlink_to("lib")
    assert not in_no_commit("link/other.py")
    assert not in_no_commit("tasklet.py/other.py")
    around = repository.directory.parent / "around"
    around.symlink_to(repository.directory)
    assert in_no_commit(str(around / "other.py"))


def test_no_repository(tmp_path: Path) -> None:
    """Nothing is known there, and nothing is meant."""
    assert not in_no_commit(str(tmp_path / "other.py"))
    assert near_names(str(tmp_path / "other.py")) == []


def test_no_git(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a git that can be run, nothing is known."""

    def fails(*_: object, **__: object) -> None:
        raise missing_file.NoSource("there is no git command")

    monkeypatch.setattr(missing_file, "run_git", fails)
    assert not in_no_commit("other.py")


def test_what_may_be_meant(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of that name in another directory, or what is like it, from where the user is."""
    assert near_names("ring.py") == ["lib/ring.py"]
    assert near_names("taskelt.py") == ["tasklet.py"]
    assert near_names("qqq") == []
    monkeypatch.chdir(repository.directory / "lib")
    assert near_names("tasklet.py") == ["../tasklet.py"]
    assert near_names("rings.py") == ["ring.py"]
