"""What every search of a series needs: two ends, and what a reader has to know about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.main import main
from harness.cli.search_request import end_of
from harness.sources.sourced_series import SourcedSeries


def test_one_stage_has_no_two_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to search."""
    (tmp_path / "stage.py").write_text("", encoding="utf-8")
    assert main(["bisect", str(tmp_path), "--check", "fifo"]) == 2
    assert "has one stage only: there is nothing to search" in capsys.readouterr().err


def test_where_a_series_ends_too_early_is_said() -> None:
    """With what does not apply, below the notes about where it comes from; otherwise there is nothing to say."""
    assert list(end_of(SourcedSeries("mine", "tasklets", (), ()))) == []
    series = SourcedSeries("mine", "tasklets", (), (), notes=("A note.",), ends_early="patch 1 does not apply", hunk="@@\n-a\n+b")
    assert list(end_of(series)) == ["A note.", "the series ends after stage -1: patch 1 does not apply", "@@", "-a", "+b"]
