"""A series whose stages are in C, from each source: what each stage is made of, and what the series exported has in it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import UsageError
from harness.cli.export import ExportRequest
from harness.cli.series_source import sourced
from harness.sources.directory import directory_series
from harness.sources.export_files import check_command, exported_files
from harness.sources.git_export import export_series
from harness.sources.native_settings import NativeSettings
from harness.sources.safe_git import NoSource
from harness.sources.single_file import target_of_file
from harness.sources.sourced_series import SourcedSeries
from tests.sources.repositories import Repository

PROJECT = """
files = ["common/stage.c"]
headers = ["include/xen/stage.h"]
includes = ["include"]
cflags = ["-O2"]
intended-races = ["t.state"]
"""
SOURCE = '#include <xen/stage.h>\n#include "near.h"\n#include <xen/more.h>\n'
FILES: dict[str, str | bytes | None] = {
    "common/stage.c": SOURCE,
    "common/near.h": '#include "../top.h"',
    "top.h": "t0",
    "include/xen/stage.h": "s0",
    "include/xen/more.h": "m0",
}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with two commits that change a header of the stage, and one that changes nothing of it."""
    made = Repository(tmp_path_factory.mktemp("repo"))
    made.commit_all("base", {"harness.toml": PROJECT, "include/xen/other.h": "", "other.py": "", **FILES})
    made.git("tag", "base")
    made.commit_all("the own header", {"include/xen/stage.h": "s1"})
    made.commit_all("nothing of it", {"include/xen/other.h": "o", "other.py": "x = 1"})
    made.commit_all("one above", {"top.h": "t1"})
    return made


def series_of(*words: str) -> SourcedSeries:
    """The series that a command line names."""
    request: ExportRequest = parse(["series", "export", "out", *words]).request
    return sourced(request.source).series


def test_a_range(repo: Repository) -> None:
    """A commit that changes what the stage includes is a stage; how it is compiled comes from the project, or from options before that."""
    series = series_of("--range", "base..", "--repo", str(repo.directory))
    assert [target.title for target in series.targets] == ["baseline", "the own header", "one above"]
    assert [dict(target.beside) for target in series.targets] == [
        {"near.h": b'#include "../top.h"', "../top.h": top, "xen/stage.h": own, "xen/more.h": b"m0"}
        for top, own in ((b"t0", b"s0"), (b"t0", b"s1"), (b"t1", b"s1"))
    ]
    assert all(target.is_c and target.native is not None for target in series.targets)
    native = series.targets[0].native
    assert native is not None
    assert (native.dialect, native.cc, native.cflags, native.intended_races) == ("xen", "cc", ("-O2",), ("t.state",))
    other = (
        series_of("--range", "base..", "--repo", str(repo.directory), "--cflag", "-O0", "--cc", "clang", "--header", "top.h")
        .targets[0]
        .native
    )
    assert other is not None
    assert (other.cc, other.cflags, other.intended_races) == ("clang", ("-O0",), ("t.state",))


def test_a_mailbox(repo: Repository, tmp_path: Path) -> None:
    """The same stages as those of the range."""
    (tmp_path / "series.mbox").write_text(repo.git("format-patch", "--stdout", "base.."))
    found = [
        series_of(*words, "--repo", str(repo.directory)).targets
        for words in (("--range", "base.."), ("--mbox", str(tmp_path / "series.mbox"), "--base", "base"))
    ]
    assert [target.content_hash for target in found[0]] == [target.content_hash for target in found[1]]
    assert len(found[0]) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--header", "include/xen/lost.h"), "no commit of base..HEAD has a header include/xen/lost.h: name another one"),
        (
            ("--file", "common/stage.c", "--file", "other.c"),
            "a stage in C is one file that is compiled, common/stage.c: have it include other.c",
        ),
        (("--dialect", "klingon"), "unknown dialect 'klingon': choose from"),
        (("--cflag", "-fplugin=x.so"), "the flag '-fplugin=x.so' is not for stages"),
        (("--file", "other.py", "--cc", "gcc"), "--cc is about stages in C, and there is none here"),
    ],
)
def test_what_is_wrong_with_a_range(repo: Repository, words: tuple[str, ...], said: str) -> None:
    """One line says it, as for every other series."""
    with pytest.raises(UsageError) as raised:
        series_of("--range", "base..", "--repo", str(repo.directory), *words)
    assert said in str(raised.value)


def write(directory: Path, files: dict[str, str]) -> Path:
    """Write files by their paths."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


def test_a_directory_of_stages(tmp_path: Path) -> None:
    """C files, and directories with one each, in the order of their names; each has what it includes."""
    mine = write(
        tmp_path / "mine",
        {
            "s10.c": '#include "shared.h"', "s2.c": "x", "s9/stage.c": "#include <stage.h>", "s9/inc/stage.h": "9", "shared.h": "s",
            "include/x.h": "", "two/a.c": "", "two/b.c": "",
        },
    )  # fmt: skip
    series = directory_series(str(mine), includes=("s9/inc",))
    assert [target.title for target in series.targets] == ["s2", "s9", "s10"]
    assert [dict(target.beside) for target in series.targets] == [{}, {"stage.h": b"9"}, {"shared.h": b"s"}]
    assert (series.file, series.targets[1].path) == ("stage.c", "/series/s9/stage.c")
    write(mine, {"one.py": ""})
    with pytest.raises(NoSource, match=r"one.py is in Python, s\S*c in C: say in series.toml which are the stages"):
        directory_series(str(mine))


def test_a_directory_that_says_which(tmp_path: Path) -> None:
    """Its `series.toml` has the keys of `harness.toml`, for all of its stages."""
    said = 'headers = ["own/x.h"]\ncflags = ["-O0"]\nincludes = ["inc"]\n[[stage]]\nfiles = ["a.c"]\n[[stage]]\nfiles = ["b.c", "b/y.h"]\n'
    files = {
        "series.toml": said,
        "a.c": "#include <x.h>\n#include <z.h>",
        "b.c": "#include <y.h>",
        "own/x.h": "x",
        "b/y.h": "y",
        "inc/z.h": "z",
    }
    series = directory_series(str(write(tmp_path, files)))
    assert [dict(target.beside) for target in series.targets] == [{"x.h": b"x", "z.h": b"z"}, {"y.h": b"y"}]
    assert [target.native.cflags for target in series.targets if target.native] == [("-O0",)] * 2


def test_a_file_by_itself(tmp_path: Path) -> None:
    """Its headers are the user's, by their paths; what is not there is a problem of nobody but the compiler."""
    write(tmp_path, {"common/stage.c": SOURCE + "#include <xen/list.h>", "inc/xen/list.h": "mine", "inc/xen/more.h": "m"})
    path, inc = str(tmp_path / "common" / "stage.c"), str(tmp_path / "inc")
    assert dict(target_of_file(path, includes=[inc]).beside) == {"xen/more.h": b"m"}
    own = target_of_file(path, native=NativeSettings((f"{inc}/xen/list.h",)))
    assert dict(own.beside) == {"xen/list.h": b"mine"}
    assert own.content_hash != target_of_file(path).content_hash
    missing = target_of_file(str(tmp_path / "lost.c"))
    assert (missing.is_c, missing.problem) == (True, "is missing")


def test_an_export_has_everything_at_its_place(repo: Repository, tmp_path: Path) -> None:
    """So much of the path that what is above the file is in it, and a project file; a range of the result has the same stages."""
    series = series_of("--range", "base..", "--repo", str(repo.directory))
    files = exported_files(series, series.targets[1])
    assert {path: content for path, content in files.items() if path != "harness.toml"} == {
        "common/stage.c": SOURCE.encode(), "common/near.h": b'#include "../top.h"', "top.h": b"t0", "common/xen/stage.h": b"s1",
        "common/xen/more.h": b"m0",
    }  # fmt: skip
    project = tomllib.loads(files["harness.toml"].decode())
    assert project == {
        "files": ["common/stage.c"], "headers": ["common/near.h", "common/xen/more.h", "common/xen/stage.h", "top.h"],
        "cflags": ["-O2"], "intended-races": ["t.state"],
    }  # fmt: skip
    said = "--header common/xen/more.h --header common/xen/stage.h --cflag=-O2 --check fifo"
    assert check_command(series, "fifo").endswith(said)
    out = str(tmp_path / "out")
    export_series(series, out)
    again = series_of("--range", "stage-0..stage-2", "--repo", out)
    assert [target.source for target in again.targets] == [target.source for target in series.targets]
    assert [sorted(dict(target.beside).values()) for target in again.targets] == [
        sorted(dict(target.beside).values()) for target in series.targets
    ]
