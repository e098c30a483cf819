"""What is said of a run that goes on."""

from __future__ import annotations

from functools import partial

import pytest

from harness.cli import carry_out as carrying
from harness.cli.carry_out import Plan, carry_out
from harness.cli.progress_line import Counter, ProgressLine
from harness.explored.models import ARM, SC, TSO
from harness.jobs.standing import Standing
from tests.cli.terminal_screen import Screen


@pytest.fixture(autouse=True)
def _without_progress() -> None:
    """Here there are such lines."""


class FakeClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class HalfDone(Standing):
    """A run of which the rest takes so many seconds."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(1, 2)
        self.left = seconds

    @property
    def seconds_left(self) -> float | None:
        return self.left


def be_a_terminal(monkeypatch: pytest.MonkeyPatch, kind: str = "xterm") -> None:
    """Have stderr taken for a terminal of 60 columns."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setenv("COLUMNS", "60")


def test_a_line_every_half_minute(capsys: pytest.CaptureFixture[str]) -> None:
    """Where stderr is no terminal: nothing of a short run, and then the newest text, once in 30 s."""
    clock = FakeClock()
    counter = Counter("harness", clock)
    for second in range(75):
        clock.now = 1000.0 + second
        counter(Standing(second, 100))
    counter.clear()
    assert capsys.readouterr().err == "harness: 30/100 jobs\nharness: 60/100 jobs\n"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, ""), (0.2, ", about 1 s left"), (99.4, ", about 99 s left"), (150, ", about 2 min left"), (9000, ", about 2 h left")],
)
def test_the_time_that_is_left(capsys: pytest.CaptureFixture[str], seconds: float | None, said: str) -> None:
    """It is said where it is known, in one unit."""
    clock = FakeClock()
    counter = Counter("harness: again", clock)
    clock.now += 31
    counter(HalfDone(seconds))
    assert capsys.readouterr().err == f"harness: again: 1/2 jobs{said}\n"


def test_what_is_not_counted_in_the_time_that_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    """It is said behind the time, and only there; something else has all of it counted."""
    clock = FakeClock()
    counter = Counter("harness", clock, without="without sc")
    for show in (counter, partial(counter.of, "harness: what sc says")):
        for seconds in (5, None):
            clock.now += 31
            show(HalfDone(seconds))
    said = ("1/2 jobs, about 5 s left, without sc", "1/2 jobs", "what sc says: 1/2 jobs, about 5 s left", "what sc says: 1/2 jobs")
    assert capsys.readouterr().err == "".join(f"harness: {each}\n" for each in said)


@pytest.mark.parametrize(("models", "said"), [((TSO,), "without sc"), ((TSO, ARM), "without sc"), ((SC, TSO), ""), ((), "")])
def test_a_run_that_tries_violations_once_more_says_so(models: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under weak memory models alone, where any clause is tested; without any, there is nothing to violate."""
    made: list[str] = []

    def counter(what: str, without: str) -> Counter:
        made.append(without)
        return Counter(what, without=without)

    monkeypatch.setattr(carrying, "Counter", counter)
    for clauses in ((("fifo", ("vcpu",)),), ()):
        carry_out([], Plan(clauses, models=models), 1)
    assert made == [said, ""]


def test_where_everything_is_done_no_time_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    """The line has the counts alone."""
    clock = FakeClock()
    counter = Counter("harness", clock)
    clock.now += 31
    done = HalfDone(0.0)
    done.done = done.total
    counter(done)
    assert capsys.readouterr().err == "harness: 2/2 jobs\n"


def test_a_terminal_shows_the_newest_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Not at once, and not more often than eyes can follow; at the end it is as it was."""
    be_a_terminal(monkeypatch)
    clock = FakeClock()
    line, screen = ProgressLine(clock), Screen(60)
    shown = []
    for text, seconds in (("too early", 0.3), ("12345", 0.3), ("too soon", 0.1), ("12", 0.2)):
        clock.now += seconds
        line.show(text)
        shown.append(screen.write(capsys.readouterr().err).text)
    assert shown == ["", "12345", "12345", "12"]
    line.clear()
    assert screen.write(capsys.readouterr().err).text == ""
    assert (screen.row, screen.column) == (0, 0)


def test_what_is_shown_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every text is, where none may follow for long."""
    be_a_terminal(monkeypatch)
    counter, screen = Counter("harness", FakeClock(), at_once=True), Screen(60)
    counter(Standing(0, 3))
    assert "0/3" in screen.write(capsys.readouterr().err).text
    counter(Standing(1, 3))
    assert "1/3" in screen.write(capsys.readouterr().err).text


@pytest.mark.parametrize("kind", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_go_back(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """It is written to as a file is."""
    be_a_terminal(monkeypatch, kind)
    clock = FakeClock()
    line = ProgressLine(clock)
    for seconds in (1, 30):
        clock.now += seconds
        line.show(f"after {seconds}")
    line.clear()
    assert capsys.readouterr().err == "after 30\n"
