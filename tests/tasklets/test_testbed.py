"""Preconditions are diagnosed by name, before the stage is reached; premises and hooks do what programs rely on."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ENGINES
from harness.jobs.stage_loading import load
from harness.machine.diagnosis import ASSERTION, PRECONDITION, UNINITIALISED, Violation
from harness.search.search import EXHAUSTED, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.sources.single_file import target_of_file
from harness.tasklets.tasklet_under_test import IRQ_CLIENT, SOFTIRQ, VCPU, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program
from harness.verify.no_races import executing
from stages import s0_baseline, s5_drop_scaffolding


def run(
    arrange: Callable[[Testbed], object], kind: str = SOFTIRQ, hotplug: bool = False, module: ModuleType = s5_drop_scaffolding
) -> Violation | None:
    """Run a program once, the first process first."""
    engine = ExploredEngine(lambda engine, enabled, current: enabled[0])

    def arranged(b: Testbed) -> None:
        arrange(b)

    arranged.__doc__ = "A test."
    program((kind,), hotplug=hotplug)(arranged).execute(module, kind, engine)
    return engine.failure


def kill_in_interrupt(b: Testbed) -> None:
    """Kill where one must not."""
    t = b.tasklet()
    b.interrupts(0, lambda: b.kill(t))


def kill_with_interrupts_off(b: Testbed) -> None:
    """Kill where one must not."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.machine.local_irq_disable(), b.kill(t)))


def kill_itself(b: Testbed) -> None:
    """Kill where one must not."""
    t: TaskletUnderTest = b.tasklet(function=lambda t: b.kill(t))
    b.cpu(0, lambda: b.schedule(t))


def init_queued(b: Testbed) -> None:
    """Initialise what is queued."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.schedule(t), b.init(t)))


def send_to_offline(b: Testbed) -> None:
    """Schedule on a CPU that is gone."""
    t = b.tasklet()
    b.cpu(0, lambda: (b.machine.cpu_down(1), b.schedule_on(t, 1)))


def send_a_client(b: Testbed) -> None:
    """Send what is only ever scheduled locally."""
    t = b.tasklet(kind=IRQ_CLIENT)
    b.cpu(0, lambda: b.schedule_on(t, 1))


@pytest.mark.parametrize(
    ("arrange", "message"),
    [
        (kill_in_interrupt, "CPU0: tasklet_kill(t) in an interrupt handler"),
        (kill_with_interrupts_off, "CPU0: tasklet_kill(t) with interrupts off"),
        (kill_itself, "CPU0: tasklet_kill(t), but its own function calls it"),
        (init_queued, "CPU0: init of t, but it is queued"),
        (send_to_offline, "CPU0: tasklet_schedule_on_cpu(t, 1), but CPU1 is offline"),
        (send_a_client, "CPU0: tasklet_schedule_on_cpu(t, 1), but this client schedules locally only"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_violated_precondition_is_diagnosed(arrange: Callable[[Testbed], object], message: str) -> None:
    """Which call, which CPU, what was violated."""
    failure = run(arrange, hotplug=True)
    assert failure is not None
    assert failure.kind == PRECONDITION
    assert failure.message.startswith(message)


def test_a_tasklet_has_what_its_init_call_writes_and_nothing_else(tmp_path: Path) -> None:
    """A stage whose init call leaves out a field finds garbage there; one that is declared statically is what the macro has made it."""
    source = Path(s5_drop_scaffolding.__file__).read_text()
    path = tmp_path / "forgetful.py"
    path.write_text(
        source.replace("        t.is_softirq = False\n", "").replace(
            "        t.is_softirq = True\n        return t\n", "        return t\n"
        )
    )
    forgetful = load(target_of_file(str(path)))

    def made(b: Testbed) -> None:
        b.kind = VCPU
        t = b.tasklet()
        b.cpu(0, lambda: b.schedule(t))

    def declared(b: Testbed) -> None:
        t = b.declared(kind=VCPU)
        b.cpu(0, lambda: b.schedule(t))
        b.expect_runs(t, 1)

    failure = run(made, module=forgetful)
    assert failure is not None
    assert (failure.kind, failure.message[:51]) == (UNINITIALISED, "CPU0: reads t.is_softirq, which was never initialis")
    assert run(declared, module=forgetful) is None


def test_an_expectation_ends_the_execution() -> None:
    """With the program's own words."""
    failure = run(lambda b: b.cpu(0, lambda: b.expect(False, "told so")))
    assert failure is not None
    assert (failure.kind, failure.message) == (ASSERTION, "CPU0: told so")


def test_nothing_is_checked_when_a_premise_never_comes() -> None:
    """Whereas a wait for anything else is a hang."""

    def waits(b: Testbed, given: bool) -> None:
        never = b.flag("never")
        b.cpu(0, lambda: b.given(never) if given else b.until(never))
        b.afterwards(lambda: b.expect(False, "checked"))

    assert run(lambda b: waits(b, given=True)) is None
    failure = run(lambda b: waits(b, given=False))
    assert failure is not None
    assert failure.message == "CPU0 waits for never"


def test_bodies_run_with_softirqs_in_between() -> None:
    """What the first hypercall has scheduled has run when the second one is made."""
    seen: list[int] = []

    def arrange(b: Testbed) -> None:
        t = b.tasklet()
        b.cpu(0, lambda: b.schedule(t), lambda: seen.append(t.ended))

    assert run(arrange) is None
    assert seen == [1]


def test_a_wait_of_the_stage_is_noticed_once() -> None:
    """And on the CPU that waits only."""
    noticed: list[int] = []

    def arrange(b: Testbed) -> None:
        b.when_waiting(0, lambda: noticed.append(b.machine.this_cpu().number))
        b.cpu(0, lambda: (b.machine.process_pending_softirqs(), b.machine.process_pending_softirqs()))
        b.cpu(1, lambda: b.machine.process_pending_softirqs())

    assert run(arrange) is None
    assert noticed == [0]


def test_the_same_bench_works_on_another_stage() -> None:
    """A program is a value: it can be executed any number of times, anywhere."""

    @program((SOFTIRQ,))
    def once(b: Testbed) -> None:
        """Once."""
        b.expect_runs(scheduled(b), 1)

    for module in (s0_baseline, s5_drop_scaffolding, s0_baseline):
        engine = ExploredEngine(lambda engine, enabled, current: enabled[-1])
        once.execute(module, SOFTIRQ, engine)
        assert engine.failure is None


@pytest.mark.parametrize("model", ENGINES)
def test_what_a_search_is_done_with_goes_without_the_garbage_collector(model: str) -> None:
    """A machine, its stage and its program lead back to themselves, hundreds of objects; next to nothing of that is left to it."""

    @program((SOFTIRQ,))
    def once(b: Testbed) -> None:
        """Once."""
        b.expect_runs(scheduled(b), 1)
        b.interrupts(0, lambda: None)

    gc.collect()
    gc.disable()
    try:
        result = search(executing(once, s5_drop_scaffolding, SOFTIRQ), OptimalDpor(ENGINES[model]))
        left = gc.collect()
    finally:
        gc.enable()
    assert result.verdict == EXHAUSTED
    # The last execution may still be there.
    assert left < 50 * result.executions + 500


def scheduled(b: Testbed) -> TaskletUnderTest:
    """A tasklet that CPU 0 schedules."""
    t = b.tasklet()
    b.cpu(0, lambda: b.schedule(t))
    return t


def test_flags_of_this_suite_order_nothing() -> None:
    """A schedule that lacks its barrier is to be seen: the flag behind it brings none."""
    found = set()

    @program((SOFTIRQ,))
    def told(b: Testbed) -> None:
        """One CPU writes and tells, without a schedule in between."""
        data, done = b.relaxed_flag("data"), b.flag("done")
        b.cpu(0, lambda: (data.write(1), done.write(1)))  # type: ignore[func-returns-value]
        b.cpu(1, lambda: (b.until(done), found.add(data.read())))  # type: ignore[func-returns-value]

    search(lambda engine: told.execute(s5_drop_scaffolding, SOFTIRQ, engine), OptimalDpor(ENGINES["arm"]))
    assert found == {0, 1}
