"""A series, wherever it comes from."""

from __future__ import annotations

from harness.sources.sourced_series import SourcedSeries


def test_where_a_series_ends_too_early_is_said() -> None:
    """With what does not apply, below the notes about where it comes from; otherwise there is nothing to say."""
    assert list(SourcedSeries("mine", "tasklets", (), ()).remarks) == []
    series = SourcedSeries("mine", "tasklets", (), (), notes=("A note.",), ends_early="patch 1 does not apply", hunk="@@\n-a\n+b")
    assert list(series.remarks) == ["A note.", "the series ends after stage -1: patch 1 does not apply", "@@", "-a", "+b"]
