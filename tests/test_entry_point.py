"""Where `harness` begins: what fails there, or outside a stage, is neither "good" nor "bad" to `git bisect run`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
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


def test_a_repeated_interrupt_that_outlives_the_command_changes_nothing(tmp_path: Path) -> None:
    """An interrupt that Python lost while it cleaned up comes again, maybe when the command has ended."""
    result = _ended(tmp_path, "stopping.again(); return 0", "threading.Event().wait(0.2)")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("way", "code", "said"),
    [
        # Twice: while the command cleans up, and while it says so.
        ("try: kill()\n    finally: kill()", 130, "harness: interrupted\n"),
        ("sys.stderr = Killing(); kill()", 130, "harness: interrupted\n"),
        ("stopping.tell('interrupted; all is saved'); kill()", 130, "harness: interrupted; all is saved\n"),
        # What then fails is not what ends it.
        ("try: kill()\n    finally: 1 // 0", 130, "harness: interrupted\n"),
        ("1 // 0", 128, "harness: cannot start: ZeroDivisionError: integer division or modulo by zero\n"),
        # Where Python would end itself by SIGINT.
        ("exec('kill()')", 130, "harness: interrupted\n"),
        # Where it is lost, and lost again, it comes again.
        ("Killed(); time.sleep(600)", 130, "harness: interrupted\n"),
        ("sys.unraisablehook(Killed()); time.sleep(600)", 130, "harness: interrupted\n"),
    ],
)
def test_an_interrupt_at_any_moment_is_told_once(tmp_path: Path, way: str, code: int, said: str) -> None:
    """However often, and whatever is under way: one line, and 130."""
    result = _ended(tmp_path, way, "kill()")
    assert (result.returncode, result.stderr) == (code, said)


@pytest.fixture
def _hangups() -> Iterator[None]:
    """Have processes from here hear SIGHUP, also where pytest runs under `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_hangups")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_while_modules_are_imported(here: Path, tmp_path: Path, number: signal.Signals) -> None:
    """That is 130 in one line, too, and no verdict."""
    (tmp_path / "tabulate.py").write_text(
        f"import os, time\nos.kill(os.getpid(), {int(number)})\ntime.sleep({SECONDS})\n", encoding="utf-8"
    )
    result = started(here, "check", GOOD, first=str(tmp_path))
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "harness: interrupted\n")


def test_an_interrupt_while_a_suite_is_imported(here: Path) -> None:
    """It is not taken for the alarm that ends a suite which is never imported, also where it is lost first."""
    lost = "class Lost:\n    def __del__(self): os.kill(os.getpid(), 15); time.sleep(0)\n"
    (here / "suite.py").write_text(f"import os, time\n{lost}Lost()\ntime.sleep({SECONDS})\n", encoding="utf-8")
    result = started(here, "list", "--suite", "./suite.py")
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "harness: interrupted\n")


# As when a pager shows the first page, and more has been printed since.
UNREAD = """os.set_blocking(1, False)
    try:
        while True: os.write(1, bytes(4096))
    except BlockingIOError: os.set_blocking(1, True)
    print('more')
    """


@pytest.mark.parametrize("way", ["kill()", "return 130"])
def test_output_that_nobody_reads_does_not_keep_an_interrupted_command(tmp_path: Path, way: str) -> None:
    """What a pipe has no room for is not waited for any more."""
    with subprocess.Popen(_command(tmp_path, UNREAD + way, ""), cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE) as process:
        try:
            assert process.wait(SECONDS) == 130
        finally:
            process.kill()


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}


def _ended(here: Path, way: str, at_exit: str) -> subprocess.CompletedProcess[str]:
    """A process whose command ends in a certain way, and where something comes while Python ends."""
    return subprocess.run(_command(here, way, at_exit), cwd=here, env=ENVIRONMENT, capture_output=True, text=True, timeout=SECONDS)


def _command(here: Path, way: str, at_exit: str) -> list[str]:
    code = f"""
import atexit, os, signal, sys, threading, time, types
from harness import __main__ as start
from harness.stopping import stopping
def kill():
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0)
class Killing:
    def write(self, text):
        sys.__stderr__.write(text)
        kill()
    def flush(self):
        sys.__stderr__.flush()
class Killed:
    exc_type = KeyboardInterrupt
    def __del__(self):
        kill()
def command():
    {way}
def last():
    {at_exit or "pass"}
atexit.register(last)
sys.argv = ["harness", "check"]
sys.modules["harness.cli"] = types.SimpleNamespace(main=command)
sys.exit(start.main())
"""
    (here / "killed.py").write_text(code, encoding="utf-8")
    return [sys.executable, "-m", "killed"]
