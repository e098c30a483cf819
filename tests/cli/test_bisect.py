"""`git bisect` with `harness check` in an exported repository."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.invocation import QUICK, Harness

BREAK = "\n\nTaskletSubsystem.tasklet_schedule = lambda self, t: None\n"
NOT_PYTHON = "\n\ndef :\n"


def git(repository: Path, *arguments: str) -> str:
    """Run git in `repository` as somebody; return what it says."""
    somebody = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    result = subprocess.run(["git", *somebody, *arguments], cwd=repository, env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.strip()


def commit(repository: Path, text: str, subject: str) -> str:
    """Commit `text` as the file; return the hash."""
    (repository / "tasklet.py").write_text(text, encoding="utf-8")
    git(repository, "commit", "-qam", subject)
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(harness: Harness, tmp_path: Path) -> Path:
    """An exported series."""
    assert harness("series", "export", "repository").returncode == 0
    return tmp_path / "repository"


def bisect(repository: Path, bad: str) -> str:
    """Search between stage-0 and `bad`."""
    command = [sys.executable, "-m", "harness", "check", "tasklet.py", "--check", "exactly-once", *QUICK]
    git(repository, "bisect", "start", bad, "stage-0")
    return git(repository, "bisect", "run", *map(shlex.quote, command))


def test_bisect_names_the_commit_that_broke_it(repository: Path) -> None:
    """A break between stage 2 and stage 3, with the rest of the series on top of it."""
    git(repository, "checkout", "-qb", "broken", "stage-2")
    culprit = commit(repository, git(repository, "show", "stage-2:tasklet.py") + BREAK, "tasklet: Tidy up.")
    for stage in ("stage-3", "stage-4", "stage-5"):
        commit(repository, git(repository, "show", f"{stage}:tasklet.py") + BREAK, stage)
    assert f"{culprit} is the first bad commit" in bisect(repository, "broken")


def test_bisect_steps_over_what_cannot_be_tested(repository: Path) -> None:
    """A commit that is not Python, next to the culprit, is neither blamed nor fatal."""
    git(repository, "checkout", "-qb", "broken", "stage-2")
    text = git(repository, "show", "stage-2:tasklet.py")
    commit(repository, text + NOT_PYTHON, "tasklet: Forget to save.")
    commit(repository, text, "tasklet: Save.")
    culprit = commit(repository, text + BREAK, "tasklet: Tidy up.")
    commit(repository, text + "\n" + BREAK, "tasklet: Tidy up more.")
    assert f"{culprit} is the first bad commit" in bisect(repository, "broken")
