"""Every command that is printed to see an execution again shows it when it is pasted: also later, when HEAD is somewhere else."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.cli import main
from tests.cli.invocation import PATIENCE
from tests.sources.repositories import Repository
from tests.suite.own_suites import small

GOOD = "def step(hv):\n    hv.smp_mb()\n    return True\n"
BAD = GOOD.replace("True", "False")
SUITE = small('b.cpu(0, lambda: b.expect(b.module.step(b.hv), "no step"))')
QUICK = ("--seeds", "1", "--executions", "5", "--jobs", "1")
COMMAND = re.compile(r"harness replay [^\n%`]*")
# What somebody does: standing in the repository, with a suite whose name has a space in it.
ASKED = {
    "range": "run --range HEAD~2.. --file src/stage.py --suite 'my suite.py' --no-perf --github",
    "inner directory": "run --range base..topic --file stage.py --repo src --suite 'my suite.py' --no-perf --github",
    "repository's file": "run --range ..topic --no-perf --github",
    "mailbox": "run --mbox ../patches.mbox --base base --file src/stage.py --suite 'my suite.py' --no-perf --github",
    "directory": "run --series ../stages --suite 'my suite.py' --no-perf --github",
    "search": "run --series ../stages --suite 'my suite.py' --search linear",
    "bisect": "bisect HEAD~2.. --file src/stage.py --check steps --suite 'my suite.py' --github",
    "compare": "compare base..HEAD~1 HEAD~2.. --file src/stage.py --suite 'my suite.py' --github",
    "file": "check src/stage.py --suite 'my suite.py' --github",
    "file of the repository": "check src/stage.py --github",
    "explore": "explore steps src/stage.py --suite 'my suite.py' --kind any",
    "explore of a range": "explore steps 2 --range HEAD~2.. --file src/stage.py --suite 'my suite.py' --kind any",
    "explore, narrow": "explore steps src/stage.py --suite 'my suite.py' --kind any --width 40",
}
BY_REPOSITORY = ("repository's file", "file of the repository")
HARMLESS = "harmless"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a patch that does nothing and one that breaks the clause; the same as a mailbox and as a directory."""
    place = tmp_path_factory.mktemp("made")
    repo = Repository(place / "repository")
    repo.commit_all("base", {"src/stage.py": GOOD, "my suite.py": SUITE})
    repo.git("tag", "base")
    repo.commit("harmless", **{"src/stage": f"# {HARMLESS}\n{GOOD}"})
    repo.commit("harm", **{"src/stage": f"# {HARMLESS}\n{BAD}"})
    repo.git("branch", "topic")
    (place / "patches.mbox").write_text(repo.git("format-patch", "--stdout", "base..main") + "\n")
    (place / "stages").mkdir()
    for number, text in enumerate((GOOD, BAD)):
        (place / "stages" / f"{number}.py").write_text(text)
    return place


@pytest.fixture
def repo(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy of it, to stand in."""
    for name in ("patches.mbox", "stages"):
        (tmp_path / name).symlink_to(made / name)
    copied = Repository.copy(made / "repository", tmp_path / "repository")
    monkeypatch.chdir(copied.directory)
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return copied


@pytest.fixture
def pasted(tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Have a shell execute a line in the current directory."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "harness"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m harness "$@"\n')
    script.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}

    def paste(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)

    return paste


def test_a_range_in_a_shell(
    repo: Repository, pasted: Callable[[str], subprocess.CompletedProcess[str]], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The command of an annotation, of the summary, of the page, of Markdown and of JUnit are one, with commits by their hashes."""
    words = shlex.split(ASKED["range"])
    assert main([*words, *QUICK, "--html", "../out.html", "--markdown", "../out.md", "--junit", "../out.xml"]) == 1
    out, err = capfd.readouterr()
    (command,) = COMMAND.findall(err)
    base, tip = (repo.git("rev-parse", "--short=12", name) for name in ("base", "topic"))
    assert command.endswith(f" --range {base}..{tip} --file src/stage.py --suite 'my suite.py'")
    for name in ("summary.md", "out.md"):
        assert command in (tmp_path / name).read_text().splitlines()
    assert command.replace("'", "&#39;") in (tmp_path / "out.html").read_text()
    (failure,) = ElementTree.parse(tmp_path / "out.xml").getroot().iter("failure")
    assert (failure.text or "").splitlines()[1] == f"replay: {command}"
    repo.commit("mended", **{"src/stage": GOOD})
    shown = pasted(command)
    assert (shown.returncode, shown.stderr) == (1, "")
    assert "no step" in shown.stdout
    assert "recorded on other" not in shown.stdout
    # On a terminal, the range is told as it was asked for.
    assert "to see one again: harness replay STRING --range 'HEAD~2..' --file src/stage.py --suite 'my suite.py'" in out.splitlines()


@pytest.mark.parametrize("asked", ASKED)
def test_everywhere(repo: Repository, asked: str, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Whatever names the stage, each command that was printed shows the failure, and below tables it is said how."""
    if asked in BY_REPOSITORY:
        (repo.directory / "harness.toml").write_text('files = ["src/stage.py"]\nsuite = "my suite.py"\nbase = "base"\n')
    assert main([*shlex.split(ASKED[asked]), *(QUICK if not asked.startswith("explore") else ())]) in (0, 1)
    out, err = capfd.readouterr()
    summary = tmp_path / "summary.md"
    said = "\n".join([out, err.replace("%0A", "\n"), summary.read_text() if summary.exists() else ""])
    (string,) = {word.strip("'") for word in re.findall(r"'?h2/\S+", said)}
    commands = {line.replace("STRING", shlex.quote(string)) for line in COMMAND.findall(said)}
    assert commands
    assert any("STRING" in line for line in COMMAND.findall(out)) == (asked != "explore, narrow")
    for command in commands:
        _, *words = shlex.split(command)
        assert main(words) == 1, command
        shown = capfd.readouterr().out
        assert "no step" in shown
        assert "recorded on" not in shown


@pytest.mark.parametrize("more", [[], ["--series", "fixed-c", "--cflag=-O1"]])
def test_series_that_ship(more: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """The string names the series and the memory model; what else was said of how a stage is made is in the command."""
    program = ("--kind", "softirq", "--program", "scheduled-where-a-cpu-dies", "--executions", "100")
    assert main(["explore", "handover", "0", *more, *program, "--model", "arm", "--width", "200", "--jobs", "1"]) == 1
    out, _ = capfd.readouterr()
    (command,), (string,) = COMMAND.findall(out), re.findall(r"h2/\S+", out)
    assert command == f"harness replay STRING{' --cflag=-O1' * bool(more)}"
    assert main(shlex.split(command.replace("STRING", string))[1:]) == 1
    assert "recorded on" not in capfd.readouterr().out
