"""Programs in which a tasklet is scheduled while it runs, or at any time around its run."""

from __future__ import annotations

from collections.abc import Callable

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, BOTH, SENT, START, Function, TaskletUnderTest
from harness.tasklets.testbed import Action, Testbed, program, times


def expect_again(b: Testbed, t: TaskletUnderTest) -> None:
    """Once it has started, it must run twice, the second time after the first."""

    def check() -> None:
        b.expect(t.started == 0 or t.ended == 2, f"{t.name} was scheduled again in its first run, and ran {times(t.ended)}")

    b.afterwards(check)
    t.before = lambda t: b.expect(not t.running, f"{t.name} runs again before it has finished")


@program()
def by_itself(b: Testbed) -> None:
    """Its own function schedules it."""
    t = b.tasklet(function=lambda t: b.schedule(t) if t.started == 1 else None)
    b.cpu(0, lambda: b.schedule(t))
    expect_again(b, t)


def long_run(b: Testbed, before: Function = lambda _: None) -> tuple[TaskletUnderTest, Action, Action]:
    """A tasklet whose first run does `before` and then takes long: wait until it has got there, and let it end."""
    started, done = b.flag("started"), b.flag("done")

    def function(t: TaskletUnderTest) -> None:
        if t.started == 1:
            before(t)
            started.write(1)
            b.given(done)

    t = b.tasklet(function=function, marks=BOTH)
    expect_again(b, t)
    return t, lambda: b.given(started), lambda: done.write(1)


@program()
def by_an_interrupt(b: Testbed) -> None:
    """An interrupt on the CPU that runs it schedules it."""
    t, running, end = long_run(b)
    b.cpu(0, lambda: b.schedule(t))
    b.device(lambda: (running(), b.interrupt(0, lambda: (b.schedule(t), end()))))


@program()
def by_another_cpu(b: Testbed) -> None:
    """Another CPU schedules it while it runs here."""
    t, running, end = long_run(b)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (running(), b.schedule(t), end()))


@program(SENT)
def sent_back(b: Testbed) -> None:
    """Another CPU schedules it, while it runs here, to run here."""
    t, running, end = long_run(b)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (running(), b.schedule_on(t, 0), end()))


@program()
def by_itself_and_another(b: Testbed) -> None:
    """It schedules itself and, in the same run, another CPU schedules it: that is once more, not twice."""
    t, running, end = long_run(b, b.schedule)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (running(), b.schedule(t), end()))


def expect_more(b: Testbed, t: TaskletUnderTest, schedule: Callable[[], None]) -> None:
    """Schedule `t` at any time: if it had started by then, it must start again."""
    t.mark()
    before = t.started
    schedule()
    b.afterwards(lambda: b.expect(before == 0 or t.started > before, f"{t.name} was scheduled after its start, and has not started since"))


@program()
def racing_interrupt(b: Testbed) -> None:
    """An interrupt schedules it at any time before, during or after its run."""
    t = b.tasklet(marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: expect_more(b, t, lambda: b.schedule(t)))


@program()
def racing_cpu(b: Testbed) -> None:
    """Another CPU schedules it at any time before, during or after its run."""
    t = b.tasklet(marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: expect_more(b, t, lambda: b.schedule(t)))


@program(SENT)
def racing_send(b: Testbed) -> None:
    """Another CPU sends it here at any time before, during or after its run."""
    t = b.tasklet(marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: expect_more(b, t, lambda: b.schedule_on(t, 0)))


CLAUSE = clause(
    "no-lost-schedule",
    "Scheduled while it runs (from its own function, from an interrupt on the same CPU, from another CPU), it runs once more "
    "afterwards. Both kinds.",
    (
        by_itself,
        by_an_interrupt,
        by_another_cpu,
        sent_back,
        by_itself_and_another,
        racing_interrupt,
        racing_cpu,
        racing_send,
    ),
    ALL,
)
