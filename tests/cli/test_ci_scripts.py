"""The scripts in ci/: what they refuse, in one line; whose code they run; how they make `harness` available."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.browser.visitor import NAMES
from tests.cli.invocation import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


def refused(tmp_path: Path, script: str, **environment: str) -> str:
    """Run a script that must stop before it makes anything; return its one line."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "PYTHON": sys.executable}
    result = subprocess.run([ROOT / "ci" / script], env={**clean, **environment}, capture_output=True, text=True, timeout=PATIENCE)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("harness: ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()
    return result.stderr


def fake_python(tmp_path: Path, when: str, then: str) -> str:
    """An interpreter that does `then` when its arguments contain `when`, and is the real one otherwise."""
    path = tmp_path / "python3"
    path.write_text(f'#!/bin/sh\ncase "$*" in *{when}*) {then};; *) exec "{sys.executable}" "$@";; esac\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("script", ["run", "test", "findings"])
def test_an_old_python(tmp_path: Path, script: str) -> None:
    """Its version is named, and the one that is needed."""
    old = fake_python(tmp_path, "version_info", "echo 3.10 0")
    assert "is Python 3.10; Python 3.11 or later is needed" in refused(tmp_path, script, PYTHON=old)


def test_no_python(tmp_path: Path) -> None:
    """It is named."""
    assert "there is no python-that-is-not-there" in refused(tmp_path, "run", PYTHON="python-that-is-not-there")


def test_no_venv_module(tmp_path: Path) -> None:
    """The package to install is named."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"apt-get install python{version}-venv" in refused(tmp_path, "run", PYTHON=fake_python(tmp_path, "ensurepip", "exit 1"))


def test_no_place_for_the_environment(tmp_path: Path) -> None:
    """The place is named, and how to choose another one."""
    assert "/proc/venv; set HARNESS_VENV" in refused(tmp_path, "run", HARNESS_VENV="/proc/venv")


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A virtual environment that works, as far as the scripts can see: it writes down what pip is to install, and its tools do nothing."""
    venv = tmp_path / "a shared place"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").touch()
    log = shlex.quote(str(tmp_path / "log"))
    scripts = {"python": f'case "$*" in *install*) for last; do :; done; echo "$last" >>{log};; esac', "harness": "echo a table"}
    for name in ("python", "harness", "ruff", "mypy", "lint-imports", "vulture", "pytest"):
        (venv / "bin" / name).write_text(f"#!/bin/sh\n{scripts.get(name, '')}\n", encoding="utf-8")
        (venv / "bin" / name).chmod(0o755)
    return venv


def checkout(tmp_path: Path, name: str) -> Path:
    """What the scripts need of a checkout."""
    root = tmp_path / name
    shutil.copytree(ROOT / "ci", root / "ci")
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def run(script: Path, venv: Path, path: str = os.environ["PATH"], words: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run a script that is to succeed."""
    environment = {"PATH": path, "HOME": "/nowhere", "PYTHON": sys.executable, "HARNESS_VENV": str(venv)}
    result = subprocess.run([script, *words], env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 0, result.stderr
    return result


def tools(tmp_path: Path, browser: str = "") -> str:
    """A directory, as `PATH`, with everything that is in `PATH` but browsers; one can be put there."""
    place = tmp_path / "tools"
    place.mkdir()
    found = {path.name: path for each in reversed(os.get_exec_path()) for path in Path(each).glob("*")}
    for tool in found.keys() - set(NAMES):
        (place / tool).symlink_to(found[tool])
    if browser:
        (place / browser).symlink_to(sys.executable)
    return str(place)


@pytest.mark.parametrize(("browser", "extras"), [("", "[test]"), (NAMES[-1], "[test,browser]")])
def test_a_page_is_looked_at_where_there_is_a_browser(tmp_path: Path, shared: Path, browser: str, extras: str) -> None:
    """What drives it is installed then, and otherwise not."""
    root = checkout(tmp_path, "one")
    run(root / "ci" / "test", shared, path=tools(tmp_path, browser))
    assert (tmp_path / "log").read_text(encoding="utf-8") == f"{root}{extras}\n"


def test_checkouts_that_share_an_environment_run_their_own_code(tmp_path: Path, shared: Path) -> None:
    """Whoever comes after another checkout installs itself again; whoever comes after itself does not, be it with or without extras."""
    one, two, path = checkout(tmp_path, "one"), checkout(tmp_path, "two"), tools(tmp_path)
    for root, script in ((one, "run"), (one, "run"), (two, "test"), (two, "run"), (one, "run"), (one, "test"), (one, "run"), (two, "test")):
        run(root / "ci" / script, shared, path=path)
    installed = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert installed == [str(one), f"{two}[test]", str(one), f"{one}[test]", f"{two}[test]"]


def test_the_line_that_makes_the_command_available(tmp_path: Path, shared: Path) -> None:
    """`ci/run` says it on stderr, it works in a shell whatever the place is called, and nobody is told twice."""
    script = checkout(tmp_path, "one") / "ci" / "run"
    result = run(script, shared)
    said = result.stderr.splitlines()
    assert (result.stdout, len(said)) == ("a table\n", 1)
    command = said[0].partition(": ")[2]
    found = subprocess.run(["sh", "-c", f"{command}; command -v harness"], capture_output=True, text=True, timeout=PATIENCE)
    assert found.stdout == f"{shared}/bin/harness\n"
    assert run(script, shared, f"{shared}/bin:{os.environ['PATH']}").stderr == ""


@pytest.mark.parametrize(("words", "extra"), [(["--html", "x"], "[html]"), (["--no-perf", "--html=x"], "[html]"), (["--json", "x"], "")])
def test_what_draws_is_installed_for_who_wants_a_page(tmp_path: Path, shared: Path, words: list[str], extra: str) -> None:
    """It is large, so nobody else has it."""
    root = checkout(tmp_path, "one")
    run(root / "ci" / "run", shared, words=words)
    assert (tmp_path / "log").read_text(encoding="utf-8") == f"{root}{extra}\n"
