"""Programs in which CPUs send tasklets of both kinds to one CPU."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, SOFTIRQ, VCPU, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


def mixed(b: Testbed) -> tuple[TaskletUnderTest, TaskletUnderTest]:
    """A tasklet of the kind under test and one of the other kind, which must both run on CPU 2."""
    other = SOFTIRQ if b.kind == VCPU else VCPU
    t, u = b.tasklet("t"), b.tasklet("u", kind=other)
    b.expect_cpus(t, 2)
    b.expect_cpus(u, 2)
    return t, u


@program(SENT, cpus=3)
def fed_by_two(b: Testbed) -> None:
    """Two CPUs send one of each kind to a CPU that sleeps."""
    t, u = mixed(b)
    b.cpu(0, lambda: b.schedule_on(t, 2))
    b.cpu(1, lambda: b.schedule_on(u, 2))


@program(SENT, cpus=3)
def fed_by_two_while_busy(b: Testbed) -> None:
    """Two CPUs send one of each kind to a CPU that is in a hypercall until both have been sent."""
    t, u = mixed(b)
    sent = b.flag("sent")
    b.cpu(0, lambda: (b.schedule_on(t, 2), sent.add(1)))
    b.cpu(1, lambda: (b.schedule_on(u, 2), sent.add(1)))
    b.cpu(2, lambda: b.until(sent, 2))


@program(SENT, cpus=3)
def fed_next_to_local(b: Testbed) -> None:
    """Two CPUs send one of each kind to a CPU that schedules one of its own."""
    t, u = mixed(b)
    own = b.tasklet("own")
    b.cpu(0, lambda: b.schedule_on(t, 2))
    b.cpu(1, lambda: b.schedule_on(u, 2))
    b.cpu(2, lambda: b.schedule(own))
    b.expect_cpus(own, 2)


@program(SENT)
def fed_three_and_one(b: Testbed) -> None:
    """One CPU sends three of a kind, and one of the other kind between them, to a CPU that is in a hypercall until all have been sent."""
    other = SOFTIRQ if b.kind == VCPU else VCPU
    kinds = (b.kind, b.kind, other, b.kind)
    four = [b.tasklet(f"t{i}", kind=kind) for i, kind in enumerate(kinds)]
    sent = b.flag("sent")
    b.cpu(0, lambda: ([b.schedule_on(t, 1) for t in four], sent.write(1)))
    b.cpu(1, lambda: b.until(sent))
    for t in four:
        b.expect_cpus(t, 1)


CLAUSE = clause(
    "mixed-feed",
    "Tasklets of both kinds sent to one CPU by different CPUs all run there.",
    (
        fed_by_two,
        fed_by_two_while_busy,
        fed_next_to_local,
        fed_three_and_one,
    ),
    ALL,
)
