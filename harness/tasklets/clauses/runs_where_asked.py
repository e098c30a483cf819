"""Programs that ask for a run on one CPU or on another."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, START
from harness.tasklets.testbed import Testbed, program


@program()
def asked_here(b: Testbed) -> None:
    """`tasklet_schedule` on CPU 1."""
    t = b.tasklet()
    b.cpu(1, lambda: b.schedule(t))
    b.expect_cpus(t, 1)


@program(SENT)
def asked_elsewhere(b: Testbed) -> None:
    """`tasklet_schedule_on_cpu` to a CPU that sleeps."""
    t = b.tasklet()
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.expect_cpus(t, 1)


@program(SENT)
def asked_elsewhere_busy(b: Testbed) -> None:
    """`tasklet_schedule_on_cpu` to a CPU that runs a guest."""
    t = b.tasklet()
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: None)
    b.expect_cpus(t, 1)


@program(SENT)
def asked_to_itself(b: Testbed) -> None:
    """`tasklet_schedule_on_cpu` with the calling CPU's own number."""
    t = b.tasklet()
    b.cpu(1, lambda: b.schedule_on(t, 1))
    b.expect_cpus(t, 1)


@program(SENT)
def asked_to_move(b: Testbed) -> None:
    """It has run on CPU 0 and is idle again when it is sent to CPU 1."""
    t = b.tasklet(marks=START)
    b.cpu(0, lambda: b.schedule(t), lambda: b.schedule_on(t, 1))
    b.expect_cpus(t, 0, 1)


CLAUSE = clause(
    "runs-where-asked",
    "`tasklet_schedule` runs it on the calling CPU; `tasklet_schedule_on_cpu(t, c)` of an idle tasklet runs it on `c`.",
    (
        asked_here,
        asked_elsewhere,
        asked_elsewhere_busy,
        asked_to_itself,
        asked_to_move,
    ),
    ALL,
)
