"""Programs with tasklets that are declared instead of initialised."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.clauses.callers import caller_checked
from harness.tasklets.tasklet_under_test import ALL, SENT
from harness.tasklets.testbed import Testbed, program


@program(SENT)
def declared_and_scheduled(b: Testbed) -> None:
    """A static tasklet is scheduled here."""
    t = b.declared()
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(t, 0)


@program(SENT)
def declared_and_sent(b: Testbed) -> None:
    """A static tasklet is scheduled on another CPU."""
    t = b.declared()
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.expect_cpus(t, 1)


@program(SENT)
def declared_and_rescheduled(b: Testbed) -> None:
    """A static tasklet is scheduled again after it has run."""
    t = b.declared()
    b.cpu(0, lambda: b.schedule(t), lambda: b.schedule(t))
    b.expect_cpus(t, 0, 0)


@program(SENT)
def declared_next_to_others(b: Testbed) -> None:
    """Static tasklets, one of each kind, on one CPU."""
    both = [b.declared(kind, kind=kind) for kind in SENT]
    b.cpu(0, lambda: [b.schedule(each) for each in both])
    for each in both:
        b.expect_cpus(each, 0)


@program(SENT)
def declared_two(b: Testbed) -> None:
    """Two static tasklets of a kind on one CPU."""
    t, u = b.declared("t"), b.declared("u")
    b.cpu(0, lambda: (b.schedule(t), b.schedule(u)))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 0)


@program(SENT, booted=False)
def declared_before_boot(b: Testbed) -> None:
    """Static tasklets exist before the subsystem is initialised."""
    t = b.declared()
    b.boot()
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(t, 0)


@program(SENT)
def declared_in_context(b: Testbed) -> None:
    """A static tasklet runs from where its kind runs."""
    t = b.declared(function=caller_checked(b))
    b.cpu(0, lambda: b.schedule(t))
    b.expect_runs(t, 1)


CLAUSE = clause(
    "static-declaration",
    "Statically declared tasklets of both kinds work.",
    (
        declared_and_scheduled,
        declared_and_sent,
        declared_and_rescheduled,
        declared_next_to_others,
        declared_two,
        declared_before_boot,
        declared_in_context,
    ),
    ALL,
)
