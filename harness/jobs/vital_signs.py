"""Whether the process that carries out a task still gets anywhere, as seen from outside, whatever the stage has done to it.

The watchdog inside ends an execution that does not come back, and knows the function. Where the stage has switched that off, has stopped
the process, or made another program of it, these limits hold. What other processes use of the machine does not count.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from harness.jobs.heartbeat import IDLE, Pulse

# CPU time of one execution, a little more than the watchdog inside leaves. How long one may sleep; how long a task may be stopped in all.
CPU_SECONDS = 4.0
ASLEEP_SECONDS = 7.5
STOPPED_SECONDS = 2.0
# CPU time of one execution in which the watchdog inside has not ticked: what that leaves, but it has been switched off, or has no turn.
SILENT_SECONDS = 2.0
# No time between two looks counts for more: this process may have been stopped itself.
LONGEST_LOOK = 0.5

# Letters of the kernel's. Who waits for a disk is not to blame for how slow that is, but may not wait for ever: a tenth of it counts.
STOPPED = frozenset("Tt")
ASLEEP = frozenset("SZX")
ENDED = frozenset("ZX")
RUNNABLE = "R"
AT_THE_DISK = "D"
DISK_SHARE = 0.1

LOST = "did not come back, and nothing could interrupt it"


class VitalSigns:
    """Looks at process `number` again and again while it carries out one task."""

    def __init__(self, number: int, pulse: Pulse) -> None:
        self.number = number
        self.pulse = pulse
        self.execution = IDLE
        self.ticks = 0
        # Its CPU time at the last look, at the beginning of the execution, and at the watchdog's last tick in that.
        self.cpu = self.begun = self.ticked = _cpu_seconds(number)
        self.asleep = self.stopped = 0.0
        # How long the task has lasted, but for the time in which others had the CPU that it needed.
        self.lived = 0.0
        self.looked = time.monotonic()

    def problem(self) -> str:
        """Why the task is to be given up, completing "the stage …"; empty if it is not."""
        now = time.monotonic()
        passed, self.looked = min(now - self.looked, LONGEST_LOOK), now
        state = state_of(self.number)
        if state in STOPPED:
            # Somebody else may have done that, and once.
            self.stopped += passed
            _go_on(self.number)
        if self.stopped > STOPPED_SECONDS:
            return "stops the process that runs it"
        before, self.cpu = self.cpu, _cpu_seconds(self.number)
        self.lived += self._own_share(state, passed, self.cpu - before)
        self.asleep = self.asleep + passed if state in ASLEEP and self.pulse.execution == self.execution else 0.0
        self._feel()
        silent = self.cpu - self.ticked > SILENT_SECONDS
        return LOST if silent or self.cpu - self.begun > CPU_SECONDS or self.asleep > ASLEEP_SECONDS else ""

    @staticmethod
    def _own_share(state: str, passed: float, used: float) -> float:
        """How much of the time that has passed is the task's own; `used` is its CPU time."""
        if state == RUNNABLE:
            return min(passed, used)
        return passed * DISK_SHARE if state == AT_THE_DISK else passed

    def _feel(self) -> None:
        """See whether another execution has begun, and whether the watchdog has ticked."""
        execution, ticks = self.pulse.execution, self.pulse.ticks
        if execution != self.execution or execution == IDLE:
            # Between executions the harness may have much to do, but nothing to wait for.
            self.begun = self.ticked = self.cpu
        if ticks != self.ticks:
            self.ticked = self.cpu
        self.execution, self.ticks = execution, ticks


def _go_on(number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(number, signal.SIGCONT)


def state_of(number: int) -> str:
    """The letter of the kernel's for what a process is doing; empty if there is none of that number."""
    return (_told_of(number) or [""])[0]


def has_ended(number: int) -> bool:
    """Whether a process has ended, though its parent may not have come round to seeing that. While a thread of it lives, it has not."""
    told = _told_of(number)
    if told:
        return told[0] in ENDED and int(told[THREADS]) <= 1
    try:
        os.kill(number, 0)
    except OSError:
        return True
    return False


# Which word is the number of threads, of those after the name.
THREADS = 17


def _told_of(number: int) -> list[str]:
    """What the kernel tells of a process, behind its name."""
    try:
        return Path(f"/proc/{number}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_seconds(number: int) -> float:
    """The CPU time of a process, by the clock that the kernel has for it."""
    try:
        return time.clock_gettime((~number << 3) | 2)
    except OSError:
        return 0.0
