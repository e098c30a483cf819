"""Whether others have had the CPU that this thread needed: real time in which they had it is no time in which this one has slept."""

from __future__ import annotations

import time
from pathlib import Path

# For how long the thread that reads it has run, and for how long it has waited for that, in ns.
SCHEDULED = Path("/proc/thread-self/schedstat")


class RunQueue:
    """Knows how long the thread that asks has waited for a CPU."""

    def __init__(self) -> None:
        self.asked = time.monotonic()
        self.waited = _waited_seconds()

    def was_long(self) -> bool:
        """Whether that was half of the time since the last call, or more."""
        asked, waited = self.asked, self.waited
        self.asked, self.waited = time.monotonic(), _waited_seconds()
        return 2 * (self.waited - waited) >= self.asked - asked


def _waited_seconds() -> float:
    """0 where the kernel does not say."""
    try:
        return int(SCHEDULED.read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
