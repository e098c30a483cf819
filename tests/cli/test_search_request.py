"""What every search of a series needs: two ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.main import main


def test_one_stage_has_no_two_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to search."""
    (tmp_path / "stage.py").write_text("", encoding="utf-8")
    assert main(["bisect", str(tmp_path), "--check", "fifo"]) == 2
    assert "has one stage only: there is nothing to search" in capsys.readouterr().err
