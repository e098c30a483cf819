"""Programs about what is left behind and who is kept waiting: quiet machines, bounded stretches with interrupts off, no lost wakeups."""

# Calls strung together in a lambda are how programs are written down.
# mypy: disable-error-code="func-returns-value"

from __future__ import annotations

from harness.tasklets.clauses.scheduling import irqs_off
from harness.tasklets.tasklet_under_test import SENT, SOFTIRQ, START, UNSEEN, VCPU, Subject
from harness.tasklets.testbed import Bench, program

# wakeup


@program((VCPU,))
def woken_by_interrupt(b: Bench) -> None:
    """A tasklet runs, or is about to, or has just run, when an interrupt schedules another."""
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: b.schedule(u))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 0)


@program((VCPU,))
def woken_by_cpu(b: Bench) -> None:
    """A tasklet runs, or is about to, or has just run, when another CPU sends another."""
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule_on(u, 0))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 0)


@program((VCPU,))
def woken_by_function(b: Bench) -> None:
    """The function of a tasklet schedules another one."""
    u = b.tasklet("u", marks=UNSEEN)
    t = b.tasklet("t", lambda _: b.schedule(u), marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(u, 0)


@program((VCPU,))
def woken_twice(b: Bench) -> None:
    """Two CPUs send one tasklet each to a third, which sleeps or has just been woken."""
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.interrupts(1, lambda: b.schedule(u))
    b.expect_cpus(t, 1)
    b.expect_cpus(u, 1)


@program((VCPU,))
def woken_again(b: Bench) -> None:
    """A tasklet runs, or is about to, or has just run, when an interrupt schedules it again."""
    t = b.tasklet()
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: expect_start(b, t))


@program((VCPU,))
def woken_while_running(b: Bench) -> None:
    """The tasklet is in the middle of its run when an interrupt schedules it again."""
    started, done = b.flag("started"), b.flag("done")
    t = b.tasklet(function=lambda t: (started.write(1), b.given(done)) if t.started == 1 else None)
    b.cpu(0, lambda: b.schedule(t))
    b.device(lambda: (b.given(started), b.interrupt(0, lambda: (b.schedule(t), done.write(1)))))
    b.expect_runs(t, 2)


def expect_start(b: Bench, t: Subject) -> None:
    """Schedule `t` on the CPU on which it runs: it must start after that."""
    before = t.started
    b.schedule(t)
    b.afterwards(lambda: b.expect(t.started > before, f"{t.name} was scheduled after start {before}, and has not started since"))


# mixed-feed


def mixed(b: Bench) -> tuple[Subject, Subject]:
    """A tasklet of the kind under test and one of the other kind, which must both run on CPU 2."""
    other = SOFTIRQ if b.kind == VCPU else VCPU
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", kind=other, marks=UNSEEN)
    b.expect_cpus(t, 2)
    b.expect_cpus(u, 2)
    return t, u


@program(SENT, cpus=3)
def fed_by_two(b: Bench) -> None:
    """Two CPUs send one of each kind to a CPU that sleeps."""
    t, u = mixed(b)
    b.cpu(0, lambda: b.schedule_on(t, 2))
    b.cpu(1, lambda: b.schedule_on(u, 2))


@program(SENT, cpus=3)
def fed_by_two_while_busy(b: Bench) -> None:
    """Two CPUs send one of each kind to a CPU that is in a hypercall until both have been sent."""
    t, u = mixed(b)
    sent = b.flag("sent")
    b.cpu(0, lambda: (b.schedule_on(t, 2), sent.add(1)))
    b.cpu(1, lambda: (b.schedule_on(u, 2), sent.add(1)))
    b.cpu(2, lambda: b.until(sent, 2))


@program(SENT, cpus=3)
def fed_next_to_local(b: Bench) -> None:
    """Two CPUs send one of each kind to a CPU that schedules one of its own."""
    t, u = mixed(b)
    own = b.tasklet("own", marks=UNSEEN)
    b.cpu(0, lambda: b.schedule_on(t, 2))
    b.cpu(1, lambda: b.schedule_on(u, 2))
    b.cpu(2, lambda: b.schedule(own))
    b.expect_cpus(own, 2)


# quiet


def expect_quiet(b: Bench, schedules: int, hypercalls: int, *tasklets: Subject) -> None:
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
def quiet_after_one(b: Bench) -> None:
    """One run."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    expect_quiet(b, 1, 1, t)


@program()
def quiet_after_two(b: Bench) -> None:
    """Two tasklets on one CPU, one of them from an interrupt."""
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: b.schedule(u))
    expect_quiet(b, 2, 1, t, u)


@program(SENT)
def quiet_after_sending(b: Bench) -> None:
    """One run on another CPU."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    expect_quiet(b, 1, 1, t)


@program()
def quiet_after_killing(b: Bench) -> None:
    """A tasklet is killed by another CPU at any time around its run."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.kill(t))
    expect_quiet(b, 1, 2, t)


@program()
def quiet_while_running_elsewhere(b: Bench) -> None:
    """The function waits for what another CPU does after it has scheduled the tasklet: that CPU must not wait for the function."""
    started, done = b.flag("started"), b.flag("done")
    t = b.tasklet(function=lambda t: (started.write(1), b.until(done)) if t.started == 1 else None)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.given(started), b.schedule(t)), lambda: done.write(1))
    expect_quiet(b, 2, 3, t)


# irqs-off-bounded


def bounded(b: Bench, name: str = "t", marks: int = UNSEEN) -> Subject:
    """A tasklet that looks at the interrupt flag when it starts and when it ends; and no CPU may have waited with interrupts off."""

    def look(t: Subject) -> None:
        b.expect(b.machine.local_irq_is_enabled(), f"{t.name} runs with interrupts off")

    t = b.tasklet(name, look, marks=marks)

    def check() -> None:
        for cpu in b.machine.cpus:
            b.expect(not cpu.waited_irqs_off, f"{cpu.name} waits with interrupts off, at {cpu.waited_irqs_off}")

    b.afterwards(check)
    return t


@program()
def bounded_here(b: Bench) -> None:
    """Scheduled by a hypercall."""
    t = bounded(b)
    b.cpu(0, lambda: b.schedule(t))


@program()
def bounded_after_interrupt(b: Bench) -> None:
    """Scheduled from an interrupt, next to one that a hypercall schedules."""
    t, u = bounded(b, "t"), bounded(b, "u")
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: b.schedule(u))


@program(SENT)
def bounded_both_ways(b: Bench) -> None:
    """Two CPUs with interrupts off send each other a tasklet."""
    t, u = bounded(b, "t"), bounded(b, "u")
    b.cpu(0, lambda: irqs_off(b, lambda: b.schedule_on(t, 1)))
    b.cpu(1, lambda: irqs_off(b, lambda: b.schedule_on(u, 0)))


@program(SENT)
def bounded_interrupt_send(b: Bench) -> None:
    """An interrupt handler sends a tasklet to another CPU, which has interrupts off."""
    t = bounded(b)
    b.interrupts(0, lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: irqs_off(b, lambda: None))


@program()
def bounded_kill(b: Bench) -> None:
    """A tasklet is killed at any time around its run on another CPU."""
    t = bounded(b, marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.kill(t))


@program()
def bounded_running_elsewhere(b: Bench) -> None:
    """A tasklet is scheduled while it runs on another CPU, with interrupts off."""
    t = bounded(b, marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: irqs_off(b, lambda: b.schedule(t)))
