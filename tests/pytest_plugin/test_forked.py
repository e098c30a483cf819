"""A function in a process of its own."""

from __future__ import annotations

import os
import signal
import time

import pytest

from harness.jobs.heartbeat import heart
from harness.pytest_plugin.forked import Broken, Lost, forked
from harness.stopping import SIGNALS


def asleep() -> None:
    """As an execution that does not come back."""
    heart.beat[0] = 1
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def test_the_value_comes_back() -> None:
    """Also a large one; nothing here changes, and nothing that it prints is seen."""
    here: list[int] = []
    assert forked(lambda: (print("x"), here.append(1), "x" * 10**6)[2]) == "x" * 10**6
    assert here == []


def test_what_it_raises_is_told() -> None:
    """With the traceback."""
    with pytest.raises(Broken, match="ZeroDivisionError"):
        forked(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("number", "how"), [(signal.SIGKILL, r"ended the process that ran it \(signal SIGKILL\)"), (None, r"\(exit code 7\)")]
)
def test_its_end_is_not_the_end_of_this_process(number: int | None, how: str) -> None:
    """Whatever ends it."""
    with pytest.raises(Lost, match=how):
        forked(lambda: os._exit(7) if number is None else os.kill(os.getpid(), number))


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interrupt_finds_one_process_that_is_pytest(monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    """As soon as the other one is there, a signal ends it, and nothing of this one's goes on in it."""
    fork = os.fork

    def interrupted() -> int:
        process = fork()
        if not process:
            os.kill(os.getpid(), number)
        return process

    monkeypatch.setattr(os, "fork", interrupted)
    with pytest.raises(Lost, match=f"signal {number.name}"):
        forked(lambda: None)


def test_what_does_not_come_back_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it has started; nothing is left behind."""
    monkeypatch.setattr("harness.jobs.vital_signs.ASLEEP_SECONDS", 0.3)
    started: list[int] = []
    fork = os.fork

    def noted() -> int:
        started.append(fork())
        return started[-1]

    monkeypatch.setattr(os, "fork", noted)
    with pytest.raises(Lost, match="did not come back"):
        forked(asleep)
    [process] = started
    with pytest.raises(ChildProcessError):
        os.waitpid(process, os.WNOHANG)
