"""`--github`, `--markdown` and the executions in JUnit: from a command to what a reader has before him."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.cli import main
from harness.cli.github import bytes_left
from harness.report.patch_lines import changed_lines
from tests.cli.invocation import Harness
from tests.sources import forty_commits
from tests.sources.repositories import Repository

QUICK = ("--check", "one-per-iteration", "--seeds", "1", "--executions", "100")
BAD = "TaskletSubsystem.tasklet_schedule = lambda self, t: None"
MARKER = "# Here since a later commit.\n"


def test_commits(harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An annotation at a line of the patch as it is at the tip; a summary, Markdown and JUnit with the execution; stdout is untouched."""
    repo = Repository(tmp_path / "repository")
    repo.commit("base", **{"src/stage": forty_commits.source((), 0)})
    repo.git("tag", "base")
    repo.commit("two at once", **{"src/stage": forty_commits.source(["two vcpu"], 1)})
    repo.commit("later", **{"src/stage": MARKER + forty_commits.source(["two vcpu"], 1)})
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n", encoding="utf-8")
    where = ("--range", "base..main", "--file", "src/stage.py", "--repo", "repository", "--no-perf", *QUICK)
    result = harness("run", *where, "--github", "--markdown", "out.md", "--junit", "out.xml")
    assert result.returncode == 1
    assert "::" not in result.stdout
    command = re.fullmatch(
        r"::error file=src/stage\.py,line=(\d+),title=patch 1 breaks one-per-iteration::.*%0Aharness replay (\S+) --range .*\n",
        result.stderr,
    )
    assert command is not None
    base, tip = (repo.git("show", f"{name}:src/stage.py").splitlines() for name in ("base", "main"))
    assert int(command[1]) in changed_lines(base, tip) - {1}
    summary, markdown = ((tmp_path / name).read_text(encoding="utf-8") for name in ("summary.md", "out.md"))
    assert summary == f"before\n{markdown}"
    assert "<details>" in markdown
    replayed = harness("replay", command[2], *where[:6], "--width", "80")
    failure, _ = ElementTree.parse(tmp_path / "out.xml").getroot().iter("failure")
    assert (failure.text or "").partition("\n\n")[2] == replayed.stdout


def test_a_file(harness: Harness, stage_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad one has an error at the path from the top of the repository, one that cannot be tested a warning, a good one nothing."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    check = ("--check", "exactly-once", "--seeds", "1", "--executions", "50", "--github")
    bad = stage_file(BAD, name="src/bad.py")
    result = harness("check", bad, *check)
    assert result.returncode == 1
    assert re.match(r"::error file=src/bad\.py,line=\d+,title=the stage violates exactly-once::exactly-once \(", result.stderr)
    assert result.stderr.count("\n") == 1
    result = harness("check", stage_file("1 / 0", name="no.py"), *check)
    assert result.returncode == 125
    assert "::warning file=no.py,line=1,title=the stage cannot be tested::it " in result.stderr
    result = harness("check", stage_file(), *check)
    assert (result.returncode, result.stderr) == (0, "")
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert re.findall(r"^\*\*(.+)\*\*$", summary, re.MULTILINE) == ["bad", "no verdict", "good"]


def test_versions_and_searches(harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`compare` and `bisect` accuse a patch at a line that it has changed, with a command that shows it, and append what they say."""
    repo = Repository(tmp_path / "repository")
    repo.commit("base", stage=forty_commits.source((), 0))
    repo.git("tag", "base")
    repo.commit("one", stage=forty_commits.source((), 1))
    repo.git("tag", "v1")
    repo.commit("two", stage=forty_commits.source(["two vcpu"], 2))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    where = ("--file", "stage.py", "--repo", "repository", *QUICK, "--github")
    compared = harness("compare", "base..v1", "base..main", *where)
    searched = harness("bisect", "base..main", *where)
    assert (compared.returncode, searched.returncode) == (1, 0)
    one, two = (repo.git("show", f"{name}:stage.py").splitlines() for name in ("v1", "main"))
    for result, title in ((compared, "patch 2 of v2 newly breaks one-per-iteration"), (searched, "patch 2 breaks one-per-iteration")):
        command = re.fullmatch(rf"::error file=stage\.py,line=(\d+),title={title}::.*%0Aharness replay (\S+) --range .*\n", result.stderr)
        assert command is not None, result.stderr
        assert int(command[1]) in changed_lines(one, two)
        assert "::" not in result.stdout
        assert command[2] in result.stdout
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert re.findall("^## (.*)$", summary, re.MULTILINE) == ["Versions base..v1 and base..main", "Series base..main"]
    assert re.findall("^### (.*)$", summary, re.MULTILINE) == [
        "Patch 2 of v2 newly breaks one-per-iteration",
        "Patch 2 breaks one-per-iteration",
    ]
    assert summary.count("<details>") == 2


@pytest.mark.parametrize(
    "command",
    [["run"], ["check", "stages/s0_baseline.py"], ["compare", "fixed", "posted"], ["bisect", "posted", "--check", "reuse"]],
)
def test_a_summary_that_cannot_be_written(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, before anything is executed."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "none" / "summary.md"))
    assert main([*command, "--github"]) == (128 if command[0] == "check" else 2)
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert re.match(r"harness: cannot write .*summary\.md: No such file or directory; name a file in ", err)


def test_markdown_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    """One line; and it goes with a run of stages that are all tested."""
    assert main(["run", "--markdown", "/none/out.md"]) == 2
    assert capsys.readouterr().err.startswith("harness: cannot write /none/out.md: ")
    assert main(["run", "--markdown", "-", "--json", "-"]) == 2
    assert capsys.readouterr().err == "harness: --json and --markdown name the same file, -; name two\n"
    assert main(["run", "--markdown", "x", "--github", "--search", "linear"]) == 2
    assert capsys.readouterr().err == "harness: --markdown and --github tell of every stage: that goes with --search all\n"
    assert main(["run", "--github", "--suite", "litmus"]) == 2
    assert capsys.readouterr().err == "harness: --github is about patches, and suite litmus has no stages\n"


def test_a_summary_that_others_have_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they have written in the same step takes room, too; there is never less than none."""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    whole = bytes_left()
    summary.write_bytes(b"x" * 1000)
    assert bytes_left() == whole - 1000
    summary.write_bytes(b"x" * (whole + 1))
    assert bytes_left() == 0
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    assert bytes_left() == whole < 2**20
