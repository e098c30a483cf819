"""What the tests of the command line share."""

from __future__ import annotations

import codecs
import os
import re
import select
import subprocess
import time
from collections.abc import Callable

from tests.bounds import SECONDS

# Runs `harness …`, see the fixture of that name.
Harness = Callable[..., "subprocess.CompletedProcess[str]"]

# Appended to a stage: not every execution does the same, and what that depends on is not the stage's own.
WAVERING = """
import sys
schedule = TaskletSubsystem.tasklet_schedule
def waver(self, t):
    sys.turns = getattr(sys, 'turns', 0) + 1
    if sys.turns % 2:
        t.is_softirq = t.is_softirq
    schedule(self, t)
TaskletSubsystem.tasklet_schedule = waver
"""

# What a user accepts of the series that ships: a file for `--accept`.
ACCEPTED = """[[accepted]]
clause = "kill-independent"
kinds = ["softirq", "vcpu", "irq-client"]
patch = 1
why = "Known."
programs = ["its-cpu-is-stopped"]
"""

# In seconds, for any `harness` of the tests.
PATIENCE = SECONDS

# A line on stderr every half minute: how much is done of how much.
PROGRESS = re.compile(r"^harness: (?:[^:\n]+: )?\d+/\d+.*\n", re.MULTILINE)

# Enough to see that a stage keeps a clause, or does not.
QUICK = ("--seeds", "1", "--executions", "500")


def without_progress(stderr: str) -> str:
    """What was written to stderr, without what only a busy machine adds."""
    return PROGRESS.sub("", stderr)


class Terminal:
    """What a process writes to a terminal, of which `descriptor` is the other end; nothing here waits for ever."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.seen = ""
        # What comes may end within a character.
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.deadline = time.monotonic() + PATIENCE

    def read_until(self, enough: Callable[[str], object] = lambda seen: False) -> str:
        """Everything up to where it is `enough`, or up to the end."""
        while not enough(self.seen) and (more := self._more()):
            self.seen += self.decoder.decode(more)
        return self.seen

    def _more(self) -> bytes:
        ready, _, _ = select.select([self.descriptor], [], [], max(self.deadline - time.monotonic(), 0))
        assert ready, f"nothing more has come: {self.seen[-200:]}"
        try:
            return os.read(self.descriptor, 1000)
        except OSError:  # the other end is closed
            os.close(self.descriptor)
            return b""


def last_replay(text: str) -> str:
    """The last replay string of an output."""
    return re.findall(r"h2/[^\s']+", text)[-1]
