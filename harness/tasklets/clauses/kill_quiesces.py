"""Programs in which a tasklet is killed, and scheduled before, during or after that."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.clauses.mortal_tasklets import kill_for_good, mortal
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import LONG_STEPS, Testbed, program


@program()
def scheduled_after_kill(b: Testbed) -> None:
    """It is killed and then scheduled here."""
    t = mortal(b)
    b.cpu(0, lambda: (kill_for_good(b, t), b.schedule(t)), lambda: b.schedule(t))


@program()
def scheduled_elsewhere_after_kill(b: Testbed) -> None:
    """It has run and is killed here; then another CPU schedules it."""
    t = mortal(b)
    killed = b.flag("killed")
    b.cpu(0, lambda: b.schedule(t), lambda: (kill_for_good(b, t), killed.write(1)))
    b.cpu(1, lambda: (b.until(killed), b.schedule(t)))


@program(SENT)
def sent_after_kill(b: Testbed) -> None:
    """It is killed and then sent to another CPU."""
    t = mortal(b)
    b.cpu(0, lambda: (kill_for_good(b, t), b.schedule_on(t, 1)))


@program()
def killed_while_scheduled(b: Testbed) -> None:
    """Another CPU schedules it while it is killed."""
    t = mortal(b)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.cpu(1, lambda: b.schedule(t))


@program(SENT)
def killed_while_sent(b: Testbed) -> None:
    """Another CPU sends it here while it is killed here."""
    t = mortal(b)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.cpu(1, lambda: b.schedule_on(t, 0))


@program()
def killed_while_interrupted(b: Testbed) -> None:
    """An interrupt schedules it on the CPU that kills it."""
    t = mortal(b)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.interrupts(0, lambda: b.schedule(t))


@program(SENT)
def sent_and_killed(b: Testbed) -> None:
    """It is sent to another CPU and killed at once."""
    t = mortal(b)
    b.cpu(0, lambda: (b.schedule_on(t, 1), kill_for_good(b, t)))


@program()
def killed_while_it_reschedules(b: Testbed) -> None:
    """It schedules itself twice on another CPU while it is killed."""
    t = mortal(b, lambda t: b.schedule(t) if t.started <= 2 else None)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.cpu(1, lambda: b.schedule(t))


@program(SENT)
def killed_while_it_comes(b: Testbed) -> None:
    """It schedules itself, from another CPU, on the CPU that kills it."""
    t = mortal(b, lambda t: b.schedule_on(t, 0) if t.started == 1 else None)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.cpu(1, lambda: b.schedule(t))


@program()
def killed_while_it_nests(b: Testbed) -> None:
    """Its function schedules it again and processes softirqs; then it is killed, and the function stays until the kill waits."""
    nested, asked = b.flag("nested"), b.flag("asked")

    def function(t: TaskletUnderTest) -> None:
        if t.started == 1:
            b.schedule(t)
            # Interrupts that are off here are another clause's matter.
            if b.machine.local_irq_is_enabled():
                b.machine.process_pending_softirqs()
            nested.write(1)
            b.given(asked)

    t = mortal(b, function)
    b.when_waiting(0, lambda: asked.write(1))
    b.cpu(0, lambda: (b.given(nested), kill_for_good(b, t), asked.write(1)))
    b.cpu(1, lambda: b.schedule(t))


@program()
def killed_beside_others(b: Testbed) -> None:
    """It is pending between two others on another CPU, or runs, or has run, when it is killed."""
    t = mortal(b)
    before, behind = b.tasklet("before"), b.tasklet("behind")
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), kill_for_good(b, t)))
    b.cpu(1, lambda: ([b.schedule(each) for each in (before, t, behind)], scheduled.write(1)))
    b.expect_runs(before, 1)
    b.expect_runs(behind, 1)


@program(SENT)
def killed_beside_sent(b: Testbed) -> None:
    """It was sent in front of another one, and may be on its way, pending, running or done when it is killed."""
    t, behind = mortal(b), b.tasklet("behind")
    b.cpu(0, lambda: (b.schedule_on(t, 1), b.schedule_on(behind, 1), kill_for_good(b, t)))
    b.expect_runs(behind, 1)


@program(timed_steps=LONG_STEPS)
def killed_in_a_long_run(b: Testbed) -> None:
    """It runs for a millisecond on another CPU when it is killed."""
    started = b.flag("started")
    t = mortal(b, lambda _: (started.write(1), b.compute()))
    b.cpu(0, lambda: (b.given(started), kill_for_good(b, t)))
    b.cpu(1, lambda: b.schedule(t))


@program(SENT)
def killed_static(b: Testbed) -> None:
    """A statically declared one is pending on another CPU, runs there or has run when it is killed."""
    t = mortal(b, declared=True)
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), kill_for_good(b, t)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1)))


CLAUSE = clause(
    "kill-quiesces",
    "When `tasklet_kill` returns, the tasklet is neither queued nor running; from then on it never runs, whoever schedules "
    "it, however the schedule raced with the kill.",
    (
        scheduled_after_kill,
        scheduled_elsewhere_after_kill,
        sent_after_kill,
        killed_while_scheduled,
        killed_while_sent,
        killed_while_interrupted,
        sent_and_killed,
        killed_while_it_reschedules,
        killed_while_it_comes,
        killed_while_it_nests,
        killed_beside_others,
        killed_beside_sent,
        killed_in_a_long_run,
        killed_static,
    ),
    ALL,
)
