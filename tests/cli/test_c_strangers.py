"""Three C files in three styles that nobody has prepared for the harness, as a series: they run as they are, and always the same way.

Each has structures, static functions and data for each CPU of its own, and two headers: `deferred` is written as Linux is, with chains of
its own, `ring` as Xen is, with arrays and bitmaps, `mailbox` with C11 atomics and no lock.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.main import main
from tests.cli.invocation import PATIENCE
from tests.native.in_c import needs_cc

STRANGERS = Path(__file__).parents[1] / "native" / "strangers"
LITTLE = (
    "--check",
    "exactly-once",
    "runs-where-asked",
    "--no-perf",
    "--seeds",
    "1",
    "--executions",
    "12",
    "--accept-bound",
    "0",
    "--model",
    "sc",
)


@needs_cc
def test_strangers_run_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is wrong with them; another process, with other addresses and more workers, writes the same bytes."""
    monkeypatch.setenv("HARNESS_CACHE_DIR", str(tmp_path / "cache"))
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    command = ["run", "--series", str(STRANGERS), *LITTLE, "--no-cache"]
    assert main([*command, "--jobs", "1", "--json", str(here)]) == 0, capsys.readouterr().out
    other = [sys.executable, "-m", "harness", *command, "--jobs", "2", "--json", str(there)]
    subprocess.run(other, check=True, capture_output=True, timeout=PATIENCE)
    assert here.read_bytes() == there.read_bytes()
    found = json.loads(here.read_text())
    assert not found["bad"]
    assert [stage["title"] for stage in found["stages"]] == ["deferred", "ring", "mailbox"]
