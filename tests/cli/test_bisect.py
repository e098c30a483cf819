"""`git bisect` with `harness check` in an exported repository."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stages import POSTED
from tests.cli.invocation import PATIENCE, QUICK, Harness

README = Path(__file__).resolve().parents[2] / "README.md"
BREAK = "\n\nTaskletSubsystem.tasklet_schedule = lambda self, t: None\n"
NOT_PYTHON = "\n\ndef :\n"

Shell = Callable[[list[str]], list[tuple[int, str]]]


def git(repository: Path, *arguments: str) -> str:
    """Run git in `repository` as somebody; return what it says."""
    somebody = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    result = subprocess.run(
        ["git", *somebody, *arguments], cwd=repository, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.strip()


def commit(repository: Path, text: str, subject: str) -> str:
    """Commit `text` as the file; return the hash."""
    (repository / "tasklet.py").write_text(text, encoding="utf-8")
    git(repository, "commit", "-qam", subject)
    return git(repository, "rev-parse", "HEAD")


def walk() -> tuple[list[str], str]:
    """The README's walk through a bisection: its commands, and what it says of the result."""
    section = README.read_text(encoding="utf-8").partition("<!-- bisect -->")[2].partition("<!-- end of bisect -->")[0]
    _, commands, result = section.split("```")
    return commands.splitlines()[1:], " ".join(result.split())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Runs a script as a user would who has `harness` in PATH, and returns the exit code and the output of each line."""
    command = tmp_path / "bin" / "harness"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m harness "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["PATH"] = f"{command.parent}:{environment['PATH']}"

    def run(lines: list[str]) -> list[tuple[int, str]]:
        results, directory = [], tmp_path
        for line in lines:
            if line.startswith("cd "):
                directory /= line.removeprefix("cd ")
                continue
            result = subprocess.run(["sh", "-c", line], cwd=directory, env=environment, capture_output=True, text=True, timeout=PATIENCE)
            results.append((result.returncode, result.stdout + result.stderr))
        return results

    return run


def test_the_walk_of_the_readme_finds_the_patch_that_it_names(shell: Shell, tmp_path: Path) -> None:
    """Followed to the letter: one end is good, the other one bad, and the first bad commit is the one that the README has."""
    commands, said = walk()
    codes, outputs = zip(*shell(commands), strict=True)
    assert codes == (0, 0, 1, 0, 0), outputs
    assert f"{git(tmp_path / 'posted', 'rev-parse', 'stage-4')} is the first bad commit" in outputs[-1]
    assert said.endswith(f"`{POSTED.stages[4].title}`, tagged `stage-4`.")


def test_the_hint_of_the_export_checks_both_ends_first(shell: Shell) -> None:
    """What it prints are commands that work in this order, and they find the patch of the posted series that breaks irq-context."""
    ((code, printed),) = shell(["harness series export --series posted posted"])
    assert code == 0
    assert "a clause that stage-0 keeps and stage-5 violates; `harness run 0 5 --series posted --no-perf` says which do" in printed
    hint = [line.strip().replace("CLAUSE", "irq-context") for line in printed.splitlines() if line.startswith("  ")]
    codes, outputs = zip(*shell(hint), strict=True)
    assert codes == (0, 1, 0, 0), outputs
    assert POSTED.stages[2].title in outputs[-1].partition("is the first bad commit")[2]


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
