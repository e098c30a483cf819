"""Programs in which a tasklet schedules itself in each of its runs, and another one of its kind is queued behind it.

The first one gives up in the end, or no search could follow it; the other one must have started before that.
"""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program, times

# So many starts of the one in front are enough for anybody behind it: one may be under way, and one be queued, when the other comes.
ENOUGH = 4


def greedy(b: Testbed, behind: list[TaskletUnderTest]) -> TaskletUnderTest:
    """A tasklet that schedules itself until all those in `behind`, which are for the same CPU, have started."""

    def function(t: TaskletUnderTest) -> None:
        waiting = [u.name for u in behind if not u.started]
        b.expect(not waiting or t.started < ENOUGH, f"{t.name} has started {times(t.started)}, and {', '.join(waiting)} not yet")
        if waiting:
            b.schedule(t)

    return b.tasklet("greedy", function)


@program()
def another_behind_it(b: Testbed) -> None:
    """A hypercall schedules it and then the other one."""
    u = b.tasklet("u")
    t = greedy(b, [u])
    b.cpu(0, lambda: (b.schedule(t), b.schedule(u)))
    b.expect_runs(u, 1)


@program()
def two_behind_it(b: Testbed) -> None:
    """A hypercall schedules it and then two others."""
    u, v = b.tasklet("u"), b.tasklet("v")
    t = greedy(b, [u, v])
    b.cpu(0, lambda: (b.schedule(t), b.schedule(u), b.schedule(v)))
    b.expect_runs(u, 1)
    b.expect_runs(v, 1)


@program(SENT)
def another_fed_behind_it(b: Testbed) -> None:
    """It has been scheduled on CPU 1, which is in a hypercall until CPU 0 has sent it the other one."""
    u = b.tasklet("u")
    t = greedy(b, [u])
    scheduled, sent = b.flag("scheduled"), b.flag("sent")
    b.cpu(0, lambda: (b.until(scheduled), b.schedule_on(u, 1), sent.write(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until(sent)))
    b.expect_runs(u, 1)


@program(SENT)
def another_fed_while_it_runs(b: Testbed) -> None:
    """It runs on CPU 1 until CPU 0 has sent the other one there."""
    u = b.tasklet("u")
    t = greedy(b, [u])
    started, sent = b.flag("started"), b.flag("sent")
    t.before = lambda t: (started.write(1), b.until(sent)) if not t.started else None
    b.cpu(0, lambda: (b.given(started), b.schedule_on(u, 1), sent.write(1)))
    b.cpu(1, lambda: b.schedule(t))
    b.expect_runs(u, 1)


CLAUSE = clause(
    "progress",
    "A tasklet that keeps rescheduling itself does not keep others of its kind from running: one that is queued behind it runs "
    "after a bounded number of its runs.",
    (
        another_behind_it,
        two_behind_it,
        another_fed_behind_it,
        another_fed_while_it_runs,
    ),
    ALL,
)
