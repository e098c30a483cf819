"""Runs the command line as a user does: in a process of its own."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import progress_line
from stages import FIXED
from tests.cli.invocation import PATIENCE, Harness, without_progress


@pytest.fixture(autouse=True)
def _without_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no lines about progress in this process, which a busy machine adds."""
    monkeypatch.setattr(progress_line, "SECONDS", math.inf)


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    """Run `harness …` in `tmp_path`; the output is text, without the lines about progress that a busy machine adds."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-m", "harness", *map(str, arguments)]
        # So that tables have a line for each row.
        environment = {**os.environ, "COLUMNS": "1000"}
        result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE)
        result.stderr = without_progress(result.stderr)
        return result

    return run


@pytest.fixture
def stage_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a copy of the last stage, with code appended or prepended."""

    def write(after: str = "", before: str = "", name: str = "tasklet.py") -> Path:
        source = FIXED.stages[-1].path.read_text(encoding="utf-8")
        future = "from __future__ import annotations\n"
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source.replace(future, f"{future}\n{before}\n") + f"\n{after}\n", encoding="utf-8")
        return path

    return write
