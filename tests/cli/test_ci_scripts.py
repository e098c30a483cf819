"""The scripts in ci/: what they refuse, in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def refused(tmp_path: Path, script: str, **environment: str) -> str:
    """Run a script that must stop before it makes anything; return its one line."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "PYTHON": sys.executable}
    result = subprocess.run([ROOT / "ci" / script], env={**clean, **environment}, capture_output=True, text=True, timeout=60)
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
