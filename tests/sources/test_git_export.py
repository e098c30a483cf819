"""The exported repository: its history, the same everywhere, and nothing half-written."""

from __future__ import annotations

from pathlib import Path

import git
import pytest

from harness.sources import git_export as export
from harness.sources.git_export import CannotExport, export_series
from harness.sources.shipped import shipped_series
from stages import FIXED

SHIPPED = shipped_series(FIXED)

TITLES = [stage.title for stage in FIXED.stages[1:]]


def hashes(directory: Path) -> list[str]:
    """The commits, the oldest first."""
    with git.Repo(directory) as repo:
        return [commit.hexsha for commit in repo.iter_commits("main", reverse=True)]


def test_one_commit_per_stage(tmp_path: Path) -> None:
    """Subject, body, tag and content are those of the stage; the work tree is the last one's and clean."""
    directory = tmp_path / "out"
    assert export_series(SHIPPED, str(directory)) == [f"stage-{index}" for index in range(6)]
    assert sorted(path.name for path in directory.iterdir()) == [".git", "tasklet.py"]
    with git.Repo(directory) as repo:
        commits = list(repo.iter_commits("main", reverse=True))
        assert [commit.summary for commit in commits] == ["tasklet: Protect every tasklet by one global lock.", *TITLES]
        for commit, stage in zip(commits, FIXED.stages, strict=True):
            assert repo.tag(f"stage-{stage.index}").commit == commit
            body = str(commit.message).partition("\n\n")[2]
            assert stage.message
            assert body.split() == stage.message.split()
            assert max(map(len, body.splitlines())) <= 72
            assert [blob.name for blob in commit.tree] == ["tasklet.py"]
            assert commit.tree["tasklet.py"].data_stream.read() == stage.path.read_bytes()
        assert not repo.is_dirty(untracked_files=True)
        repo.git.fsck("--strict")


def test_the_same_hashes_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the user's environment nor their configuration of git changes them."""
    export_series(SHIPPED, str(tmp_path / "one"))
    config = tmp_path / "config"
    config.write_text(
        "[user]\nname = Another\nemail = another@example.org\n[commit]\ngpgsign = true\n[tag]\ngpgsign = true\n"
        "[core]\nautocrlf = true\n[init]\ndefaultBranch = trunk\n",
        encoding="utf-8",
    )
    for name, value in {
        "GIT_CONFIG_GLOBAL": str(config), "GIT_AUTHOR_NAME": "Another", "GIT_COMMITTER_DATE": "1 +0100", "TZ": "Asia/Tokyo",
        "GIT_DIR": str(tmp_path / "elsewhere"), "GIT_DEFAULT_HASH": "sha256",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    export_series(SHIPPED, str(tmp_path / "two"))
    monkeypatch.undo()
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert not (tmp_path / "elsewhere").exists()


def test_into_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory itself stays, so that a shell in it sees the result."""
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    export_series(SHIPPED, ".")
    assert tmp_path.stat().st_ino == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "tasklet.py"]


@pytest.mark.parametrize("exists", [False, True])
def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool) -> None:
    """Neither in the target nor next to it."""
    directory = tmp_path / "out"
    if exists:
        directory.mkdir()
    before = sorted(tmp_path.rglob("*"))

    def fail(repo: git.Repo, target: object, message: str, file: str) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "_commit", fail)
    with pytest.raises(CannotExport, match="No space left on device"):
        export_series(SHIPPED, str(directory))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("content", ["a file", "a full directory", "a dangling link"])
def test_a_target_in_use_is_refused(tmp_path: Path, content: str) -> None:
    """It stays as it is."""
    target = tmp_path / "out"
    if content == "a file":
        target.write_text("precious", encoding="utf-8")
    elif content == "a full directory":
        target.mkdir()
        (target / "precious").touch()
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(CannotExport, match="name "):
        export_series(SHIPPED, str(target))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_a_killed_export_has_left_is_cleared(tmp_path: Path) -> None:
    """It does not make the directory one that is not empty."""
    (tmp_path / f".harness-export-{1 << 40}-x" / "repository").mkdir(parents=True)
    export_series(SHIPPED, str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "tasklet.py"]
