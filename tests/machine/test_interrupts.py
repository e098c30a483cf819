"""Interrupts and spinlocks: what is delivered when, and which misuse is diagnosed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.machine.diagnosis import DEADLOCK, LOCK_MISUSE, NO_PROGRESS


def test_an_enabled_cpu_takes_an_interrupt(bench: Any) -> None:
    """The handler runs on its CPU, in interrupt context, with interrupts off; afterwards everything is as before."""
    m = bench.machine

    def note(what: str) -> None:
        bench.log.append((what, m.smp_processor_id(), m.in_irq(), m.local_irq_is_enabled()))

    taken = bench.word("taken")

    def handler() -> None:
        note("handler")
        taken.write(1)

    def program() -> None:
        bench.wait(taken)
        note("program")

    bench.on(1, program)
    bench.device(lambda: m.interrupt(1, handler))
    assert bench.run() is None
    assert bench.log == [("handler", 1, True, False), ("program", 1, False, True)]


def test_interrupts_wait_while_they_are_off(bench: Any) -> None:
    """An interrupt that arrives while a CPU has interrupts off is taken when it enables them, in the very call."""
    m, log = bench.machine, bench.log
    off, raised = bench.word("off"), bench.word("raised")

    def program() -> None:
        m.local_irq_disable()
        off.write(1)
        bench.wait(raised)
        log.append("still off")
        m.local_irq_enable()
        raised.read()
        log.append("on")

    def device() -> None:
        bench.wait(off)
        m.interrupt(0, lambda: log.append("handler"))
        raised.write(1)

    bench.on(0, program)
    bench.device(device)
    assert bench.run() is None
    assert log == ["still off", "handler", "on"]


def test_flags_nest(bench: Any) -> None:
    """An inner save and restore leaves interrupts off; the outer restore enables them."""
    m, log = bench.machine, bench.log

    def program() -> None:
        outer = m.local_irq_save()
        inner = m.local_irq_save()
        m.local_irq_restore(inner)
        log.append((outer, inner, m.local_irq_is_enabled()))
        m.local_irq_restore(outer)
        log.append(m.local_irq_is_enabled())

    bench.on(0, program)
    assert bench.run() is None
    assert log == [(True, False, False), True]


def _two_interrupts(bench: Any, first: Callable[[], None]) -> None:
    """Have two interrupts pending when CPU 0 enables its interrupts: `first`, and one that notes itself."""
    m = bench.machine
    off, raised = bench.word("off"), bench.word("raised")

    def program() -> None:
        m.local_irq_disable()
        off.write(1)
        bench.wait(raised)
        m.local_irq_enable()
        raised.read()
        bench.log.append(("program", m.in_irq()))

    def device() -> None:
        bench.wait(off)
        m.interrupt(0, first)
        m.interrupt(0, lambda: bench.log.append(("second", m.in_irq())))
        raised.write(1)

    bench.on(0, program)
    bench.device(device)
    assert bench.run() is None


def test_a_handler_is_not_interrupted(bench: Any) -> None:
    """Of two pending interrupts, the one that came first is handled first, and the other one after it."""

    def first() -> None:
        bench.log.append("first begins")
        bench.word("something").read()
        bench.log.append("first ends")

    _two_interrupts(bench, first)
    assert bench.log == ["first begins", "first ends", ("second", True), ("program", False)]


def test_a_handler_that_enables_interrupts_is_interrupted(bench: Any) -> None:
    """Interrupts nest in a handler that enables them, and it is still in interrupt context when the inner one has returned."""
    m = bench.machine

    def first() -> None:
        bench.log.append("first begins")
        m.local_irq_enable()
        bench.word("something").read()
        bench.log.append(("first ends", m.in_irq()))

    _two_interrupts(bench, first)
    assert bench.log == ["first begins", ("second", True), ("first ends", True), ("program", False)]


def test_an_interrupt_lands_at_every_point(many: Any) -> None:
    """Over many executions an interrupt comes before, between and after the operations of a program, and never while it is off."""
    seen = set()
    for bench in many():
        m, log = bench.machine, bench.log
        one, two = bench.word("one"), bench.word("two")

        def program(m: Any = m, one: Any = one, two: Any = two) -> None:
            one.write(1)
            m.local_irq_disable()
            two.write(1)
            two.write(2)
            m.local_irq_enable()
            one.write(2)

        bench.on(0, program)
        bench.device(lambda m=m, log=log, one=one, two=two: m.interrupt(0, lambda: log.append((one.value, two.value))))
        assert bench.run() is None
        assert len(log) == 1
        seen |= set(log)
    assert {(0, 0), (1, 0), (1, 2), (2, 2)} <= seen
    assert (1, 1) not in seen


def test_interrupts_are_counted(bench: Any) -> None:
    """Each interrupt that is raised counts once."""
    bench.device(lambda: [bench.machine.interrupt(cpu, lambda: None) for cpu in (0, 1, 0)])
    assert bench.run() is None
    assert bench.machine.counts["interrupts"] == 3


def test_the_longest_stretch_with_interrupts_off_is_measured(timed_bench: Any) -> None:
    """The stretch from off to on, in cycles, is kept; a shorter one later does not replace it."""
    m = timed_bench.machine

    def program() -> None:
        for turns in (10, 1):
            m.local_irq_disable()
            for _ in range(turns):
                timed_bench.engine.spend("context_switch")
            m.local_irq_enable()

    timed_bench.on(0, program)
    assert timed_bench.run() is None
    assert 25_000 <= m.cpus[0].irqs_off_longest < 25_100
    assert m.cpus[1].irqs_off_longest == 0


def test_interrupts_go_off_when_the_lock_is_taken_not_before(timed_bench: Any) -> None:
    """Taking a lock with spin_lock_irq starts a stretch with interrupts off; the time before it does not count."""
    m, engine = timed_bench.machine, timed_bench.engine
    lock = m.spinlock("lock")

    def program() -> None:
        for _ in range(20):
            engine.spend("context_switch")
        m.spin_lock_irq(lock)
        for _ in range(2):
            engine.spend("context_switch")
        m.spin_unlock_irq(lock)

    timed_bench.on(0, program)
    assert timed_bench.run() is None
    assert 5_000 <= m.cpus[0].irqs_off_longest < 6_000


@pytest.mark.parametrize(("flavour", "waits_with_interrupts_off"), [("ttas", False), ("ticket", True), ("mcs", True)])
def test_a_stretch_with_interrupts_off_has_the_wait_of_one_who_queues(
    bench_with: Callable[[str], Any], flavour: str, waits_with_interrupts_off: bool
) -> None:
    """With irqsave, a wait in a queue is part of the stretch with interrupts off; one between attempts, with interrupts on, is not."""
    bench = bench_with(flavour)
    m, engine = bench.machine, bench.engine
    lock = m.spinlock("lock")

    def holds() -> None:
        flags = m.spin_lock_irqsave(lock)
        for _ in range(10):
            engine.spend("context_switch")
        m.spin_unlock_irqrestore(lock, flags)

    def waits() -> None:
        engine.sleep(5_000)
        m.spin_unlock_irqrestore(lock, m.spin_lock_irqsave(lock))

    bench.on(0, holds)
    bench.on(1, waits)
    assert bench.run() is None
    assert 25_000 <= m.cpus[0].irqs_off_longest < 27_000
    assert (15_000 <= m.cpus[1].irqs_off_longest < 25_000) == waits_with_interrupts_off
    assert waits_with_interrupts_off or m.cpus[1].irqs_off_longest < 2_000


# Spinlocks.


def test_a_lock_excludes(many: Any) -> None:
    """Two CPUs that count with a plain read and write, under a lock, always reach the sum."""
    for bench in many():
        m = bench.machine
        lock, word = m.spinlock("lock"), bench.word("count")

        def count(m: Any = m, lock: Any = lock, word: Any = word) -> None:
            for _ in range(3):
                m.spin_lock(lock)
                word.write(word.read() + 1)
                m.spin_unlock(lock)

        bench.on(0, count)
        bench.on(1, count)
        assert bench.run() is None
        assert word.value == 6
        assert m.counts["lock lock"] == 6


@pytest.mark.parametrize("handler_uses_it", [True, False])
def test_a_waiter_takes_interrupts_between_attempts(bench: Any, handler_uses_it: bool) -> None:
    """A CPU that waits in spin_lock_irqsave has interrupts on, and off when it has the lock; also if the handler takes the lock itself."""
    m, log = bench.machine, bench.log
    lock = m.spinlock("lock")
    held, waiting, taken = bench.word("held"), bench.word("waiting"), bench.word("taken")

    def holder() -> None:
        flags = m.spin_lock_irqsave(lock)
        held.write(1)
        bench.wait(taken)
        log.append("released")
        m.spin_unlock_irqrestore(lock, flags)

    def waiter() -> None:
        bench.wait(held)
        waiting.write(1)
        flags = m.spin_lock_irqsave(lock)
        log.append(("locked", m.local_irq_is_enabled()))
        m.spin_unlock_irqrestore(lock, flags)
        log.append(("unlocked", m.local_irq_is_enabled()))

    def handler() -> None:
        log.append("handler")
        taken.write(1)
        if handler_uses_it:
            m.spin_lock(lock)
            m.spin_unlock(lock)

    def device() -> None:
        bench.wait(waiting)
        m.interrupt(1, handler)

    bench.on(0, holder)
    bench.on(1, waiter)
    bench.device(device)
    assert bench.run() is None
    assert log == ["handler", "released", ("locked", False), ("unlocked", True)]


def test_unlock_irqrestore_leaves_interrupts_off_inside_a_handler(bench: Any) -> None:
    """The flags of a handler say off: taking and releasing a lock there does not enable interrupts."""
    m, log = bench.machine, bench.log
    lock = m.spinlock("lock")

    def handler() -> None:
        flags = m.spin_lock_irqsave(lock)
        m.spin_unlock_irqrestore(lock, flags)
        log.append(m.local_irq_is_enabled())

    bench.device(lambda: m.interrupt(0, handler))
    assert bench.run() is None
    assert log == [False]


def test_releasing_a_lock_of_another_cpu_is_diagnosed(bench: Any) -> None:
    """The diagnosis names the lock, its holder and the CPU that released it."""
    m = bench.machine
    lock, held = m.spinlock("lock"), bench.word("held")

    def holder() -> None:
        m.spin_lock(lock)
        held.write(1)
        bench.wait(held, 2)

    def other() -> None:
        bench.wait(held)
        m.spin_unlock(lock)

    bench.on(0, holder)
    bench.on(1, other)
    failure = bench.run()
    assert failure.kind == LOCK_MISUSE
    assert failure.message.startswith("CPU1: releases lock, which CPU0 holds, at test_interrupts.py:")


def test_releasing_a_free_lock_is_diagnosed(bench: Any) -> None:
    """Nobody holds it, and the diagnosis says so."""
    lock = bench.machine.spinlock("lock")
    bench.on(0, lambda: bench.machine.spin_unlock(lock))
    failure = bench.run()
    assert failure.kind == LOCK_MISUSE
    assert failure.message.startswith("CPU0: releases lock, which nobody holds")


def test_recursion_is_diagnosed(bench: Any) -> None:
    """A CPU that takes a lock twice would wait for itself."""
    m = bench.machine
    lock = m.spinlock("lock")

    def program() -> None:
        m.spin_lock(lock)
        m.spin_lock(lock)

    bench.on(0, program)
    failure = bench.run()
    assert failure.kind == LOCK_MISUSE
    assert failure.message.startswith("CPU0: takes lock, which it holds already, at test_interrupts.py:")


@pytest.mark.parametrize("handler_first", [True, False])
def test_a_lock_that_handlers_take_must_not_be_taken_with_interrupts_on(bench: Any, handler_first: bool) -> None:
    """Whichever use comes first, the pair is diagnosed, although the two never met."""
    m = bench.machine
    lock, taken = m.spinlock("lock"), bench.word("taken")

    def use() -> None:
        m.spin_lock(lock)
        m.spin_unlock(lock)
        taken.write(1)

    def program() -> None:
        if handler_first:
            bench.wait(taken)
        use()

    def device() -> None:
        if not handler_first:
            bench.wait(taken)
        m.interrupt(1, use)

    bench.on(0, program)
    bench.device(device)
    failure = bench.run()
    assert failure.kind == LOCK_MISUSE
    assert "though it is also taken otherwise" in failure.message
    assert ("with interrupts on" if handler_first else "in an interrupt handler") in failure.message


def test_a_lock_taken_in_handlers_and_with_interrupts_off_is_correct(bench: Any) -> None:
    """The correct pattern is not diagnosed."""
    m = bench.machine
    lock = m.spinlock("lock")

    def use() -> None:
        flags = m.spin_lock_irqsave(lock)
        m.spin_unlock_irqrestore(lock, flags)

    bench.on(0, use)
    bench.device(lambda: m.interrupt(0, use))
    assert bench.run() is None


def test_a_handler_must_release_what_it_takes(bench: Any) -> None:
    """Returning from an interrupt with a lock held is diagnosed."""
    m = bench.machine
    lock = m.spinlock("lock")
    bench.device(lambda: m.interrupt(1, lambda: m.spin_lock(lock)))
    failure = bench.run()
    assert failure.kind == LOCK_MISUSE
    assert failure.message == "CPU1: returns from an interrupt handler with lock held"


def test_a_lock_left_held_is_diagnosed(bench: Any) -> None:
    """A guest that goes back to its hypervisor with a lock held has forgotten it."""
    lock = bench.machine.spinlock("lock")
    bench.on(0, lambda: bench.machine.spin_lock(lock))
    failure = bench.run()
    assert failure.kind == LOCK_MISUSE
    assert failure.message.startswith("CPU0: goes on to its softirqs with lock held")


def test_sleeping_with_a_lock_held_is_diagnosed(bench: Any) -> None:
    """An idle CPU must hold no lock when it goes to sleep; here a function of the idle loop has left it held."""
    m = bench.machine
    work = bench.work()
    lock = m.spinlock("lock")
    work.run = lambda: m.spin_lock(lock)
    work.words[0].write(1)
    failure = bench.run()
    assert failure.kind == LOCK_MISUSE
    assert "CPU0: goes on to its softirqs with lock held" in failure.message


def test_opposite_orders_deadlock(bench: Any) -> None:
    """AB-BA: each CPU holds what the other one wants, and the diagnosis names who waits for what and who holds it."""
    m = bench.machine
    a, b = m.spinlock("A"), m.spinlock("B")
    both = bench.word("both")

    def take(first: Any, second: Any) -> None:
        m.spin_lock(first)
        both.add(1)
        bench.wait(both, 2)
        m.spin_lock(second)

    bench.on(0, lambda: take(a, b))
    bench.on(1, lambda: take(b, a))
    failure = bench.run()
    assert failure.kind == DEADLOCK
    assert "CPU0 waits for B, held by CPU1" in failure.message
    assert "CPU1 waits for A, held by CPU0" in failure.message


def test_opposite_orders_deadlock_in_some_executions_only(many: Any) -> None:
    """Without help, AB-BA deadlocks in some executions and ends well in others."""
    kinds = set()
    for bench in many():
        m = bench.machine
        a, b = m.spinlock("A"), m.spinlock("B")

        def take(first: Any, second: Any, m: Any = m) -> None:
            m.spin_lock(first)
            m.spin_lock(second)
            m.spin_unlock(second)
            m.spin_unlock(first)

        bench.on(0, lambda a=a, b=b, take=take: take(a, b))
        bench.on(1, lambda a=a, b=b, take=take: take(b, a))
        failure = bench.run()
        kinds.add(failure and failure.kind)
    assert kinds == {None, DEADLOCK}


def test_a_loop_that_nobody_ends_makes_no_progress(bench: Any) -> None:
    """A spin loop on a word that nobody writes is diagnosed, not waited for."""
    word = bench.word("word")

    def program() -> None:
        while not word.read():
            bench.machine.cpu_relax()

    bench.on(0, program)
    assert bench.run().kind == NO_PROGRESS


def test_a_loop_that_somebody_ends_makes_progress(bench: Any) -> None:
    """The same loop is fine when another CPU writes the word."""
    word = bench.word("word")

    def program() -> None:
        while not word.read():
            bench.machine.cpu_relax()

    bench.on(0, program)
    bench.on(1, lambda: word.write(1))
    assert bench.run() is None


def test_a_wait_for_what_never_happens_makes_no_progress(bench: Any) -> None:
    """A blocked CPU is named together with what it waits for."""
    word = bench.word("godot")
    bench.on(1, lambda: bench.wait(word))
    failure = bench.run()
    assert failure.kind == NO_PROGRESS
    assert failure.message == "CPU1 waits for godot"


def test_waiting_with_interrupts_off_is_noted(bench: Any) -> None:
    """The first place at which a CPU relaxes with interrupts off is kept; relaxing with interrupts on is nothing to note."""
    m = bench.machine
    flag, seen = bench.word("flag"), bench.word("seen")

    def waiter(off: bool) -> None:
        if off:
            m.local_irq_disable()
        seen.add(1)
        while not flag.read():
            m.cpu_relax()
        m.local_irq_enable()

    def ender() -> None:
        bench.wait(seen, 2)
        flag.write(1)

    bench.on(0, lambda: waiter(True))
    bench.on(1, lambda: waiter(False))
    bench.device(ender)
    assert bench.run() is None
    assert m.cpus[0].waited_irqs_off.startswith("test_interrupts.py:")
    assert m.cpus[1].waited_irqs_off == ""
