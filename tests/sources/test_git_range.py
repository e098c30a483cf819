"""A range of commits becomes a series: the right commits, the right contents, and nothing is touched or executed on the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.sources.git_history import parsed_range
from harness.sources.git_range import RangeRequest, open_repository, range_series
from harness.sources.made_of import StageFiles, inner_paths
from harness.sources.safe_git import NoSource
from harness.sources.sourced_series import SourcedSeries
from tests.sources.repositories import Repository, everything


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path / "repo")


def series(
    repo: Repository | Path, text: str, *files: str, includes: tuple[str, ...] = (), every: bool = False, follow: bool = False
) -> SourcedSeries:
    """The series of a range."""
    directory = repo.directory if isinstance(repo, Repository) else repo
    with open_repository(str(directory)) as objects:
        wanted = StageFiles(inner_paths(files or ("stage.py",), objects.prefix), includes)
        return range_series(objects, RangeRequest(parsed_range(text), wanted, "tasklets", every, follow))


def contents(found: SourcedSeries) -> list[str]:
    """The source of each stage, or its problem."""
    return [target.problem or target.source.decode() for target in found.targets]


def test_the_base_and_the_commits_that_touch_the_file(repo: Repository) -> None:
    """In their order, with hash and subject; the base is stage 0; other commits are stages only if all are."""
    base = repo.commit("base", stage="0")
    one = repo.commit("One.\n\nWhy.", stage="1")
    other = repo.commit("another file", other="x")
    two = repo.commit("two", stage="2")
    found = series(repo, f"{base}..HEAD")
    assert contents(found) == ["0", "1", "2"]
    assert [(target.index, target.title, target.commit) for target in found.targets] == [
        (0, "baseline", base), (1, "One.", one), (2, "two", two),
    ]  # fmt: skip
    assert found.messages[1] == "One.\n\nWhy.\n"
    every = series(repo, f"{base}..", every=True)
    assert [target.commit for target in every.targets] == [base, one, other, two]
    assert all(target.alone and target.label == f"stage {target.index}" for target in found.targets)


def test_a_stage_has_its_neighbours_of_the_same_commit(repo: Repository) -> None:
    """Those that it can import, and those that they can; a commit that changes only one of them is a stage, too."""
    base = repo.commit(
        "base", stage="import helper", helper="import deep", deep="x = 0", unrelated="0", **{"pkg/__init__": "", "pkg/inner": "1"}
    )
    repo.commit("a helper of a helper", deep="x = 1")
    repo.commit("nothing to do with it", unrelated="1")
    repo.commit("a package", stage="import helper\nfrom pkg.inner import *")
    found = series(repo, f"{base}..main")
    helper = ("helper.py", b"import deep")
    assert [target.beside for target in found.targets] == [
        (("deep.py", b"x = 0"), helper),
        (("deep.py", b"x = 1"), helper),
        (("deep.py", b"x = 1"), helper, ("pkg/__init__.py", b""), ("pkg/inner.py", b"1")),
    ]
    assert len({target.content_hash for target in found.targets}) == 3


def test_more_files_and_directories_to_import_from(repo: Repository) -> None:
    """Files that are named belong to the stage wherever they lie; what is included is looked at last."""
    base = repo.commit("base", src__stage="import helper, far", lib__helper="0", lib__far="0", src__far="near", own__extra="0")
    repo.commit("own", own__extra="1")
    repo.commit("lib", lib__helper="1")
    found = series(repo, f"{base}..", "src/stage.py", "own/extra.py", includes=("lib",))
    assert [dict(target.beside) for target in found.targets] == [
        {"extra.py": b"0", "far.py": b"near", "helper.py": b"0"},
        {"extra.py": b"1", "far.py": b"near", "helper.py": b"0"},
        {"extra.py": b"1", "far.py": b"near", "helper.py": b"1"},
    ]


def test_merges_count_by_their_first_parent(repo: Repository) -> None:
    """A branch that was merged is one stage, what its merge changes; the commits on it are none."""
    base = repo.commit("base", stage="0")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("on the side", stage="0 side")
    repo.git("checkout", "--quiet", "main")
    repo.commit("another file", other="")
    repo.git("merge", "--quiet", "--no-ff", "-m", "the merge", "side")
    found = series(repo, f"{base}..main")
    assert [target.title for target in found.targets] == ["baseline", "the merge"]
    assert contents(found) == ["0", "0 side"]


def test_a_base_that_has_moved_on(repo: Repository) -> None:
    """The baseline is where the two part, so that no patch is blamed for what only the base has; that is said."""
    fork = repo.commit("fork", stage="0")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit("patch", stage="1")
    repo.git("checkout", "--quiet", "main")
    moved = repo.commit("moved on", stage="main")
    found = series(repo, "main..topic")
    assert contents(found) == ["0", "1"]
    assert found.targets[0].commit == fork
    (note,) = found.notes
    assert fork[:10] in note
    assert moved[:10] in note


def test_renames(repo: Repository) -> None:
    """They are followed if that is wanted; otherwise the file is missing before, which makes stages untestable, not bad."""
    text = "".join(f"line {number}\n" for number in range(20))
    base = repo.commit("base", old__stage=text, old__helper="0")
    repo.commit("patch", old__stage=f"import helper\n{text}")
    repo.commit("rename", old__stage=None, new__stage=f"import helper\n{text}#\n", new__helper="1")
    found = series(repo, f"{base}..", "new/stage.py", follow=True)
    assert [target.module for target in found.targets] == ["old/stage.py", "old/stage.py", "new/stage.py"]
    assert [dict(target.beside) for target in found.targets] == [{}, {"helper.py": b"0"}, {"helper.py": b"1"}]
    lost = series(repo, f"{base}..", "new/stage.py")
    assert [target.problem for target in lost.targets] == ["has no file new/stage.py", ""]


def test_what_is_no_file_is_untestable(repo: Repository) -> None:
    """Missing, a symbolic link, a directory: a problem for that stage, and the others have none."""
    base = repo.commit("base", stage="0")
    repo.commit("gone", stage=None)
    (repo.directory / "stage.py").symlink_to("/etc/passwd")
    repo.commit("link")
    (repo.directory / "stage.py").unlink()
    repo.commit("back", stage="1")
    assert contents(series(repo, f"{base}..")) == ["0", "has no file stage.py", "has a symbolic link where stage.py should be", "1"]


def test_what_is_not_committed(repo: Repository) -> None:
    """The index and the files as they are can be the last stage; each has its own neighbours."""
    base = repo.commit("base", stage="import helper", helper="0")
    repo.commit("one", stage="import helper # 1")
    (repo.directory / "stage.py").write_text("import helper # staged")
    repo.git("add", "stage.py")
    (repo.directory / "helper.py").write_text("worked on")
    found = series(repo, f"{base}..INDEX")
    assert contents(found) == ["import helper", "import helper # 1", "import helper # staged"]
    # Nobody has committed it.
    assert found.authors == ("A U Thor <author@example.org>", "A U Thor <author@example.org>", "")
    last = series(repo, "HEAD..WORKTREE").targets[-1]
    assert (last.source, last.beside, last.commit) == (b"import helper # staged", (("helper.py", b"worked on"),), "")
    assert series(repo, "HEAD..INDEX").targets[-1].beside == (("helper.py", b"0"),)


@pytest.mark.parametrize("form", ["bare", "linked worktree", "submodule", "subdirectory"])
def test_repositories_of_every_form(repo: Repository, tmp_path: Path, form: str) -> None:
    """The same series comes out of each."""
    repo.commit("base", stage="0")
    repo.git("tag", "base")
    repo.commit("one", stage="1")
    place = tmp_path / "place"
    if form == "bare":
        repo.git("clone", "--quiet", "--bare", str(repo.directory), str(place))
    elif form == "linked worktree":
        repo.git("worktree", "add", "--quiet", "--detach", str(place))
    elif form == "submodule":
        outer = Repository(tmp_path / "outer")
        outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo.directory), "inner")
        place = outer.directory / "inner"
    else:
        place = repo.directory / "deep"
        place.mkdir()
    found = series(place, "base..", "../stage.py" if form == "subdirectory" else "stage.py")
    assert contents(found) == ["0", "1"]


def test_a_shallow_clone(repo: Repository, tmp_path: Path) -> None:
    """What it has can be tested; where its history ends too early, it says what to do."""
    for number in range(4):
        repo.commit(f"{number}", stage=str(number))
        repo.git("tag", f"v{number}")
    repo.git("clone", "--quiet", "--depth", "2", f"file://{repo.directory}", str(tmp_path / "shallow"))
    assert contents(series(tmp_path / "shallow", "HEAD~1..HEAD")) == ["2", "3"]
    repo.git("fetch", "--quiet", "--depth", "1", "origin", "v0", where=tmp_path / "shallow")
    with pytest.raises(NoSource, match=r"ends at [0-9a-f]+ before the ends meet, and the clone is shallow: .*fetch-depth: 0"):
        series(tmp_path / "shallow", "FETCH_HEAD..HEAD")
    with pytest.raises(
        NoSource, match=r"no commit 'v0' in the repository: the clone is shallow: fetch .*git fetch --unshallow; .*fetch-depth: 0"
    ):
        series(tmp_path / "shallow", "v0..HEAD")


def test_a_branch_that_only_the_remote_has(repo: Repository, tmp_path: Path) -> None:
    """A clone of one branch, as continuous integration makes it, knows the others by longer names."""
    repo.commit("0", stage="0")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit("1", stage="1")
    repo.git("clone", "--quiet", f"file://{repo.directory}", str(tmp_path / "clone"))
    with pytest.raises(NoSource, match="there is no commit 'main' in the repository: origin/main is there; name a branch"):
        series(tmp_path / "clone", "main..topic")


def test_line_ends_and_names_that_are_no_text(repo: Repository) -> None:
    """CRLF comes through as it is, and so does a name in another encoding; what people read is text."""
    name = b"st\xe9ge.py"
    base = repo.commit("base", stage=b"a\r\n")
    repo.git("config", "core.autocrlf", "true")
    with open(os.path.join(os.fsencode(repo.directory), name), "wb") as file:
        file.write(b"b\n")
    repo.commit("caf\x1b[31m\u00e9", stage=b"c\r\n")
    found = series(repo, f"{base}..")
    assert found.targets[0].source == b"a\r\n"
    assert found.targets[1].title == "caf\ufffd[31m\u00e9"
    other = series(repo, f"{base}..", os.fsdecode(name))
    assert [target.problem for target in other.targets] == ["has no file st\ufffdge.py", ""]
    assert other.targets[1].module == "st\ufffdge.py"


@pytest.fixture(scope="module")
def two_histories(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that no test changes."""
    repo = Repository(tmp_path_factory.mktemp("two") / "repo")
    repo.commit("base", stage="0", still="x")
    repo.git("tag", "base")
    repo.commit("one", stage="1")
    repo.git("checkout", "--quiet", "--orphan", "lonely")
    repo.commit("another history", stage="2")
    return repo


@pytest.mark.parametrize(
    ("text", "file", "said"),
    [
        ("main..main", "stage.py", "is empty: both ends are the same commit"),
        ("main..base", "stage.py", "is empty: the tip is an ancestor of the base; write base..main"),
        ("lonely..main", "stage.py", "the two ends have no commit in common"),
        ("nowhere..main", "stage.py", "there is no commit 'nowhere' in the repository"),
        ("main", "stage.py", "'main' is no range: write BASE..TIP"),
        ("base...main", "stage.py", "is no range: write BASE..TIP"),
        ("--upload-pack=touch owned..main", "stage.py", "is no name of a commit"),
        ("base..--output=owned", "stage.py", "is no name of a commit"),
        ("base\n..main", "stage.py", "is no name of a commit"),
        ("base..main\nHEAD", "stage.py", "is no name of a commit"),
        ("WORKTREE..main", "stage.py", "WORKTREE cannot be the base of a range"),
        ("base..main", "nothing.py", "no commit of base..main has a file nothing.py that can be read"),
        ("base..main", "still.py", "base..main is empty: nothing in it changes still.py; --all-commits"),
        ("base..main", "../stage.py", "'../stage.py' is no path of a file in the repository"),
        ("base..main", "a/../../stage.py", "is no path of a file in the repository"),
        ("base..main", "/etc/passwd", "'/etc/passwd' is no path of a file in the repository"),
        ("base..main", ".git/config", "is no path of a file in the repository"),
        ("base..main", "sta\nge.py", "is no path of a file in the repository"),
        ("base..main", "--output=owned", "no commit of base..main has a file --output=owned"),
    ],
)
def test_what_is_no_range(two_histories: Repository, text: str, file: str, said: str) -> None:
    """One line says what is wrong; nothing comes of a hostile name."""
    repo = two_histories
    before = everything(repo.directory)
    with pytest.raises(NoSource) as raised:
        series(repo, text, file)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert everything(repo.directory) == before


def test_no_repository_and_no_commit(tmp_path: Path) -> None:
    """A place that is none, a directory without a repository, and one without a commit."""
    for place, said in ((tmp_path / "nowhere", "is no directory"), (tmp_path, "is in no git repository")):
        with pytest.raises(NoSource, match=said):
            series(place, "a..b")
    with pytest.raises(NoSource, match="HEAD has no commit yet: commit something first"):
        series(Repository(tmp_path / "unborn"), "..HEAD")


def hostile(repo: Repository, trap: Path) -> None:
    """Have whatever git can be told to run touch the trap."""
    script = repo.directory / ".git" / "trap.sh"
    script.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{trap}'\ncat\n")
    script.chmod(0o755)
    for name in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy", "core.alternateRefsCommand",
        "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
        "merge.evil.driver", "credential.helper", "gpg.program", "uploadpack.packObjectsHook", "sequence.editor", "trailer.x.command",
        "remote.origin.uploadpack", "mergetool.evil.cmd", "interactive.diffFilter",
    ):  # fmt: skip
        repo.git("config", name, str(script))
    repo.git("config", "core.hooksPath", str(script.parent / "hooks"))
    for hook in ("post-checkout", "post-index-change", "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-auto-gc",
                 "reference-transaction", "post-commit", "commit-msg", "prepare-commit-msg", "pre-commit"):  # fmt: skip
        path = script.parent / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(script.read_text())
        path.chmod(0o755)


def test_nothing_of_the_repository_is_executed_or_touched(repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its configuration and the environment name, and with an index that is out of date."""
    trap = tmp_path / "trap"
    (repo.directory / ".gitattributes").write_text("*.py filter=evil diff=evil merge=evil\n")
    base = repo.commit("base", stage="".join(map(str, range(500))))
    repo.commit("one", stage=None, moved="".join(map(str, range(501))))
    hostile(repo, trap)
    os.utime(repo.directory / "moved.py", (1, 1))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(repo.directory / ".git" / "trap.sh"))
    monkeypatch.setenv("GIT_SSH_COMMAND", str(repo.directory / ".git" / "trap.sh"))
    before = everything(repo.directory)
    for tip in ("HEAD", "INDEX", "WORKTREE"):
        assert len(series(repo, f"{base}..{tip}", "moved.py", follow=True, every=True).targets) > 1
    assert everything(repo.directory) == before
    assert not trap.exists()
    # The trap works: with the same repository, git itself falls into it.
    monkeypatch.delenv("GIT_DIR")
    repo.git("status", "--porcelain")
    assert trap.exists()
