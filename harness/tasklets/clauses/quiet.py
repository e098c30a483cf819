"""Programs after which nothing may be left to do, and in which no CPU may have been kept busy for nothing."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, BOTH, SENT, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


def expect_quiet(b: Testbed, schedules: int, hypercalls: int, *tasklets: TaskletUnderTest) -> None:
    """Nothing may be left, and not too many softirqs may have been handled.

    Each schedule and each end of a run may call a handler once; for the VCPU kind that is two SCHEDULE softirqs, one to put the idle
    vCPU on and one to take it off. Each hypercall ends with one SCHEDULE softirq, when the vCPU yields or blocks.
    """

    def check() -> None:
        machine = b.machine
        left = machine.unquiet()
        b.expect(not left, "; ".join(left))
        handled = sum(count for what, count in machine.counts.items() if what.startswith("softirq") and what.endswith("handled"))
        runs = sum(t.ended for t in tasklets)
        limit = 2 * (schedules + runs) + hypercalls
        b.expect(handled <= limit, f"{handled} softirqs were handled for {schedules} schedules and {runs} runs, more than {limit}")

    b.afterwards(check)


@program()
def quiet_after_one(b: Testbed) -> None:
    """One run."""
    t = b.tasklet()
    b.cpu(0, lambda: b.schedule(t))
    expect_quiet(b, 1, 1, t)


@program()
def quiet_after_two(b: Testbed) -> None:
    """Two tasklets on one CPU, one of them from an interrupt."""
    t, u = b.tasklet("t"), b.tasklet("u")
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: b.schedule(u))
    expect_quiet(b, 2, 1, t, u)


@program(SENT)
def quiet_after_sending(b: Testbed) -> None:
    """One run on another CPU."""
    t = b.tasklet()
    b.cpu(0, lambda: b.schedule_on(t, 1))
    expect_quiet(b, 1, 1, t)


@program()
def quiet_after_killing(b: Testbed) -> None:
    """A tasklet is killed by another CPU at any time around its run."""
    t = b.tasklet()
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.kill(t))
    expect_quiet(b, 1, 2, t)


@program()
def quiet_while_running_elsewhere(b: Testbed) -> None:
    """The function waits for what another CPU does after it has scheduled the tasklet: that CPU must not wait for the function."""
    started, done = b.flag("started"), b.flag("done")
    t = b.tasklet(function=lambda t: (started.write(1), b.until(done)) if t.started == 1 else None, marks=BOTH)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.given(started), b.schedule(t)), lambda: done.write(1))
    expect_quiet(b, 2, 3, t)


CLAUSE = clause(
    "quiet",
    "Once nothing is pending: no softirq stays raised, no work bit stays set, no lock is held, and the number of handler "
    "calls per run is bounded (nobody burns a CPU waiting for a function that runs elsewhere).",
    (
        quiet_after_one,
        quiet_after_two,
        quiet_after_sending,
        quiet_after_killing,
        quiet_while_running_elsewhere,
    ),
    ALL,
)
