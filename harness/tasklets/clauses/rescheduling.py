"""Programs about being scheduled again: while it runs, and by itself."""

# Calls strung together in a lambda are how programs are written down.
# mypy: disable-error-code="func-returns-value"

from __future__ import annotations

from collections.abc import Callable

from harness.tasklets.tasklet_under_test import BOTH, SENT, START, UNSEEN, Subject
from harness.tasklets.testbed import Action, Bench, program, times

# no-lost-schedule


def expect_again(b: Bench, t: Subject) -> None:
    """Once it has started, it must run twice, the second time after the first."""

    def check() -> None:
        b.expect(t.started == 0 or t.ended == 2, f"{t.name} was scheduled again in its first run, and ran {times(t.ended)}")

    b.afterwards(check)
    t.before = lambda t: b.expect(not t.running, f"{t.name} runs again before it has finished")


@program()
def by_itself(b: Bench) -> None:
    """Its own function schedules it."""
    t = b.tasklet(function=lambda t: b.schedule(t) if t.started == 1 else None, marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    expect_again(b, t)


def long_run(b: Bench, before: Callable[[Subject], object] = lambda _: None) -> tuple[Subject, Action, Action]:
    """A tasklet whose first run does `before` and then takes long: wait until it has got there, and let it end."""
    started, done = b.flag("started"), b.flag("done")

    def function(t: Subject) -> None:
        if t.started == 1:
            before(t)
            started.write(1)
            b.given(done)

    t = b.tasklet(function=function, marks=BOTH)
    expect_again(b, t)
    return t, lambda: b.given(started), lambda: done.write(1)


@program()
def by_an_interrupt(b: Bench) -> None:
    """An interrupt on the CPU that runs it schedules it."""
    t, running, end = long_run(b)
    b.cpu(0, lambda: b.schedule(t))
    b.device(lambda: (running(), b.interrupt(0, lambda: (b.schedule(t), end()))))


@program()
def by_another_cpu(b: Bench) -> None:
    """Another CPU schedules it while it runs here."""
    t, running, end = long_run(b)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (running(), b.schedule(t), end()))


@program(SENT)
def sent_back(b: Bench) -> None:
    """Another CPU schedules it, while it runs here, to run here."""
    t, running, end = long_run(b)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (running(), b.schedule_on(t, 0), end()))


@program()
def by_itself_and_another(b: Bench) -> None:
    """It schedules itself and, in the same run, another CPU schedules it: that is once more, not twice."""
    t, running, end = long_run(b, b.schedule)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (running(), b.schedule(t), end()))


def expect_more(b: Bench, t: Subject, schedule: Callable[[], None]) -> None:
    """Schedule `t` at any time: if it had started by then, it must start again."""
    t.mark()
    before = t.started
    schedule()
    b.afterwards(lambda: b.expect(before == 0 or t.started > before, f"{t.name} was scheduled after its start, and has not started since"))


@program()
def racing_interrupt(b: Bench) -> None:
    """An interrupt schedules it at any time before, during or after its run."""
    t = b.tasklet(marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.interrupts(0, lambda: expect_more(b, t, lambda: b.schedule(t)))


@program()
def racing_cpu(b: Bench) -> None:
    """Another CPU schedules it at any time before, during or after its run."""
    t = b.tasklet(marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: expect_more(b, t, lambda: b.schedule(t)))


@program(SENT)
def racing_send(b: Bench) -> None:
    """Another CPU sends it here at any time before, during or after its run."""
    t = b.tasklet(marks=START)
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: expect_more(b, t, lambda: b.schedule_on(t, 0)))


# self-reschedule


@program()
def again_here(b: Bench) -> None:
    """It schedules itself three times on its own CPU."""
    t = b.tasklet(function=lambda t: b.schedule(t) if t.started <= 3 else None, marks=UNSEEN)
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(t, 0, 0, 0, 0)


@program(SENT)
def again_by_number(b: Bench) -> None:
    """It schedules itself twice on its own CPU, by number."""
    t = b.tasklet(function=lambda t: b.schedule_on(t, 1) if t.started <= 2 else None, marks=UNSEEN)
    b.cpu(1, lambda: b.schedule(t))
    b.expect_cpus(t, 1, 1, 1)


@program(SENT)
def again_elsewhere(b: Bench) -> None:
    """It schedules itself on the other CPU, and there on the first again."""
    t = b.tasklet(function=lambda t: b.schedule_on(t, 1 - t.cpus[-1]) if t.started <= 2 else None)
    b.cpu(0, lambda: b.schedule(t))
    b.expect_cpus(t, 0, 1, 0)
