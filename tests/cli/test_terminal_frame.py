"""Lines that take each other's place at the end of a terminal."""

from __future__ import annotations

import io
import signal
import threading

import pytest

from harness.cli.stage_bars import BarLine
from harness.cli.terminal_frame import TerminalFrame, above_frames
from tests.cli.terminal_screen import Screen


class ScreenFile(io.StringIO):
    """A file that is a terminal of 40 columns, below a line that was there before."""

    def __init__(self) -> None:
        super().__init__()
        self.screen = Screen(40).write("before\n")
        self.writes = 0
        # Whether Ctrl-C is pressed as soon as something is seen.
        self.interrupts = False

    def write(self, text: str) -> int:
        self.screen.write(text)
        self.writes += bool(text)
        if text and self.interrupts:
            # The harness has one thread; whoever runs tests may have others, to which it does not go.
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        return len(text)


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> ScreenFile:
    """Such a file."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("TERM", "xterm")
    return ScreenFile()


def bars(number: int, done: int) -> list[BarLine]:
    """So many lines."""
    return [BarLine(f"stage {each}", done, 9, "") for each in range(number)]


def test_more_and_fewer_lines(file: ScreenFile) -> None:
    """Each frame is one write, and nothing of the one before is left."""
    frame = TerminalFrame(file)
    for number in (1, 4, 2, 3):
        frame.draw("", bars(number, number))
        assert file.screen.text.splitlines()[0] == "before"
        assert [line[:7] for line in file.screen.text.splitlines()[1:]] == [f"stage {each}" for each in range(number)]
        assert all(f"{number}/9" in line for line in file.screen.text.splitlines()[1:])
    frame.clear()
    assert (file.screen.text, file.screen.row, file.screen.column, file.writes) == ("before", 1, 0, 5)
    assert file.screen.cursor_shown


def test_what_is_shown_already(file: ScreenFile) -> None:
    """It is not written again, and where nothing is shown nothing is cleared."""
    frame = TerminalFrame(file)
    frame.clear()
    frame.draw("the same")
    frame.draw("the same")
    assert file.writes == 1


def test_a_long_text(file: ScreenFile) -> None:
    """It has as many lines as it takes, none of which reaches the end of the terminal's."""
    frame = TerminalFrame(file)
    frame.draw("harness: 1/2 programs, 100 executions, [bold]about[/bold] 1000 in all")
    assert file.screen.text == "before\nharness: 1/2 programs, 100\nexecutions, [bold]about[/bold] 1000\nin all"
    frame.draw("short")
    assert file.screen.text == "before\nshort"


def test_fewer_lines_than_a_frame_has(file: ScreenFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones are shown: the cursor cannot go back beyond the top."""
    monkeypatch.setenv("LINES", "4")
    TerminalFrame(file).draw("", bars(8, 1))
    assert [line[:7] for line in file.screen.text.splitlines()[1:]] == ["stage 5", "stage 6", "stage 7"]


def test_a_line_above(file: ScreenFile) -> None:
    """What somebody has to be told meanwhile stays where it is."""
    frame = TerminalFrame(file)
    frame.draw("one")
    above_frames("told", file)
    frame.draw("two")
    assert file.screen.text == "before\ntold\ntwo"
    frame.clear()
    assert file.screen.text == "before\ntold"


def test_an_interrupt_while_something_is_written(file: ScreenFile) -> None:
    """It comes when it is known what the terminal shows, so that all of it can be taken away."""
    frame = TerminalFrame(file)
    frame.draw("", bars(2, 1))
    file.interrupts = True
    with pytest.raises(KeyboardInterrupt):
        frame.draw("", bars(4, 2))
    file.interrupts = False
    frame.clear()
    assert file.screen.text == "before"
