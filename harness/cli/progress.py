"""One line on stderr that counts what is done, on a terminal only."""

from __future__ import annotations

import sys


class Counter:
    """Call it with how much is done of how much; `clear` takes the line away again."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.shown = ""

    def __call__(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self._show(f"{self.what}: {done}/{total}")

    def clear(self) -> None:
        if self.shown:
            self._show("")
            self.shown = ""

    def _show(self, text: str) -> None:
        # Only what the last text covered is wiped, so that this also works where escape sequences do not.
        sys.stderr.write(f"\r{text}{' ' * (len(self.shown) - len(text))}{chr(13) * (not text)}")
        sys.stderr.flush()
        self.shown = text
