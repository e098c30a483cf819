"""What names a series to others."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.arguments import parse
from harness.cli.replay import ReplayRequest
from harness.cli.series_source import file_words, sourced, suite_words
from tests.sources.repositories import Repository

STAGE = "def step(hv):\n    hv.smp_mb()\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository, to be in, and its last patch as a mailbox; HEAD is before it."""
    made = Repository(tmp_path)
    made.commit("base", stage=STAGE)
    made.commit("patch", stage=f"# A patch.\n{STAGE}")
    mails = made.git("format-patch", "--stdout", "HEAD~1..main")
    made.git("checkout", "--quiet", "HEAD~1")
    (tmp_path / "the patches.mbox").write_text(f"{mails}\n")
    monkeypatch.chdir(tmp_path)
    return made


def lasting(*words: str) -> tuple[str, ...]:
    """The words that name a series to others, which is the same series."""
    request: ReplayRequest = parse(["replay", "h2", *words]).request
    found = sourced(request.source)
    again: ReplayRequest = parse(["replay", "h2", *found.lasting.words]).request
    assert [each.source for each in sourced(again.source).series.targets] == [each.source for each in found.series.targets]
    return found.lasting.words


def test_commits_are_named_by_their_hashes(repo: Repository) -> None:
    """Also where the base is HEAD, since nobody has said anything, and where the repository has said which it is."""
    base, tip = (repo.git("rev-parse", "--short=12", name) for name in ("HEAD", "main"))
    assert lasting("--range", "..main", "--file", "stage.py") == ("--range", f"{base}..{tip}", "--file", "stage.py")
    mails = ("--mbox", "the patches.mbox")
    assert lasting(*mails, "--file", "stage.py") == (*mails, "--base", base, "--file", "stage.py")
    (repo.directory / "harness.toml").write_text('files = ["stage.py"]\nbase = "main~1"\n')
    assert lasting("--range", "..main") == ("--range", f"{base}..{tip}")
    assert lasting(*mails) == (*mails, "--base", base)


def test_what_else_is_named() -> None:
    """A file, its options and a suite are as they were given."""
    request: ReplayRequest = parse(["replay", "h2", "a stage.c", "--cc", "gcc", "--cflag", "-O1", "--suite", "./s.py"]).request
    words = file_words("a stage.c", request.source.native, request.suite)
    assert words == ("a stage.c", "--cc", "gcc", "--cflag=-O1", "--suite", "./s.py")
    again: ReplayRequest = parse(["replay", "h2", *words]).request
    assert again == request
    assert suite_words(None) == ()
