"""What is said of a run that goes on."""

from __future__ import annotations

import pytest

from harness.cli.progress_line import Counter, ProgressLine


class FakeClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_line_every_half_minute(capsys: pytest.CaptureFixture[str]) -> None:
    """Where stderr is no terminal: nothing of a short run, and then the newest text, once in 30 s."""
    clock = FakeClock()
    counter = Counter("harness", clock)
    for second in range(75):
        clock.now = 1000.0 + second
        counter(second, 100)
    counter.clear()
    assert capsys.readouterr().err == "harness: 30/100\nharness: 60/100\n"


def test_a_terminal_shows_the_newest_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each one takes the place of the one before, at once; the same text is not written twice."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    line = ProgressLine(FakeClock())
    for text in ("12345", "12345", "12"):
        line.show(text)
    line.clear()
    assert capsys.readouterr().err == "\r12345\r12   \r  \r"
