"""Interrupts a command of this process as Ctrl-C does, at a moment that does not depend on how fast the machine is."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from harness.cli.progress_line import Counter
from harness.jobs.standing import Standing


def interrupted_at(left: int) -> Callable[[str], Counter]:
    """Progress that interrupts this very process, as Ctrl-C does, when so many jobs are left to do."""

    class Interrupting(Counter):
        def __call__(self, standing: Standing) -> None:
            super().__call__(standing)
            if standing.total and standing.total - standing.done <= left:
                os.kill(os.getpid(), signal.SIGINT)

    return Interrupting
