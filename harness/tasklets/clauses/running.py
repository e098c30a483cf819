"""Programs about running: alone, in which context, in which order, how many at a time, and softirqs in the middle of it."""

# Calls strung together in a lambda are how programs are written down.
# mypy: disable-error-code="func-returns-value"

from __future__ import annotations

from collections.abc import Callable

from harness.tasklets.tasklet_under_test import BOTH, SENT, UNSEEN, VCPU, Subject
from harness.tasklets.testbed import Bench, program
from stages.hypervisor import TASKLET_ENQUEUED, TASKLET_SCHEDULED

# never-concurrent


def alone(b: Bench, function: Callable[[Subject], object] | None = None) -> Subject:
    """A tasklet that must never be entered while it runs."""
    t = b.tasklet(function=function, marks=BOTH)
    t.before = lambda t: b.expect(not t.running, f"{t.name} starts while it runs on CPUs {t.running}")
    return t


@program()
def two_cpus_schedule(b: Bench) -> None:
    """Two CPUs schedule it, each for itself."""
    t = alone(b)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule(t))


@program(SENT)
def two_cpus_send(b: Bench) -> None:
    """Two CPUs send it to each other."""
    t = alone(b)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: b.schedule_on(t, 0))


@program(SENT)
def elsewhere_while_running(b: Bench) -> None:
    """It schedules itself on the other CPU while it still runs."""
    t = alone(b, lambda t: b.schedule_on(t, 1) if t.started == 1 else None)
    b.cpu(0, lambda: b.schedule(t))


@program()
def again_and_elsewhere(b: Bench) -> None:
    """It schedules itself while another CPU schedules it too."""
    t = alone(b, lambda t: b.schedule(t) if t.started == 1 else None)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule(t))


def alone_and_long(b: Bench) -> Subject:
    """As `alone`; its first run takes until a device, at any time, lets it end."""
    done = b.flag("done")
    b.device(lambda: done.write(1))
    return alone(b, lambda t: b.until(done) if t.started == 1 else None)


@program()
def scheduled_in_a_long_run(b: Bench) -> None:
    """Two CPUs schedule it, each for itself; the first run takes long."""
    t = alone_and_long(b)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule(t))


@program(SENT)
def sent_in_a_long_run(b: Bench) -> None:
    """A CPU schedules it, another one sends it to itself by number; the first run takes long."""
    t = alone_and_long(b)
    b.cpu(0, lambda: b.schedule(t), lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: b.schedule_on(t, 1))


# context


def caller_checked(b: Bench) -> Callable[[Subject], None]:
    """A function that checks who calls it, and that the idle vCPU is current where it must be."""
    machine = b.machine
    inside = [""] * machine.nr_cpus

    def entered(name: str, call: Callable[[], None]) -> Callable[[], None]:
        def handler() -> None:
            cpu = machine.smp_processor_id()
            outer, inside[cpu] = inside[cpu], name
            call()
            inside[cpu] = outer

        return handler

    b.handlers(entered)

    def look(t: Subject) -> None:
        cpu = machine.this_cpu()
        where = "do_tasklet" if t.kind == VCPU else "softirq"
        b.expect(inside[cpu.number] == where, f"{t.name} runs from {inside[cpu.number] or 'elsewhere'}, not from {where}")
        if t.kind == VCPU:
            bits = machine.work_sources[0].words[cpu.number].value
            b.expect(cpu.current is cpu.idle, f"{t.name} runs while {cpu.current.name} is current")
            b.expect(bits == 1 << TASKLET_ENQUEUED | 1 << TASKLET_SCHEDULED, f"{t.name} runs with work bits {bits:#x}")

    return look


def context_checked(b: Bench) -> Subject:
    """A tasklet that checks all of its context in each run."""
    machine, look = b.machine, caller_checked(b)

    def function(t: Subject) -> None:
        b.expect(not machine.in_irq(), f"{t.name} runs in an interrupt")
        b.expect(machine.local_irq_is_enabled(), f"{t.name} runs with interrupts off")
        look(t)

    return b.tasklet(function=function, marks=UNSEEN)


@program()
def context_here(b: Bench) -> None:
    """Scheduled by a hypercall."""
    t = context_checked(b)
    b.cpu(0, lambda: b.schedule(t))


@program()
def context_interrupt(b: Bench) -> None:
    """Scheduled by an interrupt while a guest runs."""
    t = context_checked(b)
    b.cpu(0, lambda: None)
    b.interrupts(0, lambda: b.schedule(t))


@program(SENT)
def context_sent(b: Bench) -> None:
    """Sent to a CPU that runs a guest."""
    t = context_checked(b)
    b.cpu(0, lambda: b.schedule_on(t, 1))
    b.cpu(1, lambda: None)


# static-declaration


@program(SENT)
def declared_in_context(b: Bench) -> None:
    """A static tasklet runs from where its kind runs."""
    t = b.declared(function=caller_checked(b), marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.expect_runs(t, 1)


# fifo


def in_order(b: Bench, count: int) -> list[Subject]:
    """Tasklets of which those that start must start in their order; all of them on one CPU."""
    order: list[str] = []
    made = [b.tasklet(f"t{i}", lambda t: order.append(t.name), marks=UNSEEN) for i in range(count)]
    b.afterwards(lambda: b.expect(order == sorted(order), f"scheduled in the order of their numbers, started in the order {order}"))
    return made


@program()
def order_of_hypercall(b: Bench) -> None:
    """A hypercall schedules three tasklets."""
    made = in_order(b, 3)
    b.cpu(0, lambda: [b.schedule(t) for t in made])


@program()
def order_of_function(b: Bench) -> None:
    """The function of one tasklet schedules two others."""
    made = in_order(b, 2)
    first = b.tasklet("first", lambda _: [b.schedule(t) for t in made], marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(first))


@program()
def order_of_interrupt(b: Bench) -> None:
    """A hypercall schedules two tasklets, then an interrupt schedules a third."""
    made = in_order(b, 3)
    done, ready = b.flag("done"), b.flag("ready")
    b.cpu(0, lambda: (b.schedule(made[0]), b.schedule(made[1]), ready.write(1), b.until(done)))
    b.device(lambda: (b.until(ready), b.interrupt(0, lambda: (b.schedule(made[2]), done.write(1)))))


@program(SENT)
def order_while_fed(b: Bench) -> None:
    """A hypercall schedules two tasklets while another CPU sends a third."""
    made = in_order(b, 2)
    other = b.tasklet("other", marks=UNSEEN)
    b.cpu(0, lambda: [b.schedule(t) for t in made])
    b.cpu(1, lambda: b.schedule_on(other, 0))


# one-per-iteration


def counted(b: Bench, count: int) -> list[Subject]:
    """Tasklets of which one call of a handler may run one, and that must all run once."""
    machine = b.machine
    started = [0] * machine.nr_cpus

    def limited(name: str, call: Callable[[], None]) -> Callable[[], None]:
        def handler() -> None:
            cpu = machine.smp_processor_id()
            started[cpu] = 0
            call()
            b.expect(started[cpu] <= 1, f"one call of the {name} handler has run {started[cpu]} tasklets")

        return handler

    def count_start(_: Subject) -> None:
        started[machine.smp_processor_id()] += 1

    b.handlers(limited)
    made = [b.tasklet(f"t{i}", count_start, marks=UNSEEN) for i in range(count)]
    for t in made:
        b.expect_runs(t, 1)
    return made


@program()
def one_of_three(b: Bench) -> None:
    """A hypercall schedules three."""
    made = counted(b, 3)
    b.cpu(0, lambda: [b.schedule(t) for t in made])


@program(SENT)
def one_of_two_sent(b: Bench) -> None:
    """Another CPU sends two to one that is in a hypercall until both have come."""
    made = counted(b, 2)
    sent = b.flag("sent")
    b.cpu(0, lambda: ([b.schedule_on(t, 1) for t in made], sent.write(1)))
    b.cpu(1, lambda: b.until(sent))


@program()
def one_and_an_interrupt(b: Bench) -> None:
    """A hypercall schedules one, and an interrupt in the same hypercall another."""
    made = counted(b, 2)
    done = b.flag("done")
    b.cpu(0, lambda: (b.schedule(made[0]), b.until(done)))
    b.interrupts(0, lambda: (b.schedule(made[1]), done.write(1)))


# nested-softirqs


def nesting(b: Bench, before: Callable[[Subject], object] = lambda _: None) -> Subject:
    """A tasklet whose first run does `before` and then processes softirqs, in which it must not start."""

    def function(t: Subject) -> None:
        if t.started == 1:
            before(t)
            b.machine.process_pending_softirqs()
            b.expect(t.started == 1, f"{t.name} was entered again from process_pending_softirqs in its own function")

    return b.tasklet(function=function, marks=UNSEEN)


@program()
def nested(b: Bench) -> None:
    """Its function processes softirqs."""
    t = nesting(b)
    b.cpu(0, lambda: b.schedule(t))


@program()
def nested_after_reschedule(b: Bench) -> None:
    """Its function schedules itself and then processes softirqs."""
    t = nesting(b, b.schedule)
    b.cpu(0, lambda: b.schedule(t))


@program()
def nested_next_to_another(b: Bench) -> None:
    """Its function processes softirqs while another tasklet waits behind it; that one may run then or later."""
    t, u = nesting(b), b.tasklet("u", marks=UNSEEN)
    b.cpu(0, lambda: (b.schedule(t), b.schedule(u)))


@program()
def nested_and_interrupted(b: Bench) -> None:
    """Its function processes softirqs, and an interrupt schedules it at any time."""
    t = nesting(b)
    t.before = lambda t: b.expect(not t.running, f"{t.name} was entered again")
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: b.schedule(t))


@program(SENT)
def nested_and_fed(b: Bench) -> None:
    """Its function processes softirqs, and another CPU sends it here at any time."""
    t = nesting(b)
    t.before = lambda t: b.expect(not t.running, f"{t.name} was entered again")
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule_on(t, 0))
