"""How `harness` is told to stop: which signals it hears, and what becomes of them."""

from __future__ import annotations

import signal
import sys
import threading
import time

import pytest

from harness import stopping as module
from harness.stopping import SIGNALS, Stopping, again_if_interrupted, uninterrupted
from tests.bounds import SECONDS
from tests.hearing import hearing


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> Stopping:
    """One of our own, which hears nothing yet."""
    made = Stopping()
    made._main = threading.get_ident()
    monkeypatch.setattr(module, "stopping", made)
    return made


@pytest.mark.parametrize("ignored", [False, True])
def test_a_terminal_that_goes_away(stopping: Stopping, monkeypatch: pytest.MonkeyPatch, ignored: bool) -> None:
    """SIGHUP and SIGINT interrupt, as SIGTERM does, unless they are ignored: `nohup` and `&` are for that."""
    handlers: dict[int, object] = {}
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_IGN if ignored else signal.SIG_DFL)
    stopping.listen()
    assert set(handlers) == ({signal.SIGTERM} if ignored else set(SIGNALS))
    assert sys.unraisablehook is again_if_interrupted


def test_an_interrupt_while_python_cleans_up_is_not_lost(
    stopping: Stopping, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python tells of it and goes on; here it comes again soon, whoever has the alarms, and nobody reads of it."""

    class Interrupted:
        def __del__(self) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "unraisablehook", again_if_interrupted)
    with hearing(stopping):
        Interrupted()
        with pytest.raises(KeyboardInterrupt):
            time.sleep(SECONDS)
    assert capsys.readouterr() == ("", "")


def test_what_else_python_cannot_raise_is_told(stopping: Stopping, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python does."""
    told: list[object] = []
    monkeypatch.setattr(sys, "__unraisablehook__", told.append)
    lost = type("Lost", (), {"exc_type": ValueError})()
    again_if_interrupted(lost)
    assert told == [lost]


def test_why_is_told_once(stopping: Stopping, capsys: pytest.CaptureFixture[str]) -> None:
    """The first time, and never to nobody."""
    assert [stopping.tell("first"), stopping.tell("second")] == [130, 130]
    assert capsys.readouterr().err == "harness: first\n"


def test_what_an_interrupt_has_caused() -> None:
    """Whatever was raised on its way, however deep; and nothing that was not."""

    def failing() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            try:
                raise OSError
            except OSError:
                raise ValueError("late") from None

    with pytest.raises(ValueError, match="late") as caught:
        failing()
    assert Stopping.caused(caught.value)
    assert not Stopping.caused(ValueError())


def test_what_is_short_is_done_whole(stopping: Stopping) -> None:
    """A signal waits for its end, and comes then."""
    done = []
    with hearing(stopping), pytest.raises(KeyboardInterrupt), uninterrupted():  # noqa: PT012
        signal.raise_signal(signal.SIGTERM)
        time.sleep(0)
        done.append(True)
    assert done == [True]


def test_an_interrupt_while_another_one_is_lost_comes_again(stopping: Stopping, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is raised where Python would tell of it and go on."""
    again: list[bool] = []

    def told() -> None:
        again.append(True)
        if len(again) == 1:
            signal.raise_signal(signal.SIGTERM)
            time.sleep(0)

    monkeypatch.setattr(stopping, "again", told)
    with hearing(stopping):
        again_if_interrupted(type("Lost", (), {"exc_type": KeyboardInterrupt})())
    assert again == [True, True]
