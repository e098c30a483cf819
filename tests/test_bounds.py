"""Nothing that a test waits for lasts for ever."""

from __future__ import annotations

import signal
import subprocess
import threading

import pytest

from tests.bounds import SIGNAL, bounded


@pytest.mark.parametrize(
    "wait",
    [threading.Event().wait, signal.pause, lambda: subprocess.run(["sleep", "60"])],
    ids=["a lock", "a signal", "a process"],
)
def test_a_wait_that_does_not_end_fails(wait: object) -> None:
    """With a sentence that names it, wherever it waits."""
    assert callable(wait)
    with pytest.raises(pytest.fail.Exception, match=r"^this wait has not ended within 0\.2 s$"), bounded("this wait", 0.2):
        wait()


def test_what_ends_is_left_alone() -> None:
    """Nothing is left of the bound: no handler, no thread."""
    before, threads = signal.getsignal(SIGNAL), threading.active_count()
    with bounded("nothing"):
        assert signal.getsignal(SIGNAL) != before
    assert (signal.getsignal(SIGNAL), threading.active_count()) == (before, threads)
