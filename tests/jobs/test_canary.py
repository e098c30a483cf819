"""The task that is known to be good."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.jobs import canary
from harness.jobs.executor import Task
from harness.jobs.job import Job
from harness.jobs.watchdog import execute_watched, on_duty
from harness.machine.diagnosis import CRASH, Violation
from harness.sources.shipped import targets_of_series
from stages import FIXED


def test_it_lives_as_long_as_it_is_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many executions if need be, but not for ever."""
    executed: list[ExploredEngine] = []
    execute = canary.execute_watched
    monkeypatch.setattr(canary, "execute_watched", lambda *arguments: (executed.append(arguments[-1]), execute(*arguments)))
    # A clock by which each execution takes a tenth of a second.
    monkeypatch.setattr(canary, "time", SimpleNamespace(monotonic=(tenth / 10 for tenth in count()).__next__))
    canary.sing(0.0)
    assert len(executed) == 1
    canary.sing(0.45)
    assert len(executed) == 1 + 5
    assert canary.canary(1000.0).arguments == (canary.LONGEST,)


def test_its_executions_have_one_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    """So each of them has a number of its own for who looks from outside."""
    numbers: list[int] = []

    def numbered(*arguments: Any) -> None:
        execute_watched(*arguments)
        with on_duty() as dog:
            numbers.append(dog.number)

    monkeypatch.setattr(canary, "execute_watched", numbered)
    monkeypatch.setattr(canary, "time", SimpleNamespace(monotonic=count().__next__))
    canary.sing(2.0)
    assert numbers == [1, 2]


def test_it_says_when_it_is_ill(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the baseline is one of the harness."""
    monkeypatch.setattr(canary, "execute_watched", lambda program, module, kind, engine: engine.fail(Violation(CRASH, "ill")))
    with pytest.raises(RuntimeError, match="crash: ill"):
        canary.sing(0.0)


def test_a_job_is_tried_on_the_baseline() -> None:
    """With everything else as it was; not if it is about the baseline already, or about no stage."""
    baseline, *_, last = targets_of_series(FIXED)
    known = canary.control(Task(3, print, (Job(last, "fifo", "vcpu"),), 5.0, gate=True))
    assert known is not None
    assert known.arguments == (Job(baseline, "fifo", "vcpu"),)
    assert (known.group, known.seconds) == (canary.GROUP, 5.0)
    assert canary.control(Task(0, print, (Job(baseline, "fifo"),), 5.0)) is None
    assert canary.control(Task(0, print, (3,), 5.0)) is None
