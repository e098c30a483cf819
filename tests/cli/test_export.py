"""`harness series export`: where it may write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.invocation import Harness


@pytest.mark.parametrize("target", ["full", "a_file", "missing/directory", "/proc/export", "a_file/directory"])
def test_export_refuses_a_bad_target(harness: Harness, tmp_path: Path, target: str) -> None:
    """Exit code 2, one line, and nothing changed."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    (tmp_path / "a_file").touch()
    before = sorted(tmp_path.rglob("*"))
    result = harness("series", "export", target)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("harness: ")
    assert target in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
