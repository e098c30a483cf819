"""A suite that does not come back is told so, with its line; whoever else does not is left alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from harness.machine.diagnosis import Mistake, judge
from harness.suite import stuck
from harness.suite.stuck import suite_on_watch

FILE = "/no/such/place/stuck_suite.py"
TEXT = """
import time

def computes(call):
    while True:
        pass

def sleeps(call):
    time.sleep(1000)

def helped(call):
    def nothing():
        pass
    while True:
        nothing()

def calls(call):
    return call()
"""


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The functions of a suite, and a clock that looks often."""
    judge(FILE)
    monkeypatch.setattr(stuck, "TICK", 0.02)
    space: dict[str, Any] = {}
    exec(compile(TEXT, FILE, "exec"), space)
    return space


@pytest.mark.parametrize(("name", "said"), [("computes", r":[56]: "), ("sleeps", ":9: "), ("helped", r":1[1-4]: ")])
def test_a_suite_that_does_not_come_back(suite: dict[str, Any], name: str, said: str) -> None:
    """Whether it computes, alone or with functions of its own, or waits."""
    with pytest.raises(Mistake, match=f"^mistake: suite stuck_suite.py{said}does not come back$"), suite_on_watch(0.1, 0.1):
        suite[name](None)


def test_others_are_left_alone(suite: dict[str, Any]) -> None:
    """What a suite has called may take as long as it takes, and so may a suite that is called again and again."""
    until: Callable[[], bool] = iter([*[True] * 10, False]).__next__

    def long() -> None:
        while until():
            time.sleep(0.02)

    with suite_on_watch(0.1, 0.1):
        suite["calls"](long)
        for _ in range(20):
            suite["calls"](lambda: time.sleep(0.01))
