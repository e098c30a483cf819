"""The task that is known to be good."""

from __future__ import annotations

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.jobs import canary
from harness.machine.diagnosis import CRASH, Violation


def test_it_lives_as_long_as_it_is_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many executions if need be, but not for ever."""
    executed: list[ExploredEngine] = []
    execute = canary.execute_watched
    monkeypatch.setattr(canary, "execute_watched", lambda *arguments: (executed.append(arguments[-1]), execute(*arguments)))
    canary.sing(0.0)
    assert len(executed) == 1
    canary.sing(0.1)
    assert len(executed) > 3
    assert canary.canary(1000.0).arguments == (canary.LONGEST,)


def test_it_says_when_it_is_ill(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the baseline is one of the harness."""
    monkeypatch.setattr(canary, "execute_watched", lambda program, module, kind, engine: engine.fail(Violation(CRASH, "ill")))
    with pytest.raises(RuntimeError, match="crash: ill"):
        canary.sing(0.0)
