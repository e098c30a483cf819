"""A suite in a file or a package: found, read by value, executed once; and what is wrong with one is said with its line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.suite.own_suite import PREFIX, OwnSuite, UnknownSuite, files_of, module_of, own_suite, place_of
from harness.suite.registry import placed, suite_named
from tests.cli.invocation import PATIENCE
from tests.suite.own_suites import small


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Nothing of a suite is left behind."""
    yield
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, OwnSuite)]
    for name in [name for name in sys.modules if name.startswith(PREFIX)]:
        del sys.modules[name]


def made(path: Path, text: str) -> str:
    """Write a suite; return the path as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_a_suite(tmp_path: Path) -> None:
    """By its path and by its reference, it is the same one; its programs have a place in it."""
    path = made(tmp_path / "steps.py", small())
    suite = suite_named(path)
    assert (suite.name, list(suite.clauses), place_of(suite.found_as)) == ("steps", ["steps"], path)
    assert suite_named(suite.found_as) is suite
    assert module_of(suite.found_as) in sys.modules
    assert suite.clauses["steps"].programs[0].place == ("steps.py", 12)


def test_a_package_is_a_suite(tmp_path: Path) -> None:
    """Its modules import each other, and each of its files makes it another suite."""
    made(tmp_path / "pack" / "deep" / "__init__.py", "from ..name import NAME\n")
    made(tmp_path / "pack" / "name.py", "NAME = 'inner'\n")
    made(tmp_path / "pack" / "__init__.py", small(extra="from .deep import NAME").replace('"steps", "steps"', 'NAME, "steps"'))
    first = suite_named(str(tmp_path / "pack"))
    assert first.name == "inner"
    made(tmp_path / "pack" / "name.py", "NAME = 'other'\n")
    second = suite_named(str(tmp_path / "pack"))
    assert (second.name, second.found_as == first.found_as) == ("other", False)
    assert suite_named(first.found_as) is first


def test_another_version_is_not_taken_for_it(tmp_path: Path) -> None:
    """Whoever has been told of a suite executes that one or none."""
    path = made(tmp_path / "steps.py", small())
    reference = OwnSuite(path).reference
    made(tmp_path / "steps.py", small(extra="x = 1"))
    with pytest.raises(UnknownSuite, match=r"^suite steps.py has been changed while it was used: run it again$"):
        own_suite(reference)


# As soon as the suite is there, little time is left to it; who does not catch that is told once.
SOON = "signal.setitimer(signal.ITIMER_REAL, signal.getitimer(signal.ITIMER_REAL)[0] / 1000)"

WRONG = {
    "x = 1\nimport no_such_module": "suite s.py:2: ModuleNotFoundError: No module named 'no_such_module'",
    "\n1 / 0": "suite s.py:2: ZeroDivisionError: division by zero",
    "x = 1\ndef f(:": "suite s.py:2: SyntaxError: invalid syntax",
    "raise SystemExit(3)": "suite s.py:1: exits when it is imported",
    "x = 1\nSUITE = 5": "suite s.py:2: SUITE has to be a harness.suite.Suite",
    "SUIT = 5": "suite s.py: SUITE has to be a harness.suite.Suite",
    'from harness.suite import Suite\nSUITE = Suite("a", "b", ("k",), {})': "suite s.py:2: names no clause",
    f"import signal, time\n{SOON}; time.sleep(1000)": "suite s.py:2: is still being imported after 60 s",
    f"import signal\n{SOON}\nwhile True:\n    pass": "suite s.py:",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_one_is_said(text: str, tmp_path: Path) -> None:
    """In one line, with the file and the line; a file that has been mended is read again."""
    path = made(tmp_path / "s.py", text)
    with pytest.raises(UnknownSuite) as raised:
        suite_named(path)
    assert str(raised.value).startswith(WRONG[text])
    assert "\n" not in str(raised.value)
    made(tmp_path / "s.py", small())
    assert suite_named(path).name == "steps"


# Wherever it is told that its time is up, it is where it catches that.
CATCHES_EVERYTHING = """
import signal, time
first, again = signal.getitimer(signal.ITIMER_REAL)
while True:
    try:
        signal.setitimer(signal.ITIMER_REAL, first and again / 20)
        time.sleep(1000)
    except BaseException:
        pass
"""


def test_one_that_catches_everything_ends_the_command(tmp_path: Path) -> None:
    """There is no other way to be rid of it; why is said all the same."""
    path = made(tmp_path / "s.py", CATCHES_EVERYTHING)
    code = "import sys; from harness.suite.own_suite import own_suite; own_suite(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (2, "harness: suite s.py: is still being imported after 60 s\n")


def test_what_is_there_and_no_suite(tmp_path: Path) -> None:
    """A directory without modules, and nothing at all."""
    with pytest.raises(UnknownSuite, match=r"is no suite: a suite is a package, with an __init__.py in which SUITE is a Suite"):
        suite_named(str(tmp_path))
    with pytest.raises(UnknownSuite, match=r"^there is no suite './gone.py': name a Python file"):
        suite_named("./gone.py")


def test_what_a_suite_prints_is_no_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It goes to stderr."""
    suite_named(made(tmp_path / "steps.py", small(extra="print('hello')")))
    assert capsys.readouterr() == ("", "hello\n")


def test_a_path_in_a_file_is_from_its_directory(tmp_path: Path) -> None:
    """A name stays a name, and an installed suite comes before a directory that is called like it."""
    (tmp_path / "tasklets").mkdir()
    (tmp_path / "mine").mkdir()
    found = [placed(word, str(tmp_path)) for word in ("tasklets", "other", "mine", "a.py", "x/a.py", "")]
    assert found == ["tasklets", "other", f"{tmp_path}/mine", f"{tmp_path}/a.py", f"{tmp_path}/x/a.py", ""]


def test_its_python_files(tmp_path: Path) -> None:
    """Those of a package by their paths; another reference has none."""
    package = tmp_path / "steps"
    package.mkdir()
    (package / "__init__.py").write_text(small(), encoding="utf-8")
    (package / "data.txt").write_text("1", encoding="utf-8")
    reference = own_suite(str(package)).reference
    assert files_of(reference) == [("steps/__init__.py", small().encode())]
    assert files_of("litmus") == []
