"""Programs in which a tasklet's function processes softirqs."""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, SENT, Function, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program


def nesting(b: Testbed, before: Function = lambda _: None) -> TaskletUnderTest:
    """A tasklet whose first run does `before` and then processes softirqs, in which it must not start."""

    def function(t: TaskletUnderTest) -> None:
        if t.started == 1:
            before(t)
            b.machine.process_pending_softirqs()
            b.expect(t.started == 1, f"{t.name} was entered again from process_pending_softirqs in its own function")

    return b.tasklet(function=function)


@program()
def nested(b: Testbed) -> None:
    """Its function processes softirqs."""
    t = nesting(b)
    b.cpu(0, lambda: b.schedule(t))


@program()
def nested_after_reschedule(b: Testbed) -> None:
    """Its function schedules itself and then processes softirqs."""
    t = nesting(b, b.schedule)
    b.cpu(0, lambda: b.schedule(t))


@program()
def nested_next_to_another(b: Testbed) -> None:
    """Its function processes softirqs while another tasklet waits behind it; that one may run then or later."""
    t, u = nesting(b), b.tasklet("u")
    b.cpu(0, lambda: (b.schedule(t), b.schedule(u)))


@program()
def nested_and_interrupted(b: Testbed) -> None:
    """Its function processes softirqs, and an interrupt schedules it at any time."""
    t = nesting(b)
    t.before = lambda t: b.expect(not t.running, f"{t.name} was entered again")
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: b.schedule(t))


@program(SENT)
def nested_and_fed(b: Testbed) -> None:
    """Its function processes softirqs, and another CPU sends it here at any time."""
    t = nesting(b)
    t.before = lambda t: b.expect(not t.running, f"{t.name} was entered again")
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: b.schedule_on(t, 0))


CLAUSE = clause(
    "nested-softirqs",
    "A function may call `process_pending_softirqs`, also after it has rescheduled itself: that returns, and the tasklet is "
    "not entered a second time meanwhile.",
    (
        nested,
        nested_after_reschedule,
        nested_next_to_another,
        nested_and_interrupted,
        nested_and_fed,
    ),
    ALL,
)
