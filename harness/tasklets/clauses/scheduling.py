"""Programs about scheduling: how often a tasklet runs, where, and from where it may be scheduled."""

# Calls strung together in a lambda are how programs are written down.
# mypy: disable-error-code="func-returns-value"

from __future__ import annotations

from harness.tasklets.tasklet_under_test import SENT, START, UNSEEN
from harness.tasklets.testbed import Action, Bench, program

# exactly-once


@program()
def scheduled_once(b: Bench) -> None:
    """An idle tasklet is scheduled."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.expect_runs(t, 1)


@program()
def scheduled_often(b: Bench) -> None:
    """It is scheduled three times in one hypercall, during which it cannot start."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: [b.schedule(t) for _ in range(3)])
    b.expect_runs(t, 1)


@program()
def hypercall_and_interrupt(b: Bench) -> None:
    """A hypercall schedules it, and so does an interrupt in the same hypercall."""
    t = b.tasklet(marks=UNSEEN)
    done = b.flag("done")
    b.cpu(0, lambda: (b.schedule(t), b.until(done)))
    b.interrupts(0, lambda: (b.schedule(t), done.write(1)))
    b.expect_runs(t, 1)


@program(SENT)
def sent_often(b: Bench) -> None:
    """Another CPU sends it twice while this CPU is in a hypercall."""
    t = b.tasklet(marks=UNSEEN)
    done = b.flag("done")
    b.cpu(0, lambda: b.until(done))
    b.cpu(1, lambda: (b.schedule_on(t, 0), b.schedule_on(t, 0), done.write(1)))
    b.expect_runs(t, 1)


@program(SENT)
def sent_and_scheduled(b: Bench) -> None:
    """Another CPU sends it while this CPU, in a hypercall, schedules it too."""
    t = b.tasklet(marks=UNSEEN)
    done = b.flag("done")
    b.cpu(0, lambda: (b.schedule(t), b.until(done)))
    b.cpu(1, lambda: (b.schedule_on(t, 0), done.write(1)))
    b.expect_runs(t, 1)


@program()
def scheduled_next_to_another(b: Bench) -> None:
    """Two are scheduled in one hypercall."""
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule(t), b.schedule(u)))
    b.expect_runs(t, 1)
    b.expect_runs(u, 1)


# runs-where-asked


@program()
def asked_here(b: Bench) -> None:
    """`tasklet_schedule` on CPU 1."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(1, lambda: b.schedule(t))
    b.expect_cpus(t, 1)


@program(SENT)
def asked_elsewhere(b: Bench) -> None:
    """`tasklet_schedule_on_cpu` to a CPU that sleeps."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.expect_cpus(t, 1)


@program(SENT)
def asked_elsewhere_busy(b: Bench) -> None:
    """`tasklet_schedule_on_cpu` to a CPU that runs a guest."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: None)
    b.expect_cpus(t, 1)


@program(SENT)
def asked_to_itself(b: Bench) -> None:
    """`tasklet_schedule_on_cpu` with the calling CPU's own number."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(1, lambda: b.schedule_on(t, 1))
    b.expect_cpus(t, 1)


@program(SENT)
def asked_to_move(b: Bench) -> None:
    """It has run on CPU 0 and is idle again when it is sent to CPU 1."""
    t = b.tasklet(marks=START)
    b.cpu(0, lambda: b.schedule(t), lambda: b.schedule_on(t, 1))
    b.expect_cpus(t, 0, 1)


# irq-context


def expect_off(b: Bench) -> None:
    """Scheduling must not switch interrupts on."""
    b.expect(not b.machine.local_irq_is_enabled(), "scheduling has switched interrupts on")


def irqs_off(b: Bench, schedule: Action) -> None:
    """Schedule with interrupts off."""
    flags = b.machine.local_irq_save()
    schedule()
    expect_off(b)
    b.machine.local_irq_restore(flags)


@program()
def from_an_interrupt(b: Bench) -> None:
    """An interrupt handler schedules on its own CPU."""
    t = b.tasklet(marks=UNSEEN)
    b.interrupts(0, lambda: (b.schedule(t), expect_off(b)))
    b.expect_cpus(t, 0)


@program()
def with_interrupts_off(b: Bench) -> None:
    """A hypercall schedules with interrupts off."""
    t = b.tasklet(marks=UNSEEN)
    b.cpu(0, lambda: irqs_off(b, lambda: b.schedule(t)))
    b.expect_cpus(t, 0)


@program()
def interrupted_while_scheduling(b: Bench) -> None:
    """A hypercall schedules one tasklet and is interrupted by a handler that schedules another."""
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: (b.schedule(u), expect_off(b)))
    b.expect_cpus(t, 0)
    b.expect_cpus(u, 0)


@program(SENT)
def sent_from_an_interrupt(b: Bench) -> None:
    """An interrupt handler schedules on another CPU."""
    t = b.tasklet(marks=UNSEEN)
    b.interrupts(0, lambda: (b.schedule_on(t, 1), expect_off(b)))
    b.expect_cpus(t, 1)


@program(SENT)
def sent_while_sending(b: Bench) -> None:
    """A hypercall sends one tasklet to another CPU and is interrupted by a handler that sends another one there."""
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.interrupts(0, lambda: (b.schedule_on(u, 1), expect_off(b)))
    b.expect_cpus(t, 1)
    b.expect_cpus(u, 1)


@program(SENT)
def sent_both_ways(b: Bench) -> None:
    """Two CPUs with interrupts off send each other a tasklet."""
    t, u = b.tasklet("t", marks=UNSEEN), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: irqs_off(b, lambda: b.schedule_on(t, 1)))
    b.cpu(1, lambda: irqs_off(b, lambda: b.schedule_on(u, 0)))
    b.expect_cpus(t, 1)
    b.expect_cpus(u, 0)


# static-declaration


@program(SENT)
def declared_and_scheduled(b: Bench) -> None:
    """A static tasklet is scheduled here."""
    t = b.declared(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(t, 0)


@program(SENT)
def declared_and_sent(b: Bench) -> None:
    """A static tasklet is scheduled on another CPU."""
    t = b.declared(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.expect_cpus(t, 1)


@program(SENT)
def declared_and_rescheduled(b: Bench) -> None:
    """A static tasklet is scheduled again after it has run."""
    t = b.declared(marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t), lambda: b.schedule(t))
    b.expect_cpus(t, 0, 0)


@program(SENT)
def declared_next_to_others(b: Bench) -> None:
    """Static tasklets, one of each kind, on one CPU."""
    both = [b.declared(kind, kind=kind, marks=UNSEEN) for kind in SENT]
    b.cpu(0, lambda: [b.schedule(each) for each in both])
    for each in both:
        b.expect_cpus(each, 0)


@program(SENT, booted=False)
def declared_before_boot(b: Bench) -> None:
    """Static tasklets exist before the subsystem is initialised."""
    t = b.declared(marks=UNSEEN)
    b.boot()
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(t, 0)


# before-init


@program(booted=False)
def too_early(b: Bench) -> None:
    """Scheduled before `tasklet_subsys_init`, and never again."""
    t = b.tasklet(marks=UNSEEN)
    b.api.tasklet_schedule(t.tasklet)
    b.boot()
    b.cpu(0, lambda: None)
    b.expect_runs(t, 0)


@program(booted=False)
def early_and_again(b: Bench) -> None:
    """Scheduled before `tasklet_subsys_init`, and afterwards."""
    t = b.tasklet(marks=UNSEEN)
    b.api.tasklet_schedule(t.tasklet)
    b.boot()
    b.cpu(0, lambda: b.schedule(t))
    b.expect_runs(t, 1)


@program(SENT, booted=False)
def declared_early_and_again(b: Bench) -> None:
    """A static tasklet is scheduled before `tasklet_subsys_init`, and afterwards."""
    t = b.declared(marks=UNSEEN)
    b.api.tasklet_schedule(t.tasklet)
    b.boot()
    b.cpu(0, lambda: b.schedule(t))
    b.expect_runs(t, 1)


@program(SENT, booted=False)
def early_and_sent(b: Bench) -> None:
    """Scheduled on another CPU before `tasklet_subsys_init`, and afterwards."""
    t = b.tasklet(marks=UNSEEN)
    b.api.tasklet_schedule_on_cpu(t.tasklet, 1)
    b.boot()
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.expect_runs(t, 1)
