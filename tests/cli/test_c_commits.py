"""Stages in C on the command line: a range of commits, a search in it, one that does not compile, and no compiler at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.main import main
from stages import FIXED
from stages.c import FIXED_C
from tests.cli.c_commits import CHECK, FILE, HEADER, make
from tests.cli.invocation import PATIENCE, QUICK, Harness, without_progress
from tests.sources.repositories import Repository

LITTLE = (*CHECK, "--kind", "softirq", *QUICK)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository."""
    return make(tmp_path_factory.mktemp("repo"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place where everything that is compiled is kept for the next test."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE_DIR", str(cache))


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code of a command, and what it has written."""
    code = main(words)
    written = capsys.readouterr()
    return code, written.out, written.err


def test_a_range(repo: Repository, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A header is a part of its stage; what does not compile has no verdict, and is named with its line; all is known the next time."""
    words = (
        "run",
        "--range",
        "..",
        "--repo",
        str(repo.directory),
        *CHECK,
        "--no-perf",
        *QUICK,
        "--no-cache",
        "--json",
        str(tmp_path / "json"),
    )
    code, out, _ = said(capsys, *words)
    stages = json.loads((tmp_path / "json").read_text())["stages"]
    assert [stage["title"] for stage in stages] == ["baseline", "Tidy", "Header", "Half", "Whole", "Mended", "Lost", "Found", "Again"]
    verdicts = [stage["clauses"]["before-init"]["verdict"] if "before-init" in stage["clauses"] else "" for stage in stages]
    assert [verdict == "fail" for verdict in verdicts] == [False, False, False, False, True, False, False, False, True]
    assert [verdict == "pass" for verdict in verdicts] == [True, True, True, False, False, True, False, True, False]
    assert f"does not compile: {Path(FILE).name}:" in out
    assert "xen/tasklet.h" in out
    assert code == 1
    first, second = (said(capsys, *(word for word in words if word != "--no-cache")) for _ in range(2))
    assert first[:2] == second[:2] == (1, out)
    assert "outcomes came from the cache" in second[2]


def test_suspects(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """A commit that does not compile accuses nobody: it is this one or the next; a single one is named."""
    code, out, _ = said(capsys, "bisect", "base..whole", "--repo", str(repo.directory), *LITTLE)
    assert "before-init (softirq): one of patches 3, 4 breaks it: stage 2 keeps it and stage 4 violates it" in out
    assert "no verdict (untestable: does not compile: tasklet.c:" in out
    assert code == 1
    code, out, _ = said(capsys, "bisect", "mended..again", "--repo", str(repo.directory), *LITTLE)
    assert "before-init (softirq): patch 3 breaks it" in out
    assert code == 0


def test_a_file(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit codes are those of `git bisect run`; the counterexample has lines of C."""
    repo.git("checkout", "--quiet", "again")
    file, header = str(repo.directory / FILE), str(repo.directory / HEADER)
    code, out, _ = said(capsys, "check", file, "--header", header, *LITTLE)
    assert (code, out.partition(": ")[0]) == (1, file)
    (string,) = [word for word in out.split() if word.startswith("h2/")][:1]
    code, out, _ = said(capsys, "replay", string, file, "--include", str(repo.directory / "include"))
    assert code == 1
    assert "tasklet.c:" in out
    repo.git("checkout", "--quiet", "half")
    code, out, err = said(capsys, "check", file, "--header", header, *LITTLE)
    assert (code, out) == (125, "")
    assert err.startswith(f"harness: {file} cannot be tested: it does not compile: tasklet.c:")
    assert err.count("\n") == 1
    assert said(capsys, "check", file, *LITTLE) == (code, out, err), "harness.toml names the header"
    (repo.directory / "harness.toml").unlink()
    code, _, err = said(capsys, "check", file, *LITTLE)
    assert code == 125
    assert "xen/tasklet.h" in err
    repo.git("checkout", "--quiet", "--", "harness.toml")
    code, _, err = said(capsys, "check", file, "--include", "/nowhere", *LITTLE)
    assert (code, err) == (128, "harness: --include: there is no directory /nowhere\n")


def test_the_series_that_ships(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It is tested as every other one; exported, each commit has the file and the header at their places, and can be tested there."""
    code, out, _ = said(capsys, "run", "0", "--series", "fixed-c", "--no-perf", *CHECK, *QUICK)
    assert (code, "fixed-c" in out) == (0, True)
    code, out, _ = said(capsys, "series", "export", str(tmp_path / "out"), "--series", "fixed-c")
    assert f"harness check {FIXED_C.file} --header include/xen/tasklet.h" in out
    found = sorted(
        path.relative_to(tmp_path / "out").as_posix()
        for path in (tmp_path / "out").rglob("*")
        if ".git/" not in str(path) and path.is_file()
    )
    assert found == ["harness.toml", "include/xen/tasklet.h", "tasklet.c"]
    code, _, _ = said(capsys, "run", "--range", "stage-4..stage-5", "--repo", str(tmp_path / "out"), "--no-perf", *CHECK, *QUICK)
    assert code == 0


def test_without_a_compiler(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install, and it is not the stage's fault; stages in Python need none."""
    stage = FIXED_C.stages[0]
    # (git is needed by nobody here.)
    monkeypatch.setenv("PATH", "/nowhere")
    words = ("--header", stage.path.parent / stage.headers[0], *LITTLE)
    found = harness("check", stage.path, *words)
    assert (found.returncode, found.stdout) == (128, "")
    assert found.stderr.startswith(
        "harness: nothing can be tested here: stages in C need a C compiler, and there is no cc: install gcc or clang"
    )
    assert found.stderr.count("\n") == 1
    assert harness("check", FIXED.stages[0].path, *LITTLE).returncode == 0


def test_without_a_cache(tmp_path: Path) -> None:
    """Workers find what their parent has compiled; nothing of that is left behind."""
    stage = FIXED_C.stages[0]
    environment = {**os.environ, "HARNESS_CACHE_DIR": "", "TMPDIR": str(tmp_path)}
    command = (sys.executable, "-m", "harness", "check", stage.path, "--header", stage.path.parent / stage.headers[0], *LITTLE)
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, without_progress(done.stderr)) == (0, "")
    assert list(tmp_path.iterdir()) == []
