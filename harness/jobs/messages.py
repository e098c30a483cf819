"""Small messages from the workers to their parent, over one pipe: a line each, the number of the task and what it tells, as JSON.

A line is written by one call and is shorter than what a pipe takes as a whole: it arrives complete or not at all, whenever the
worker is killed. Nobody waits: where the pipe is full, the worker drops the message, and the next one says more. A stage can write into
the pipe too, so the parent takes in nothing but lines of that form.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
from collections.abc import Iterator

from harness.jobs.executor import Message

# No longer than what a pipe takes as a whole on any system.
LONGEST = select.PIPE_BUF
AT_ONCE = 1 << 16


class Outbox:
    """The worker's side: whom to tell, and which task is running."""

    def __init__(self) -> None:
        self.descriptor = -1
        self.number = -1

    def send(self, *values: float) -> None:
        """Tell the parent, if there is one that listens."""
        line = json.dumps([self.number, *values]).encode() + b"\n"
        if self.descriptor < 0 or len(line) > LONGEST:
            return
        # The pipe may be full, the parent gone, or the stage may have closed it.
        with contextlib.suppress(OSError):
            os.write(self.descriptor, line)


outbox = Outbox()


class Inbox:
    """The parent's side of a pipe, the reading end of which is given up to it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.rest = b""
        os.set_blocking(descriptor, False)

    def messages(self) -> Iterator[Message]:
        """What has come since the last time. It never waits."""
        try:
            received = os.read(self.descriptor, AT_ONCE)
        except BlockingIOError:
            return
        *lines, rest = (self.rest + received).split(b"\n")
        self.rest = rest if len(rest) <= LONGEST else b""
        for line in lines:
            if (message := _parsed(line)) is not None:
                yield message

    def close(self) -> None:
        os.close(self.descriptor)


def _parsed(line: bytes) -> Message | None:
    try:
        number, *values = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    if type(number) is int and all(type(value) in (int, float) and math.isfinite(value) for value in values):
        return Message(number, tuple(values))
    return None
