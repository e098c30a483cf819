"""Programs in which a tasklet is killed, initialised again and scheduled again."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


def expect_reused(b: Testbed, t: TaskletUnderTest, inits: int) -> None:
    """Afterwards, `t` must have run once since the last of so many inits."""
    b.afterwards(
        lambda: b.expect(
            t.generation == inits and t.runs_of[-1] == 1, f"{t.name} has run {t.runs_of} times since each of its {t.generation + 1} inits"
        )
    )


def renew(b: Testbed, t: TaskletUnderTest) -> None:
    """Kill `t` and initialise it again."""
    b.kill(t)
    b.init(t)


@program()
def reused_after_runs(b: Testbed) -> None:
    """It runs, is killed, initialised and scheduled, twice."""
    t = b.tasklet()
    b.cpu(0, lambda: b.schedule(t), lambda: (renew(b, t), b.schedule(t)), lambda: (renew(b, t), b.schedule(t)))
    expect_reused(b, t, 2)


@program()
def reused_unscheduled(b: Testbed) -> None:
    """It is killed without ever having been scheduled."""
    t = b.tasklet()
    b.cpu(0, lambda: (renew(b, t), b.schedule(t)))
    expect_reused(b, t, 1)


@program()
def reused_while_pending(b: Testbed) -> None:
    """It is killed while it is pending here."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule(t), renew(b, t), b.schedule(t)))
    expect_reused(b, t, 1)


@program()
def reused_by_another(b: Testbed) -> None:
    """It is killed by another CPU at any time around its run, and used there."""
    t = b.tasklet()
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.schedule(t), scheduled.write(1)))
    b.cpu(1, lambda: (b.until(scheduled), renew(b, t), b.schedule(t)))
    expect_reused(b, t, 1)


@program(SENT)
def reused_elsewhere(b: Testbed) -> None:
    """It is sent to another CPU, killed at any time around its run, and sent there again."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule_on(t, 1), renew(b, t), b.schedule_on(t, 1)))
    expect_reused(b, t, 1)


CLAUSE = clause(
    "reuse",
    "After `tasklet_kill` and a new init, it can be scheduled again (hypercall continuation does this each time).",
    (
        reused_after_runs,
        reused_unscheduled,
        reused_while_pending,
        reused_by_another,
        reused_elsewhere,
    ),
    ALL,
)
