"""A small repository for searches: a clause is broken in it, mended and broken again."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.main import main
from tests.cli.invocation import without_progress
from tests.sources.forty_commits import NOT_PYTHON, source
from tests.sources.repositories import Repository

CHECK = ("--check", "before-init", "--seeds", "1", "--executions", "200", "--jobs", "1")
# Each commit by its tag; the clause is violated in some of them, and one is no Python.
COMMITS = ("base", "tidy", "early", "mended", "half", "again", "tip")
BROKEN = ("early", "again", "tip")


def make(directory: Path) -> Repository:
    """The repository; its file is `stage.py`."""
    made = Repository(directory)
    for number, name in enumerate(COMMITS):
        made.commit(name, stage=source(["early"] * (name in BROKEN), number, NOT_PYTHON if name == "half" else ""))
        made.git("tag", name)
    return made


def said(capsys: pytest.CaptureFixture[str], repo: Repository, *words: str) -> tuple[int, str]:
    """What a command ends with and prints; nothing is on stderr."""
    code = main([*words, *CHECK, "--file", "stage.py", "--repo", str(repo.directory)])
    out, err = capsys.readouterr()
    assert without_progress(err) == ""
    return code, out


def last(out: str) -> str:
    """The last line."""
    return out.splitlines()[-1]
