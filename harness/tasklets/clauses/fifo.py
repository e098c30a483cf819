"""Programs that schedule several tasklets on one CPU and look at the order in which they start."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


def in_order(b: Testbed, count: int) -> list[TaskletUnderTest]:
    """Tasklets of which those that start must start in their order; all of them on one CPU."""
    order: list[str] = []
    made = [b.tasklet(f"t{i}", lambda t: order.append(t.name)) for i in range(count)]
    b.afterwards(lambda: b.expect(order == sorted(order), f"scheduled in the order of their numbers, started in the order {order}"))
    return made


@program()
def order_of_hypercall(b: Testbed) -> None:
    """A hypercall schedules three tasklets."""
    made = in_order(b, 3)
    b.cpu(0, lambda: [b.schedule(t) for t in made])


@program()
def order_of_function(b: Testbed) -> None:
    """The function of one tasklet schedules two others."""
    made = in_order(b, 2)
    first = b.tasklet("first", lambda _: [b.schedule(t) for t in made])
    b.cpu(0, lambda: b.schedule(first))


@program()
def order_of_interrupt(b: Testbed) -> None:
    """A hypercall schedules two tasklets, then an interrupt schedules a third."""
    made = in_order(b, 3)
    done, ready = b.flag("done"), b.flag("ready")
    b.cpu(0, lambda: (b.schedule(made[0]), b.schedule(made[1]), ready.write(1), b.until(done)))
    b.device(lambda: (b.until(ready), b.interrupt(0, lambda: (b.schedule(made[2]), done.write(1)))))


@program(SENT)
def order_while_fed(b: Testbed) -> None:
    """A hypercall schedules two tasklets while another CPU sends a third."""
    made = in_order(b, 2)
    other = b.tasklet("other")
    b.cpu(0, lambda: [b.schedule(t) for t in made])
    b.cpu(1, lambda: b.schedule_on(other, 0))


CLAUSE = clause(
    "fifo",
    "Per CPU and kind, distinct idle tasklets scheduled locally start in the order in which they were scheduled.",
    (
        order_of_hypercall,
        order_of_function,
        order_of_interrupt,
        order_while_fed,
    ),
    ALL,
)
