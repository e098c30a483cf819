"""A suite that does not come back where no execution is under way, which a watchdog ends: in a probe, in a load, in `Suite.lacks`.

A timer looks where the process is. If that is one and the same call of the suite all the time, and nothing that this calls but Python's
own library, the suite is wrong: that is said with its line, and is no verdict. Whatever else does not come back is for others to end.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from harness.machine.code_places import is_pythons
from harness.machine.diagnosis import JUDGING, Mistake, inner, mistaken_at

inner(__file__)

TICK = 0.25
# No suite that makes sense computes so long at a time; to wait may take longer, as others may have the CPU meanwhile.
CPU_SECONDS = 10.0
REAL_SECONDS = 30.0


class _Look:
    """What one timer has seen: in which call of the suite, and how often in a row."""

    def __init__(self, most: float) -> None:
        self.most = most
        self.call: FrameType | None = None
        self.times = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        call = _call_of(frame)
        self.times = self.times + 1 if call is not None and call is self.call else 0
        self.call = call
        if call is not None and self.times * TICK >= self.most:
            raise Mistake(f"{mistaken_at(frame)}: does not come back")


def _call_of(frame: FrameType | None) -> FrameType | None:
    """The call of the suite that a process is in; None if it is in anything else that this has called, or in no suite."""
    found = None
    while frame is not None and (frame.f_code.co_filename in JUDGING or is_pythons(frame.f_code.co_filename)):
        if frame.f_code.co_filename in JUDGING:
            found = frame
        frame = frame.f_back
    return found


@contextmanager
def suite_on_watch(cpu_seconds: float = CPU_SECONDS, real_seconds: float = REAL_SECONDS) -> Iterator[None]:
    """Raise `Mistake` in this block where the suite does not come back; only a main thread can be interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    timers = ((signal.ITIMER_VIRTUAL, signal.SIGVTALRM, cpu_seconds), (signal.ITIMER_REAL, signal.SIGALRM, real_seconds))
    before = {number: signal.signal(number, _Look(most)) for _, number, most in timers}
    for timer, *_ in timers:
        signal.setitimer(timer, TICK, TICK)
    try:
        yield
    finally:
        for timer, number, _ in timers:
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])
