"""Programs that schedule before the subsystem is initialised."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT
from harness.tasklets.testbed import Testbed, program


@program(booted=False)
def too_early(b: Testbed) -> None:
    """Scheduled before `tasklet_subsys_init`, and never again."""
    t = b.tasklet()
    b.api.tasklet_schedule(t.tasklet)
    b.boot()
    b.cpu(0, lambda: None)
    b.expect_runs(t, 0)


@program(booted=False)
def early_and_again(b: Testbed) -> None:
    """Scheduled before `tasklet_subsys_init`, and afterwards."""
    t = b.tasklet()
    b.api.tasklet_schedule(t.tasklet)
    b.boot()
    b.cpu(0, lambda: b.schedule(t))
    b.expect_runs(t, 1)


@program(SENT, booted=False)
def declared_early_and_again(b: Testbed) -> None:
    """A static tasklet is scheduled before `tasklet_subsys_init`, and afterwards."""
    t = b.declared()
    b.api.tasklet_schedule(t.tasklet)
    b.boot()
    b.cpu(0, lambda: b.schedule(t))
    b.expect_runs(t, 1)


@program(SENT, booted=False)
def early_and_sent(b: Testbed) -> None:
    """Scheduled on another CPU before `tasklet_subsys_init`, and afterwards."""
    t = b.tasklet()
    b.api.tasklet_schedule_on_cpu(t.tasklet, b.machine.cpus[1].known_as)
    b.boot()
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.expect_runs(t, 1)


CLAUSE = clause(
    "before-init",
    "Scheduling before `tasklet_subsys_init` is ignored, and the tasklet works normally afterwards.",
    (
        too_early,
        early_and_again,
        declared_early_and_again,
        early_and_sent,
    ),
    ALL,
)
