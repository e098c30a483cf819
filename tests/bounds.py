"""A bound for what a test waits for: where that does not end, the test fails with a sentence instead of going on for ever."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

import pytest

# Far longer than anything lasts that a test waits for, however slow and busy the machine is: only what never ends gets there.
SECONDS = 600.0
# None that the harness or a stage of the tests has a use for: the watchdog has the alarms.
SIGNAL = signal.SIGUSR2


@contextmanager
def bounded(what: str, seconds: float = SECONDS) -> Iterator[None]:
    """Fail if what is inside, called `what`, does not end in time. It must be executed by the main thread."""

    def fail(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"{what} has not ended within {seconds:g} s")

    before = signal.signal(SIGNAL, fail)
    timer = threading.Timer(seconds, partial(signal.pthread_kill, threading.get_ident(), SIGNAL))
    timer.daemon = True
    try:
        timer.start()
        yield
    finally:
        timer.cancel()
        # Had it just begun to send the signal, that comes before here.
        timer.join()
        signal.signal(SIGNAL, before)
