"""One line on stderr that says how far a run has got: always the newest on a terminal, and elsewhere a new one every half minute."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

# How often a line is written where it stays for ever, such as into a log.
SECONDS = 30.0


class ProgressLine:
    """A line that is shown until another one takes its place; `clear` takes it away again.

    Where stderr is no terminal, every text is a line of its own, but only what is newest `SECONDS` after the last one: a short run says
    nothing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.shown = ""
        self.clock = clock
        self.told = clock()

    def show(self, text: str) -> None:
        if sys.stderr.isatty():
            if text != self.shown:
                self._show(text)
        elif self.clock() - self.told >= SECONDS:
            self.told = self.clock()
            print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.shown:
            self._show("")
            self.shown = ""

    def _show(self, text: str) -> None:
        # Only what the last text covered is wiped, so that this also works where escape sequences do not.
        sys.stderr.write(f"\r{text}{' ' * (len(self.shown) - len(text))}{chr(13) * (not text)}")
        sys.stderr.flush()
        self.shown = text


class Counter:
    """Call it with how much is done of how much."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.what = what
        self.line = ProgressLine(clock)

    def __call__(self, done: int, total: int) -> None:
        self.line.show(f"{self.what}: {done}/{total}")

    def clear(self) -> None:
        self.line.clear()
