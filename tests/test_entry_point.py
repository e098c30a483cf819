"""Where `harness` begins: what fails there, or outside a stage, is neither "good" nor "bad" to `git bisect run`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stages import FIXED
from tests.bounds import SECONDS
from tests.cli.invocation import without_progress

ROOT = Path(__file__).resolve().parents[1]
GOOD = str(FIXED.stages[-1].path)
QUICK = ("--check", "exactly-once", "--kind", "softirq", "--seeds", "1", "--executions", "300")


def started(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `harness …` in a directory, as the installed command does."""
    script = directory.parent / "command.py"
    script.write_text("import sys\nfrom harness.__main__ import main\nsys.exit(main())\n", encoding="utf-8")
    path = os.pathsep.join(filter(None, [environment.pop("first", ""), str(ROOT)]))
    command = [sys.executable, str(script), *arguments]
    result = subprocess.run(
        command, cwd=directory, env={**os.environ, "PYTHONPATH": path, **environment}, capture_output=True, text=True, timeout=SECONDS
    )
    result.stderr = without_progress(result.stderr)
    return result


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The directory in which the harness is started."""
    path = tmp_path / "here"
    path.mkdir()
    return path


@pytest.mark.parametrize("code", ["raise RuntimeError('broken')", "raise SystemExit(0)", "import no_such_module"])
def test_a_broken_dependency_is_no_verdict(here: Path, tmp_path: Path, code: str) -> None:
    """One line, and 128 in `check`, 2 elsewhere."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "tabulate.py").write_text(code, encoding="utf-8")
    for arguments, exit_code in ((("check", GOOD), 128), (("list",), 2)):
        result = started(here, *arguments, first=str(broken))
        assert (result.returncode, result.stdout) == (exit_code, "")
        assert result.stderr.startswith("harness: cannot start: ")
        assert result.stderr.count("\n") == 1


def test_without_docstrings_and_assertions(here: Path) -> None:
    """The options of Python change neither the verdict nor what a stage asserts."""
    wrong = "def wrong(self, t): assert False\nTaskletSubsystem.tasklet_schedule = wrong"
    (here / "wrong.py").write_text(f"{Path(GOOD).read_text(encoding='utf-8')}\n{wrong}\n", encoding="utf-8")
    good, bad = (started(here, "check", path, *QUICK, PYTHONOPTIMIZE="2") for path in (GOOD, "wrong.py"))
    assert (good.returncode, good.stderr) == (0, "")
    assert (bad.returncode, bad.stderr) == (1, "")


def test_nothing_comes_from_the_current_directory(here: Path) -> None:
    """Neither a module that is called like one of Python's or of a dependency, nor another harness."""
    for name in ("tabulate.py", "random.py", "stages.py", "json.py", "greenlet.py", "harness/__init__.py"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text("raise SystemExit(1)", encoding="utf-8")
    result = started(here, "check", GOOD, *QUICK)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("redirection", "code"),
    [("<&- >&- 2>&-", 0), ("<&-", 0), ("2>&-", 0), (">/dev/full", 128), (">/dev/full 2>/dev/full", 128)],
)
def test_standard_files_that_are_closed_or_full(redirection: str, code: int) -> None:
    """What is closed is as good as /dev/null; a verdict that cannot be told is none, whether or not that can be told."""
    command = f"exec '{sys.executable}' -m harness check '{GOOD}' {' '.join(QUICK)} {redirection}"
    result = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert result.returncode == code
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP", "SIGALRM"])
@pytest.mark.parametrize(
    ("way", "code", "said"),
    [("return 0", 0, ""), ("return 1", 1, ""), ("return 130", 130, ""), ("raise KeyboardInterrupt", 130, "harness: interrupted\n")],
)
def test_a_signal_while_python_ends_changes_nothing(tmp_path: Path, number: str, way: str, code: int, said: str) -> None:
    """A verdict that is told, and an interrupt that is, keep their exit code, and nothing more is said."""
    result = _ended(tmp_path, way, f"os.kill(os.getpid(), signal.{number})")
    assert (result.returncode, result.stderr) == (code, said)


def test_an_alarm_that_outlives_the_command_changes_nothing(tmp_path: Path) -> None:
    """An interrupt that Python lost while it cleaned up comes again by an alarm, maybe when nobody handles alarms any more."""
    way = "line.again_if_interrupted(Lost()); return 0"
    result = _ended(tmp_path, way, "threading.Event().wait(0.2)")
    assert (result.returncode, result.stderr) == (0, "")


def _ended(here: Path, way: str, at_exit: str) -> subprocess.CompletedProcess[str]:
    """A process whose command ends in a certain way, and where something comes while Python ends."""
    code = f"""
import atexit, importlib, os, signal, sys, threading
from harness import __main__ as start, cli
line = importlib.import_module("harness.cli.main")
class Lost:
    exc_type = KeyboardInterrupt
def command():
    line._listen()
    {way}
def last():
    {at_exit}
atexit.register(last)
cli.main = command
sys.exit(start.main())
"""
    command = [sys.executable, "-c", code]
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=here, env=path, capture_output=True, text=True, timeout=SECONDS)
