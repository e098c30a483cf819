"""`--github` of a command that somebody interrupts: no line that nobody has looked at, and every place says that something is missing."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from harness.cli import carry_out, executing_again, run_files
from harness.cli.main import main
from tests.cli.interrupting import interrupted_at
from tests.cli.invocation import without_progress
from tests.sources import forty_commits
from tests.sources.repositories import Repository

QUICK = ("--check", "one-per-iteration", "--seeds", "1", "--executions", "100", "--jobs", "1", "--no-cache")
WHERE = ("--file", "src/stage.py", "--repo", "repository")
TESTS = "the run was interrupted: the tests that it lacks were not run"
EXECUTIONS = "the run was interrupted when everything was tested: the executions that it lacks were not looked at"
# What is said where an execution would have told the line.
NO_LINE = "%0A(at no line: the run was interrupted before the execution was looked at)"


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The summary of a step, beside a repository in which the second patch breaks something, and changes its first line too."""
    repo = Repository(tmp_path / "repository")
    repo.commit("base", **{"src/stage": forty_commits.source((), 0)})
    repo.git("tag", "base")
    repo.commit("one", **{"src/stage": forty_commits.source((), 1)})
    repo.git("tag", "v1")
    repo.commit("two at once", **{"src/stage": "# A comment that comes first.\n" + forty_commits.source(["two vcpu"], 2)})
    repo.commit("nothing", **{"src/stage": "# A comment that comes first.\n" + forty_commits.source(["two vcpu"], 3)})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, list[str]]:
    """What a command ends with, what it prints, and the lines that GitHub reads, or that say how it ended."""
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, without_progress(err).splitlines()


def test_while_stages_are_tested(summary: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The patch is accused of what was found by then, at no line; annotations, summary and the last line say that tests are missing."""
    monkeypatch.setattr(carry_out, "Counter", interrupted_at(1))
    code, out, lines = said(capsys, "run", "--range", "base..main", *WHERE, *QUICK, "--no-perf", "--github")
    assert (code, out) == (130, "")
    accused, told, last = lines
    assert re.match(r"::error title=patch 2 breaks one-per-iteration::.*harness replay h2/", accused)
    assert accused.endswith(NO_LINE)
    assert told == f"::warning title=the run was interrupted::{TESTS}"
    assert re.fullmatch(r"harness: interrupted; 1 job not done \(stage 3: 1\); nothing was saved", last)
    assert f"\n**{TESTS[0].upper()}{TESTS[1:]}.**\n" in summary.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command",
    [("run", "--range", "base..main", "--no-perf"), ("bisect", "base..main"), ("compare", "base..v1", "base..main")],
    ids=lambda words: words[0],
)
def test_while_executions_are_looked_at(
    summary: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """Everything is tested, and stdout says what has come out; only the lines are missing."""
    words = (*command, *WHERE, *QUICK)
    whole = said(capsys, *words, "--github")
    assert len([line for line in whole[2] if re.match(r"::error file=src/stage.py,line=\d+,", line)]) == 1
    assert EXECUTIONS not in summary.read_text(encoding="utf-8")[1:]
    monkeypatch.setattr(executing_again, "Counter", interrupted_at(2))
    code, out, lines = said(capsys, *words, "--github")
    assert (code, out) == (130, whole[1])
    accused, told, last = lines
    assert accused.startswith("::error title=")
    assert accused.endswith(NO_LINE)
    assert told == f"::warning title=the run was interrupted::{EXECUTIONS}"
    assert last == "harness: interrupted" + "; all is tested, but not every execution was looked at" * (command[0] == "run")
    assert f"\n**{EXECUTIONS[0].upper()}{EXECUTIONS[1:]}.**\n" in summary.read_text(encoding="utf-8")


def test_which_files_show_them(summary: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON has no executions; where results are being written, all that were to be are named."""
    words = ("run", "--range", "base..main", "--no-perf", *WHERE, *QUICK, "--json", "o.json", "--junit", "o.xml", "--html", "o.html")
    with monkeypatch.context() as patched:
        patched.setattr(executing_again, "Counter", interrupted_at(2))
        code, _, lines = said(capsys, *words)
    assert (code, lines[-1]) == (130, "harness: interrupted; all is tested, but executions may be missing in o.xml and o.html")
    monkeypatch.setattr(run_files, "page_of", lambda *_: signal.raise_signal(signal.SIGINT))
    code, out, lines = said(capsys, *words)
    assert (code, out) == (130, "")
    assert lines[-1] == "harness: interrupted; all is tested, but not all of o.json and o.xml and o.html is written"
    monkeypatch.setattr(carry_out, "Counter", interrupted_at(1))
    assert said(capsys, *words)[2][-1] == "harness: interrupted; 1 job not done (stage 3: 1); nothing was saved"


def test_of_a_file(summary: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is of `check`, which prints what it has found."""
    monkeypatch.setattr(executing_again, "Counter", interrupted_at(2))
    code, out, lines = said(capsys, "check", "repository/src/stage.py", *QUICK, "--github")
    assert code == 130
    assert "stage.py: bad · " in out
    accused, told, last = lines
    assert accused.startswith("::error title=the stage violates one-per-iteration::")
    assert accused.endswith(NO_LINE)
    assert (told, last) == (f"::warning title=the run was interrupted::{EXECUTIONS}", "harness: interrupted")
    assert EXECUTIONS[4:] in summary.read_text(encoding="utf-8")


def test_between_two_versions(summary: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`compare` says which version it was at, and that nothing is known of the other one; there is nothing for GitHub."""
    monkeypatch.setattr(carry_out, "Counter", interrupted_at(1))
    code, out, lines = said(capsys, "compare", "base..v1", "base..main", *WHERE, *QUICK, "--github")
    assert (code, out) == (130, "")
    assert lines == ["harness: interrupted; 1 job not done (stage 1: 1) of v1, and nothing of v2 was tested; nothing was saved"]
    assert summary.read_text(encoding="utf-8") == ""
