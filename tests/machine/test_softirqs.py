"""Softirqs, event-check IPIs and function-call IPIs."""

from __future__ import annotations

from typing import Any

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.machine.diagnosis import NO_PROGRESS, PRECONDITION
from harness.machine.engine import HALT
from stages.hypervisor import NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ, RCU_SOFTIRQ, SCHEDULE_SOFTIRQ
from tests.machine.machines import Bench, explored

LAST_SOFTIRQ = RCU_SOFTIRQ + 1


def _open_all(bench: Any) -> None:
    """Have every softirq but SCHEDULE and TIMER note its number and its CPU."""
    for nr in (NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ, RCU_SOFTIRQ, LAST_SOFTIRQ):
        bench.machine.open_softirq(nr, lambda nr=nr: bench.log.append((nr, bench.machine.smp_processor_id())))


def test_the_lowest_softirq_runs_first(bench: Any) -> None:
    """Whatever the order in which they were raised, the lowest number comes first."""
    _open_all(bench)

    def program() -> None:
        for nr in (LAST_SOFTIRQ, NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ, RCU_SOFTIRQ):
            bench.machine.raise_softirq(nr)

    bench.on(0, program)
    assert bench.run() is None
    assert bench.log == [(2, 0), (3, 0), (4, 0)]


def test_a_softirq_that_is_raised_meanwhile_takes_its_place_in_the_order(bench: Any) -> None:
    """A handler raises a lower softirq and itself: the lower one runs next, then the handler again, then a higher one."""
    m = bench.machine
    _open_all(bench)

    def rcu() -> None:
        bench.log.append("rcu")
        if bench.log.count("rcu") == 1:
            m.raise_softirq(RCU_SOFTIRQ)
            m.raise_softirq(NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ)

    m.open_softirq(RCU_SOFTIRQ, rcu)
    bench.on(0, lambda: (m.raise_softirq(LAST_SOFTIRQ), m.raise_softirq(RCU_SOFTIRQ)))
    assert bench.run() is None
    assert bench.log == ["rcu", (2, 0), "rcu", (4, 0)]


def test_raising_twice_is_raising_once(bench: Any) -> None:
    """The mask has one bit for each softirq."""
    _open_all(bench)
    bench.on(0, lambda: (bench.machine.raise_softirq(RCU_SOFTIRQ), bench.machine.raise_softirq(RCU_SOFTIRQ)))
    assert bench.run() is None
    assert bench.log == [(3, 0)]
    assert bench.machine.counts["softirq 3 raised"] == 2
    assert bench.machine.counts["softirq 3 handled"] == 1


def test_a_handler_runs_with_interrupts_on_outside_interrupts(bench: Any) -> None:
    """Raised in an interrupt, a softirq runs after it, not in it."""
    m = bench.machine
    m.open_softirq(RCU_SOFTIRQ, lambda: bench.log.append(("softirq", m.in_irq(), m.local_irq_is_enabled())))

    def handler() -> None:
        m.raise_softirq(RCU_SOFTIRQ)
        bench.log.append("interrupt ends")

    bench.device(lambda: m.interrupt(1, handler))
    assert bench.run() is None
    assert bench.log == ["interrupt ends", ("softirq", False, True)]


def test_a_softirq_that_nobody_opened_is_diagnosed(bench: Any) -> None:
    """The diagnosis says which number is pending, and where."""
    bench.on(1, lambda: bench.machine.raise_softirq(RCU_SOFTIRQ))
    failure = bench.run()
    assert failure.kind == PRECONDITION
    assert failure.message == "CPU1: softirq 3 is pending, but nobody has opened it"


def test_process_pending_softirqs_leaves_schedule_alone(bench: Any) -> None:
    """It runs the others in order and returns with SCHEDULE still pending, which then runs on the way out."""
    m = bench.machine
    _open_all(bench)
    m.open_softirq(SCHEDULE_SOFTIRQ, lambda: bench.log.append("schedule"))

    def program() -> None:
        for nr in (SCHEDULE_SOFTIRQ, LAST_SOFTIRQ, RCU_SOFTIRQ):
            m.raise_softirq(nr)
        m.process_pending_softirqs()
        bench.log.append(("returned", m.cpus[0].softirqs.read()))
        m.do_softirq()
        bench.wait(bench.word("for ever"))

    bench.on(0, program)
    assert bench.run().kind == NO_PROGRESS
    assert bench.log == [(3, 0), (4, 0), ("returned", 1 << SCHEDULE_SOFTIRQ), "schedule"]


@pytest.mark.parametrize("call", ["process_pending_softirqs", "on_selected_cpus"])
@pytest.mark.parametrize("context", ["in an interrupt handler", "with interrupts off"])
def test_calls_that_need_interrupts_diagnose_their_absence(bench: Any, call: str, context: str) -> None:
    """The diagnosis names the call, the CPU, the context and the place."""
    m = bench.machine
    arguments = ([0], lambda _: None, None, True) if call == "on_selected_cpus" else ()

    def violate() -> None:
        m.local_irq_disable()
        getattr(m, call)(*arguments)

    if context == "with interrupts off":
        bench.on(1, violate)
    else:
        bench.device(lambda: m.interrupt(1, violate))
    failure = bench.run()
    assert failure.kind == PRECONDITION
    assert failure.message.startswith(f"CPU1: {call} {context}, at test_softirqs.py:")


# One CPU to another.


def test_raising_a_softirq_elsewhere_wakes_that_cpu(bench: Any) -> None:
    """A sleeping CPU notices, by one event-check IPI."""
    _open_all(bench)
    bench.on(0, lambda: bench.machine.cpu_raise_softirq(1, RCU_SOFTIRQ))
    assert bench.run() is None
    assert bench.log == [(3, 1)]
    assert bench.machine.counts["ipi event-check"] == 1


def test_no_ipi_for_this_cpu_nor_for_a_bit_that_was_set(bench: Any) -> None:
    """Raising on the own CPU sends nothing; raising again what is pending elsewhere sends nothing either."""
    m = bench.machine
    _open_all(bench)
    raised = bench.word("raised")

    def program() -> None:
        m.cpu_raise_softirq(0, RCU_SOFTIRQ)
        for _ in range(3):
            m.cpu_raise_softirq(1, LAST_SOFTIRQ)
        raised.write(1)

    bench.on(0, program)
    # In its guest, CPU 1 handles nothing yet.
    bench.on(1, lambda: bench.wait(raised))
    assert bench.run() is None
    assert sorted(bench.log) == [(3, 0), (4, 1)]
    assert m.counts["ipi event-check"] == 1


def test_a_bit_set_without_an_ipi_goes_unnoticed(bench: Any) -> None:
    """A sleeping CPU is woken by an interrupt or an event check only: the mere bit in memory stays where it is."""
    m = bench.machine
    _open_all(bench)
    asleep = bench.word("asleep")

    def raiser() -> None:
        bench.wait(asleep)
        m.cpus[1].softirqs.set_bit(RCU_SOFTIRQ)

    def device() -> None:
        bench.engine.sleep(100_000)
        asleep.write(1)

    # Started before the device and the raiser, CPU 1 is asleep by the time.
    bench.on(0, raiser)
    bench.device(device)
    failure = bench.run()
    assert failure is None
    assert bench.log == []
    assert m.unquiet() == ["softirqs 0x8 stay raised on CPU1"]


def test_a_kick_that_was_answered_ends_no_sleep() -> None:
    """Whoever was kicked while it was awake, and has run the softirq, sleeps as if nobody had."""
    bench = Bench(explored())
    _open_all(bench)
    raised = bench.word("raised")
    bench.on(0, lambda: (bench.machine.cpu_raise_softirq(1, RCU_SOFTIRQ), raised.write(1)))
    bench.on(1, lambda: bench.wait(raised))
    assert bench.run() is None
    assert bench.log == [(3, 1)]
    assert isinstance(bench.engine, ExploredEngine)
    assert (1, HALT) not in {operation[:2] for operation in bench.engine.done}


def test_no_wake_up_is_lost(many: Any) -> None:
    """However a remote raise meets a CPU that goes to sleep, the softirq is handled and nothing stays pending."""
    for bench in many():
        _open_all(bench)
        raise_all = [RCU_SOFTIRQ, LAST_SOFTIRQ, RCU_SOFTIRQ]
        bench.on(0, lambda m=bench.machine, numbers=raise_all: [m.cpu_raise_softirq(1, nr) for nr in numbers])
        assert bench.run() is None
        assert set(bench.log) == {(3, 1), (4, 1)}
        assert bench.machine.unquiet() == []


def test_a_function_call_runs_in_interrupt_context_and_is_waited_for(bench: Any) -> None:
    """With `wait`, the function has returned on every target, each once, before the call returns."""
    m = bench.machine

    def function(arg: Any) -> None:
        bench.log.append((arg, m.smp_processor_id(), m.local_irq_is_enabled()))

    def program() -> None:
        m.on_selected_cpus([1, 0, 1], function, "x", wait=True)
        bench.log.append(("returned", m.local_irq_is_enabled()))

    bench.on(0, program)
    assert bench.run() is None
    assert sorted(bench.log[:-1]) == [("x", 0, False), ("x", 1, False)]
    assert bench.log[-1] == ("returned", True)
    assert m.counts["ipi function-call"] == 1


@pytest.mark.parametrize(("wait", "ends"), [(False, True), (True, False)])
def test_without_wait_the_call_returns_before_the_function(bench: Any, wait: bool, ends: bool) -> None:
    """A function that waits for the caller to go on ends well without `wait`, and never with it."""
    m = bench.machine
    goes_on = bench.word("the caller")

    def program() -> None:
        m.on_selected_cpus([1], lambda _: bench.wait(goes_on), None, wait=wait)
        goes_on.write(1)

    bench.on(0, program)
    failure = bench.run()
    assert (failure is None) == ends
    if failure is not None:
        assert failure.kind == NO_PROGRESS
        assert "CPU0 waits for 1 CPUs to answer a function call sent at test_softirqs.py:" in failure.message
        assert "CPU1 waits for the caller" in failure.message


def test_a_function_call_waits_for_interrupts_to_be_enabled(bench: Any) -> None:
    """The target answers when it enables its interrupts, not before."""
    m = bench.machine
    off = bench.word("off")

    def target() -> None:
        m.local_irq_disable()
        off.write(1)
        for _ in range(5):
            off.read()
        bench.log.append("enables")
        m.local_irq_enable()

    def caller() -> None:
        bench.wait(off)
        m.on_selected_cpus([1], lambda _: bench.log.append("called"), None, wait=True)

    bench.on(0, caller)
    bench.on(1, target)
    assert bench.run() is None
    assert bench.log == ["enables", "called"]


def test_cpus_can_call_each_other(many: Any) -> None:
    """Two CPUs that call each other at the same time both return: whoever waits for the call lock still takes the IPI."""
    for bench in many():
        m, log = bench.machine, bench.log

        def call(other: int, m: Any = m, log: list[Any] = log) -> None:
            m.on_selected_cpus([other], lambda _: log.append(m.smp_processor_id()), None, wait=True)

        bench.on(0, lambda call=call: call(1))
        bench.on(1, lambda call=call: call(0))
        assert bench.run() is None
        assert sorted(log) == [0, 1]
