"""How wide and how coloured executions are shown: options first, then the environment, then the terminal."""

from __future__ import annotations

import sys

import pytest

from harness.cli.shown_looks import ALWAYS, NEVER, LooksRequest
from harness.report.looks import Looks


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stdout is one, and the environment says nothing."""
    for name in ("COLUMNS", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


@pytest.mark.usefixtures("terminal")
def test_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the environment, or the option, does not want them."""
    assert LooksRequest().looks("simple").colour
    assert not LooksRequest(color=NEVER).looks("simple").colour
    monkeypatch.setenv("TERM", "dumb")
    assert not LooksRequest().looks("simple").colour
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not LooksRequest().looks("simple").colour
    assert LooksRequest(color=ALWAYS).looks("simple").colour


@pytest.mark.usefixtures("terminal")
def test_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """The option counts before `COLUMNS`; no width is less than what words need."""
    monkeypatch.setenv("COLUMNS", "66")
    assert LooksRequest().looks("simple").width == 66
    assert LooksRequest(width=100).looks("simple").width == 100
    monkeypatch.setenv("COLUMNS", "3")
    assert LooksRequest().looks("simple").width == 40


def test_a_file_has_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no colours; `COLUMNS` counts if it is a number."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    monkeypatch.setenv("COLUMNS", "many")
    assert LooksRequest().looks("simple", 60) == Looks(None, most=60)
    monkeypatch.setenv("COLUMNS", "90")
    assert LooksRequest().looks("simple").width == 90
