"""A worker's heartbeat: which execution is under way, and whether its watchdog ticks, in memory that its parent reads.

To say so costs less than a call does.

The stage may do anything to the process, to its signals and timers: only somebody outside can tell that an execution does not come back.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import MutableSequence

SIZE = mmap.PAGESIZE
WORD = 8
IDLE = 0


class Heart:
    """The worker's side; nobody reads it where there is no parent.

    `beat[0]` is the number of the execution under way, or `IDLE`, `beat[1]` how often the watchdog has ticked.
    """

    def __init__(self) -> None:
        self.beat: MutableSequence[int] = [IDLE, 0]
        # Whether this process is a worker, whose parent looks after it.
        self.watched = False

    def share(self, descriptor: int) -> None:
        """Beat in the memory behind `descriptor`."""
        self.beat = memoryview(mmap.mmap(descriptor, SIZE)).cast("Q")  # type: ignore[assignment]
        self.watched = True


heart = Heart()


class Pulse:
    """The parent's side: the memory, with a descriptor to hand on."""

    def __init__(self) -> None:
        self.descriptor = os.memfd_create("heartbeat")
        os.ftruncate(self.descriptor, SIZE)
        self._memory = mmap.mmap(self.descriptor, SIZE)

    @property
    def execution(self) -> int:
        """The number of the execution under way, or `IDLE`."""
        return self._read(0)

    @property
    def ticks(self) -> int:
        """How often the watchdog has ticked."""
        return self._read(1)

    def _read(self, at: int) -> int:
        return int.from_bytes(self._memory[at * WORD : (at + 1) * WORD], "little")

    def handed_on(self) -> None:
        """The descriptor is not needed any more."""
        os.close(self.descriptor)

    def stop(self) -> None:
        self._memory.close()
