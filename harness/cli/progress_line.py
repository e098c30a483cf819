"""Says on stderr how far a run has got: on a terminal always what is newest, elsewhere a new line every half minute."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence

from harness.cli.stage_bars import JOBS, BarLine, bar_lines, duration
from harness.cli.terminal_frame import TerminalFrame
from harness.jobs.standing import Standing

# How often a line is written where it stays for ever, such as into a log.
SECONDS = 30.0
# How often a terminal shows something else; and what is over sooner shows nothing there, which would only flicker.
REDRAWN_SECONDS = 0.2
PATIENCE_SECONDS = 0.5
PROGRAM = "harness"
# Terminals that cannot go back to what they have shown.
DUMB = ("", "dumb", "unknown")


class ProgressLine:
    """A text that is shown until another one takes its place; `clear` takes it away again.

    Where stderr is no terminal, every text is a line of its own, but only what is newest `SECONDS` after the last one: a short run says
    nothing. `at_once`: a terminal shows every text, since none may follow for long.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, at_once: bool = False) -> None:
        self.clock = clock
        self.frame = TerminalFrame(sys.stderr) if _is_terminal() else None
        self.every = SECONDS if self.frame is None else 0.0 if at_once else REDRAWN_SECONDS
        self.next = clock() + (SECONDS if self.frame is None else 0.0 if at_once else PATIENCE_SECONDS)

    @property
    def due(self) -> bool:
        """Whether something new would be shown."""
        return self.clock() >= self.next

    def show(self, text: str, bars: Sequence[BarLine] = ()) -> None:
        """Show a text or, on a terminal, the bars that it stands for."""
        if not self.due:
            return
        self.next = self.clock() + self.every
        if self.frame is None:
            print(text, file=sys.stderr, flush=True)
        else:
            self.frame.draw(text, bars)

    def clear(self) -> None:
        """Have the terminal as it was before."""
        if self.frame is not None:
            self.frame.clear()


class Counter:
    """Call it with how far `what` has got; `without` says, next to the time that is left, what is not counted in it."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic, at_once: bool = False, without: str = "") -> None:
        self.what = what
        self.line = ProgressLine(clock, at_once)
        self.without = f", {without}" if without else ""

    def __call__(self, standing: Standing) -> None:
        self._show(self.what, standing, self.without)

    def of(self, what: str, standing: Standing) -> None:
        """Show how far something else has got, in which everything is counted."""
        self._show(what, standing, "")

    def _show(self, what: str, standing: Standing, without: str) -> None:
        # Until then nobody need find out.
        if self.line.due:
            name = what.removeprefix(PROGRAM).removeprefix(": ")
            self.line.show(f"{what}: {standing.done}/{standing.total} {JOBS}{_left(standing, without)}", bar_lines(name, standing, without))

    def clear(self) -> None:
        self.line.clear()


def _is_terminal() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in DUMB


def _left(standing: Standing, without: str) -> str:
    seconds = standing.seconds_left
    return "" if seconds is None or standing.done == standing.total else f", about {duration(seconds)} left{without}"
