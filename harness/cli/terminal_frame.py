"""A few lines at the end of a terminal, each of which takes the place of what was there before.

The cursor stays where it is seen, so that a terminal is in order whichever way this process ends. A frame is one write: nothing flickers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from harness.cli.stage_bars import BarLine, as_table
from harness.stopping import uninterrupted

if TYPE_CHECKING:
    from rich.console import Console

# Room for what the terminal writes itself at the cursor, such as ^C.
MARGIN = 3
UP = "\033[{}A"
END_OF_LINE, END_OF_SCREEN = "\033[K", "\033[J"

# Those that show something.
_on_screen: list[TerminalFrame] = []


def above_frames(text: str, stream: TextIO) -> None:
    """Write a line where a frame may be: it goes, and comes back below."""
    for frame in [frame for frame in _on_screen if frame.stream is stream]:
        frame.clear()
    print(text, file=stream)


class TerminalFrame:
    """The lines that `stream`, a terminal, shows last."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.lines: list[str] = []

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console

        return Console(file=self.stream, force_terminal=True, force_interactive=False, highlight=False)

    def draw(self, text: str, bars: Sequence[BarLine] = ()) -> None:
        """Show bars or, if there are none, a text."""
        lines = self._rendered(text, bars)
        if lines != self.lines:
            self._write(lines)

    def clear(self) -> None:
        """Show nothing, and leave the cursor where it was at first."""
        if self.lines:
            self._write([])

    def _rendered(self, text: str, bars: Sequence[BarLine]) -> list[str]:
        from rich.text import Text

        console = self._console
        room = max(console.width - MARGIN, 1)
        with console.capture() as captured:
            console.print(as_table(bars, room) if bars else Text(text), width=room)
        # Of what does not fit, the end says most.
        return captured.get().splitlines()[-max(console.height - 1, 1) :]

    def _write(self, lines: list[str]) -> None:
        up = len(self.lines) - 1
        back = "\r" + UP.format(up) * (up > 0)
        # Otherwise a signal might come between what is shown and the note of it.
        with uninterrupted():
            self.stream.write(back + "\n".join(line + END_OF_LINE for line in lines) + END_OF_SCREEN)
            self.stream.flush()
            self.lines = lines
        if lines and self not in _on_screen:
            _on_screen.append(self)
        elif not lines and self in _on_screen:
            _on_screen.remove(self)
