"""Programs about killing tasklets, and about using them again afterwards."""

# Calls strung together in a lambda are how programs are written down.
# mypy: disable-error-code="func-returns-value"

from __future__ import annotations

from collections.abc import Callable

from harness.tasklets.tasklet_under_test import BOTH, SENT, UNSEEN, Subject
from harness.tasklets.testbed import Bench, program

# kill-quiesces


def mortal(b: Bench, function: Callable[[Subject], object] | None = None) -> Subject:
    """A tasklet that must not start once `kill_for_good` has returned."""
    t = b.tasklet(function=function, marks=BOTH)
    t.before = lambda t: b.expect(not t.dead, f"{t.name} starts after tasklet_kill has returned")
    return t


def kill_for_good(b: Bench, t: Subject) -> None:
    """Kill `t`; when that returns, it must not be running."""
    b.kill(t)
    t.mark()
    b.expect(not t.running, f"tasklet_kill has returned while {t.name} runs on CPUs {t.running}")
    t.dead = True


@program()
def scheduled_after_kill(b: Bench) -> None:
    """It is killed and then scheduled here."""
    t = mortal(b)
    b.cpu(0, lambda: (kill_for_good(b, t), b.schedule(t)), lambda: b.schedule(t))


@program()
def scheduled_elsewhere_after_kill(b: Bench) -> None:
    """It has run and is killed here; then another CPU schedules it."""
    t = mortal(b)
    killed = b.flag("killed")
    b.cpu(0, lambda: b.schedule(t), lambda: (kill_for_good(b, t), killed.write(1)))
    b.cpu(1, lambda: (b.until(killed), b.schedule(t)))


@program(SENT)
def sent_after_kill(b: Bench) -> None:
    """It is killed and then sent to another CPU."""
    t = mortal(b)
    b.cpu(0, lambda: (kill_for_good(b, t), b.schedule_on(t, 1)))


@program()
def killed_while_scheduled(b: Bench) -> None:
    """Another CPU schedules it while it is killed."""
    t = mortal(b)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.cpu(1, lambda: b.schedule(t))


@program(SENT)
def killed_while_sent(b: Bench) -> None:
    """Another CPU sends it here while it is killed here."""
    t = mortal(b)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.cpu(1, lambda: b.schedule_on(t, 0))


@program()
def killed_while_interrupted(b: Bench) -> None:
    """An interrupt schedules it on the CPU that kills it."""
    t = mortal(b)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.interrupts(0, lambda: b.schedule(t))


@program(SENT)
def sent_and_killed(b: Bench) -> None:
    """It is sent to another CPU and killed at once."""
    t = mortal(b)
    b.cpu(0, lambda: (b.schedule_on(t, 1), kill_for_good(b, t)))


@program()
def killed_while_it_reschedules(b: Bench) -> None:
    """It schedules itself twice on another CPU while it is killed."""
    t = mortal(b, lambda t: b.schedule(t) if t.started <= 2 else None)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.cpu(1, lambda: b.schedule(t))


@program(SENT)
def killed_while_it_comes(b: Bench) -> None:
    """It schedules itself, from another CPU, on the CPU that kills it."""
    t = mortal(b, lambda t: b.schedule_on(t, 0) if t.started == 1 else None)
    b.cpu(0, lambda: kill_for_good(b, t))
    b.cpu(1, lambda: b.schedule(t))


@program()
def killed_while_it_nests(b: Bench) -> None:
    """Its function schedules it again and processes softirqs; then it is killed, and the function stays until the kill waits."""
    nested, asked = b.flag("nested"), b.flag("asked")

    def function(t: Subject) -> None:
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


# kill-returns. A kill that does not return leaves a CPU waiting for ever, which the machine reports.


@program()
def kill_idle_twice(b: Bench) -> None:
    """An idle tasklet is killed twice."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: (b.kill(t), b.kill(t)))


@program()
def kill_pending_here(b: Bench) -> None:
    """It is pending on the CPU that kills it; and killed again."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule(t), b.kill(t), b.kill(t)))


@program()
def kill_pending_elsewhere(b: Bench) -> None:
    """Another CPU schedules it before it is killed here; then it is killed there too."""
    t = b.tasklet(marks=UNSEEN)
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.until(scheduled), b.kill(t)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1)), lambda: b.kill(t))


@program(SENT)
def kill_sent(b: Bench) -> None:
    """It is pending on another CPU, to which it was sent."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule_on(t, 1), b.kill(t)))


@program()
def kill_running(b: Bench) -> None:
    """It runs on another CPU until the kill has been called."""
    started, asked = b.flag("started"), b.flag("asked")
    t = b.tasklet(function=lambda _: (started.write(1), b.until(asked)), marks=UNSEEN)
    b.when_waiting(0, lambda: asked.write(1))
    b.cpu(0, lambda: (b.given(started), b.kill(t), asked.write(1)))
    b.cpu(1, lambda: b.schedule(t))


@program()
def kill_rescheduling(b: Bench) -> None:
    """It runs on another CPU and schedules itself in each of its runs, as far as a search can follow: the kill must not outwait it."""
    started, waits = b.flag("started"), b.flag("waits")
    outwaited = 0

    def function(t: Subject) -> None:
        nonlocal outwaited
        started.write(1)
        outwaited += waits.read()
        # One run may have been on its way when the kill began to wait, and one been scheduled by it.
        b.expect(outwaited < 3, f"{t.name} runs and runs while its kill waits")
        if t.started < 4:
            b.schedule(t)

    t = b.tasklet(function=function, marks=UNSEEN)
    b.when_waiting(0, lambda: waits.write(1))
    b.cpu(0, lambda: (b.given(started), b.kill(t)))
    b.cpu(1, lambda: b.schedule(t))


@program()
def kill_from_function(b: Bench) -> None:
    """The function of a tasklet kills one that is queued behind it."""
    victim = b.tasklet("victim", marks=UNSEEN)
    t = b.tasklet("t", lambda _: b.kill(victim), marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule(t), b.schedule(victim)))


@program()
def kill_each_other(b: Bench) -> None:
    """Two CPUs schedule one tasklet each and then kill the other's, which may be pending on a CPU that waits in its own kill."""
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule(t), b.kill(u)))
    b.cpu(1, lambda: (b.schedule(u), b.kill(t)))


@program()
def kill_together(b: Bench) -> None:
    """Two CPUs kill the same tasklet, pending on one of them."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule(t), b.kill(t)))
    b.cpu(1, lambda: b.kill(t))


# kill-cancels


@program()
def cancelled_here(b: Bench) -> None:
    """It is scheduled and killed in one hypercall, during which it cannot start."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule(t), b.kill(t)))
    b.expect_runs(t, 0)


@program()
def cancelled_elsewhere(b: Bench) -> None:
    """It is pending on a CPU that stays in a hypercall until the kill has returned or waits."""
    t = b.tasklet(marks=UNSEEN)
    scheduled, gate = b.flag("scheduled"), b.flag("gate")
    b.when_waiting(0, lambda: gate.write(1))
    b.cpu(0, lambda: (b.until(scheduled), b.kill(t), gate.write(1)))
    b.cpu(1, lambda: (b.schedule(t), scheduled.write(1), b.until(gate)))
    b.expect_runs(t, 0)


@program(SENT)
def cancelled_after_sending(b: Bench) -> None:
    """It was sent to a CPU that stays in a hypercall until the kill has returned or waits."""
    t = b.tasklet(marks=UNSEEN)
    gate = b.flag("gate")
    b.when_waiting(0, lambda: gate.write(1))
    b.cpu(0, lambda: (b.schedule_on(t, 1), b.kill(t), gate.write(1)))
    b.cpu(1, lambda: b.until(gate))
    b.expect_runs(t, 0)


@program()
def cancelled_behind(b: Bench) -> None:
    """The function of a tasklet kills one that is queued behind it."""
    victim = b.tasklet("victim", marks=UNSEEN)

    def kill(_: Subject) -> None:
        before = victim.started
        b.kill(victim)
        b.afterwards(lambda: b.expect(victim.started == before, f"{victim.name} has started after it was killed"))

    t = b.tasklet("t", kill, marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule(t), b.schedule(victim)))


# reuse


def expect_reused(b: Bench, t: Subject, inits: int) -> None:
    """Afterwards, `t` must have run once since the last of so many inits."""
    b.afterwards(
        lambda: b.expect(
            t.generation == inits and t.runs_of[-1] == 1, f"{t.name} has run {t.runs_of} times since each of its {t.generation + 1} inits"
        )
    )


def renew(b: Bench, t: Subject) -> None:
    """Kill `t` and initialise it again."""
    b.kill(t)
    b.init(t)


@program()
def reused_after_runs(b: Bench) -> None:
    """It runs, is killed, initialised and scheduled, twice."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t), lambda: (renew(b, t), b.schedule(t)), lambda: (renew(b, t), b.schedule(t)))
    expect_reused(b, t, 2)


@program()
def reused_unscheduled(b: Bench) -> None:
    """It is killed without ever having been scheduled."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: (renew(b, t), b.schedule(t)))
    expect_reused(b, t, 1)


@program()
def reused_while_pending(b: Bench) -> None:
    """It is killed while it is pending here."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule(t), renew(b, t), b.schedule(t)))
    expect_reused(b, t, 1)


@program()
def reused_by_another(b: Bench) -> None:
    """It is killed by another CPU at any time around its run, and used there."""
    t = b.tasklet(marks=UNSEEN)
    scheduled = b.flag("scheduled")
    b.cpu(0, lambda: (b.schedule(t), scheduled.write(1)))
    b.cpu(1, lambda: (b.until(scheduled), renew(b, t), b.schedule(t)))
    expect_reused(b, t, 1)


@program(SENT)
def reused_elsewhere(b: Bench) -> None:
    """It is sent to another CPU, killed at any time around its run, and sent there again."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule_on(t, 1), renew(b, t), b.schedule_on(t, 1)))
    expect_reused(b, t, 1)
