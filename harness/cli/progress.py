"""One line on stderr that says how far a run has got, on a terminal only."""

from __future__ import annotations

import sys


class Line:
    """A line that is shown, on a terminal only, until another one takes its place; `clear` takes it away again."""

    def __init__(self) -> None:
        self.shown = ""

    def show(self, text: str) -> None:
        if text != self.shown and sys.stderr.isatty():
            self._show(text)

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

    def __init__(self, what: str) -> None:
        self.what = what
        self.line = Line()

    def __call__(self, done: int, total: int) -> None:
        self.line.show(f"{self.what}: {done}/{total}")

    def clear(self) -> None:
        self.line.clear()
