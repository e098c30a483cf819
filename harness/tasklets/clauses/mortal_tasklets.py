"""Tasklets that must not start once their kill has returned. Shared by the clauses about kills that race with something else."""

from __future__ import annotations

from harness.tasklets.tasklet_under_test import BOTH, Function, TaskletUnderTest
from harness.tasklets.testbed import Testbed


def mortal(b: Testbed, function: Function | None = None) -> TaskletUnderTest:
    """A tasklet that must not start once `kill_for_good` has returned."""
    t = b.tasklet(function=function, marks=BOTH)
    t.before = lambda t: b.expect(not t.dead, f"{t.name} starts after tasklet_kill has returned")
    return t


def kill_for_good(b: Testbed, t: TaskletUnderTest) -> None:
    """Kill `t`; when that returns, it must not be running."""
    b.kill(t)
    t.mark()
    b.expect(not t.running, f"tasklet_kill has returned while {t.name} runs on CPUs {t.running}")
    t.dead = True
