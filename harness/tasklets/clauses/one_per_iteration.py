"""Programs in which a handler finds several tasklets pending and may run one of them."""

from __future__ import annotations

from collections.abc import Callable

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


def counted(b: Testbed, count: int) -> list[TaskletUnderTest]:
    """Tasklets of which one call of a handler may run one, and that must all run once."""
    machine = b.machine
    started = [0] * len(machine.cpus)

    def limited(name: str, call: Callable[[], None]) -> Callable[[], None]:
        def handler() -> None:
            cpu = machine.this_cpu().number
            started[cpu] = 0
            call()
            b.expect(started[cpu] <= 1, f"one call of the {name} handler has run {started[cpu]} tasklets")

        return handler

    def count_start(_: TaskletUnderTest) -> None:
        started[machine.this_cpu().number] += 1

    b.handlers(limited)
    made = [b.tasklet(f"t{i}", count_start) for i in range(count)]
    for t in made:
        b.expect_runs(t, 1)
    return made


@program()
def one_of_three(b: Testbed) -> None:
    """A hypercall schedules three."""
    made = counted(b, 3)
    b.cpu(0, lambda: [b.schedule(t) for t in made])


@program(SENT)
def one_of_two_sent(b: Testbed) -> None:
    """Another CPU sends two to one that is in a hypercall until both have come."""
    made = counted(b, 2)
    sent = b.flag("sent")
    b.cpu(0, lambda: ([b.schedule_on(t, 1) for t in made], sent.write(1)))
    b.cpu(1, lambda: b.until(sent))


@program()
def one_and_an_interrupt(b: Testbed) -> None:
    """A hypercall schedules one, and an interrupt in the same hypercall another."""
    made = counted(b, 2)
    done = b.flag("done")
    b.cpu(0, lambda: (b.schedule(made[0]), b.until(done)))
    b.interrupts(0, lambda: (b.schedule(made[1]), done.write(1)))


CLAUSE = clause(
    "one-per-iteration",
    "One softirq handler call, and one `do_tasklet` call, runs at most one tasklet; the rest follow without a further schedule.",
    (
        one_of_three,
        one_of_two_sent,
        one_and_an_interrupt,
    ),
    ALL,
)
