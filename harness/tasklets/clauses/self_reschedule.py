"""Programs in which a tasklet schedules itself from its own function."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, BOTH, SENT
from harness.tasklets.testbed import Testbed, program


@program()
def again_here(b: Testbed) -> None:
    """It schedules itself three times on its own CPU."""
    t = b.tasklet(function=lambda t: b.schedule(t) if t.started <= 3 else None)
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(t, 0, 0, 0, 0)


@program(SENT)
def again_by_number(b: Testbed) -> None:
    """It schedules itself twice on its own CPU, by number."""
    t = b.tasklet(function=lambda t: b.schedule_on(t, 1) if t.started <= 2 else None)
    b.cpu(1, lambda: b.schedule(t))
    b.expect_cpus(t, 1, 1, 1)


@program(SENT)
def again_elsewhere(b: Testbed) -> None:
    """It schedules itself on the other CPU, and there on the first again."""
    t = b.tasklet(function=lambda t: b.schedule_on(t, 1 - t.cpus[-1]) if t.started <= 2 else None, marks=BOTH)
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(t, 0, 1, 0)


CLAUSE = clause(
    "self-reschedule",
    "A tasklet that schedules itself n times from its own function runs n+1 times in all, on this CPU or on the CPU that it "
    "names. Both kinds.",
    (
        again_here,
        again_by_number,
        again_elsewhere,
    ),
    ALL,
)
