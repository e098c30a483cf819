"""Keeps what a stage prints, up to a bound, instead of letting it reach the terminal."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import BinaryIO, cast

LIMIT_BYTES = 1 << 16
CUT_OFF = "\n(the rest of what was printed is left out)\n"


class Printed(io.BufferedIOBase):
    """A file that keeps the first `LIMIT_BYTES` of what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = bytearray()
        self.cut_off = False

    def fileno(self) -> int:
        """Standard output, which leads nowhere in a worker."""
        return 1

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        taken = bytes(data)  # type: ignore[call-overload]
        room = LIMIT_BYTES - len(self.kept)
        self.kept += taken[:room]
        self.cut_off |= len(taken) > room
        return len(taken)

    def text(self) -> str:
        """What was kept."""
        return self.kept.decode("utf-8", "replace") + CUT_OFF * self.cut_off


@contextlib.contextmanager
def captured() -> Iterator[Printed]:
    """Keep what is written to `sys.stdout` and `sys.stderr` inside."""
    printed = Printed()
    stream = io.TextIOWrapper(cast(BinaryIO, printed), encoding="utf-8", errors="backslashreplace", newline="\n", write_through=True)
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        yield printed
