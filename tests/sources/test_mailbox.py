"""A mailbox of patches becomes the same series as the commits that it was made from, and the repository is only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.sources.git_range import open_repository
from harness.sources.made_of import StageFiles
from harness.sources.mailbox import MailRequest, mailbox_series
from harness.sources.safe_git import NoSource
from harness.sources.sourced_series import SourcedSeries
from tests.sources.repositories import Repository, everything
from tests.sources.test_git_range import hostile

LINES = [f"line {number}" for number in range(30)]


def text(**changed: str) -> str:
    """The lines, some of them changed: `l3="x"` is line 3."""
    return "".join(f"{changed.get(f'l{number}', line)}\n" for number, line in enumerate(LINES))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three patches on a base, which is tagged; the last one begins a file that the stage imports."""
    made = Repository(tmp_path_factory.mktemp("original") / "repo")
    made.commit("base", stage=text(), other="")
    made.git("tag", "base")
    made.commit("first", stage=text(l1="first"))
    made.commit("another file", other="x")
    made.commit("second: caf\u00e9", stage=text(l1="first", l20="second"))
    made.commit("third", stage=text(l1="first", l20="import helper"), helper="x = 1\n")
    return made.directory


@pytest.fixture
def repo(original: Path, tmp_path: Path) -> Repository:
    """A copy, to be changed."""
    return Repository.copy(original, tmp_path / "repo")


def mailbox(repo: Repository, *options: str, what: str = "base..main") -> Path:
    """What `git format-patch` makes of the commits."""
    path = repo.directory.parent / "patches.mbox"
    path.write_text(repo.git("format-patch", "--stdout", *options, what) + "\n")
    return path


def series(repo: Repository, path: Path, base: str = "base", every: bool = False) -> SourcedSeries:
    """The series of a mailbox."""
    with open_repository(str(repo.directory)) as objects:
        return mailbox_series(objects, MailRequest(str(path), base, StageFiles(("stage.py",)), "tasklets", every))


def rewritten(path: Path, *changes: tuple[str, str]) -> Path:
    """The mailbox with something else in it."""
    content = path.read_text()
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    path.write_text(content)
    return path


@pytest.mark.parametrize("options", [(), ("--cover-letter",), ("-v2", "--cover-letter"), ("--attach",), ("-N",)], ids=" ".join)
def test_what_git_format_patch_makes(repo: Repository, options: tuple[str, ...]) -> None:
    """Contents and titles are those of the commits; hashes are not, for nobody has such commits, but for the base."""
    found = series(repo, mailbox(repo, *options))
    assert [target.title for target in found.targets] == ["baseline", "first", "second: caf\u00e9", "third"]
    contents = [text(), text(l1="first"), text(l1="first", l20="second"), text(l1="first", l20="import helper")]
    assert [target.source.decode() for target in found.targets] == contents
    assert found.targets[3].beside == (("helper.py", b"x = 1\n"),)
    assert [target.commit for target in found.targets] == [repo.git("rev-parse", "base"), "", "", ""]
    assert (found.ends_early, found.notes, found.name) == ("", (), "patches.mbox")


def test_every_patch(repo: Repository) -> None:
    """If it is wanted, those that do not change the stage as well."""
    assert [target.title for target in series(repo, mailbox(repo), every=True).targets][2] == "another file"


def test_the_order_is_that_of_the_subjects(repo: Repository) -> None:
    """Mails come as they like; replies, and what is no patch, are not in the series."""
    path = mailbox(repo, "--cover-letter")
    mails = path.read_text().split("\nFrom ")
    reply = mails[2].replace("Subject: [PATCH", "Subject: Re: [PATCH")
    path.write_text("\nFrom ".join([mails[0], *mails[:0:-1], reply]).replace("\nFrom From ", "\nFrom ") + "\n")
    assert [target.title for target in series(repo, path).targets] == ["baseline", "first", "second: caf\u00e9", "third"]


def test_a_patch_that_needs_a_three_way_merge(repo: Repository) -> None:
    """The base has moved on, and the context with it: what the patch was made from is in the repository."""
    path = mailbox(repo, what="base..main~3")
    repo.git("checkout", "--quiet", "-b", "moved", "base")
    repo.commit("moved", stage=text(l4="moved"))
    found = series(repo, path, "moved")
    assert found.targets[1].source.decode() == text(l1="first", l4="moved")


def test_a_patch_that_does_not_apply_ends_the_series(repo: Repository) -> None:
    """The stages before it are there; its subject and the hunk are said, and how many stages there should be."""
    path = rewritten(mailbox(repo), ("-line 20\n", "-line twenty\n"), (" line 19\n", " line nineteen\n"))
    found = series(repo, path)
    assert [target.title for target in found.targets] == ["baseline", "first"]
    assert found.ends_early == "patch 3/4 (second: caf\u00e9) does not apply: stage.py, @@ -18,7 +18,7 @@ line 16"
    assert "-line twenty" in found.hunk
    assert found.every_stage == (0, 1, 2, 3)


def test_one_that_does_not_apply_at_all(repo: Repository) -> None:
    """There is no series then."""
    path = rewritten(mailbox(repo), ("-line 1\n", "-line one\n"), (" line 0\n", " line zero\n"))
    with pytest.raises(NoSource, match=r"^patch 1/4 \(first\) does not apply: stage\.py, @@ -1,5 \+1,5 @@$"):
        series(repo, path)


def test_what_is_in_the_base_already_and_what_is_not_there(repo: Repository) -> None:
    """Both are said; of a series that lacks a patch, nobody can say that it is bisectable."""
    path = mailbox(repo, what="base..main")
    assert "first changes nothing: it is in the base already" in series(repo, path, "main~3").notes
    mails = path.read_text().split("\nFrom ")
    path.write_text("\nFrom ".join([mails[0], *mails[2:]]) + "\n")
    found = series(repo, path)
    assert found.notes == ("the mailbox lacks 2 of 4 patches",)
    assert len(found.every_stage) > len(found.targets)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no mail with a patch"),
        ("#!/bin/sh\necho hello\n", "has no mail with a patch"),
        ("\0\1\2\3", "has no mail with a patch"),
        (None, "cannot read the mailbox .*: No such file or directory"),
    ],
)
def test_what_is_no_mailbox(repo: Repository, tmp_path: Path, content: str | None, said: str) -> None:
    """One line says so."""
    path = tmp_path / "junk"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NoSource, match=said) as raised:
        series(repo, path)
    assert "\n" not in str(raised.value)


def test_two_versions_in_one_mailbox(repo: Repository) -> None:
    """Nobody knows which one is meant."""
    path = mailbox(repo)
    path.write_text(path.read_text() * 2)
    with pytest.raises(NoSource, match=r"there are 2 patches with number 1: keep one version of the series"):
        series(repo, path)


@pytest.mark.parametrize("name", ["../escaped.py", ".git/hooks/applypatch-msg"])
def test_a_patch_that_leads_elsewhere(repo: Repository, tmp_path: Path, name: str) -> None:
    """It does not apply, and writes nothing."""
    path = rewritten(mailbox(repo, what="base..main~3"), ("a/stage.py", f"a/{name}"), ("b/stage.py", f"b/{name}"))
    with pytest.raises(NoSource, match="does not apply"):
        series(repo, path)
    assert not list(tmp_path.rglob("escaped.py"))


def test_the_repository_is_not_touched(repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a byte, not a time: the patches make objects that it has already. Nothing of it is executed, and nothing is left behind."""
    trap, scratch = tmp_path / "trap", tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    path = mailbox(repo)
    (repo.directory / ".git" / "info" / "attributes").write_text("*.py filter=evil diff=evil merge=evil\n")
    hostile(repo, trap)
    before = everything(repo.directory)
    assert len(series(repo, path).targets) == 4
    assert everything(repo.directory) == before
    assert not trap.exists()
    assert list(scratch.iterdir()) == []
