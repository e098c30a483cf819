"""Programs in which a tasklet is killed before it can start."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


@program()
def cancelled_here(b: Testbed) -> None:
    """It is scheduled and killed in one hypercall, during which it cannot start."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule(t), b.kill(t)))
    b.expect_runs(t, 0)


@program()
def cancelled_elsewhere(b: Testbed) -> None:
    """It is pending on a CPU that stays in a hypercall until the kill has returned or waits."""
    t = b.tasklet()
    scheduled, gate = b.flag("scheduled"), b.flag("gate")
    b.when_waiting(0, lambda: gate.write(1))
    b.cpu(0, lambda: (b.until(scheduled), b.kill(t), gate.write(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until(gate)))
    b.expect_runs(t, 0)


@program(SENT)
def cancelled_after_sending(b: Testbed) -> None:
    """It was sent to a CPU that stays in a hypercall until the kill has returned or waits."""
    t = b.tasklet()
    gate = b.flag("gate")
    b.when_waiting(0, lambda: gate.write(1))
    b.cpu(0, lambda: (b.schedule_on(t, 1), b.kill(t), gate.write(1)))
    b.cpu(1, lambda: b.until(gate))
    b.expect_runs(t, 0)


@program()
def cancelled_behind(b: Testbed) -> None:
    """The function of a tasklet kills one that is queued behind it."""
    victim = b.tasklet("victim")

    def kill(_: TaskletUnderTest) -> None:
        before = victim.started
        b.kill(victim)
        b.afterwards(lambda: b.expect(victim.started == before, f"{victim.name} has started after it was killed"))

    t = b.tasklet("t", kill)
    b.cpu(0, lambda: (b.schedule(t), b.schedule(victim)))


# Between two of its kind, which must run.


def between(b: Testbed) -> tuple[TaskletUnderTest, TaskletUnderTest, TaskletUnderTest]:
    """Three tasklets, to be queued in this order; the one in the middle is the victim."""
    before, victim, behind = (b.tasklet(name) for name in ("before", "victim", "behind"))
    b.expect_runs(before, 1)
    b.expect_runs(victim, 0)
    b.expect_runs(behind, 1)
    return before, victim, behind


@program()
def cancelled_between(b: Testbed) -> None:
    """It is scheduled between two others and killed, all in one hypercall."""
    three = between(b)
    b.cpu(0, lambda: ([b.schedule(t) for t in three], b.kill(three[1])))


@program()
def cancelled_between_elsewhere(b: Testbed) -> None:
    """It is pending between two others on a CPU that stays in a hypercall until the kill has returned or waits; the killer has one too."""
    three = between(b)
    own = b.tasklet("own")
    scheduled, gate = b.flag("scheduled"), b.flag("gate")
    b.when_waiting(0, lambda: gate.write(1))
    b.cpu(0, lambda: (b.schedule(own), b.until(scheduled), b.kill(three[1]), gate.write(1)))
    b.cpu(1, lambda: ([b.schedule(t) for t in three], scheduled.write(1), b.until(gate)))
    b.expect_cpus(own, 0)


@program(SENT)
def cancelled_between_sent(b: Testbed) -> None:
    """It was sent between two others to a CPU that stays in a hypercall until the kill has returned or waits; the killer has one too."""
    three = between(b)
    own = b.tasklet("own")
    gate = b.flag("gate")
    b.when_waiting(0, lambda: gate.write(1))
    b.cpu(0, lambda: (b.schedule(own), [b.schedule_on(t, 1) for t in three], b.kill(three[1]), gate.write(1)))
    b.cpu(1, lambda: b.until(gate))
    b.expect_cpus(own, 0)


@program(SENT)
def cancelled_static(b: Testbed) -> None:
    """A statically declared one is scheduled and killed in one hypercall, during which it cannot start."""
    t = b.declared()
    b.cpu(0, lambda: (b.schedule(t), b.kill(t)))
    b.expect_runs(t, 0)


CLAUSE = clause(
    "kill-cancels",
    "A pending tasklet that has not started when `tasklet_kill` is called does not run at all.",
    (
        cancelled_here,
        cancelled_elsewhere,
        cancelled_after_sending,
        cancelled_behind,
        cancelled_between,
        cancelled_between_elsewhere,
        cancelled_between_sent,
        cancelled_static,
    ),
    ALL,
)
