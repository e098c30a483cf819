"""Softirqs, and the IPIs by which CPUs reach each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from harness.machine.diagnosis import PRECONDITION, where
from harness.machine.engine import Engine
from harness.machine.interrupts import Interrupts, Named
from stages.hypervisor import SCHEDULE_SOFTIRQ, Hypervisor, Word

ALL_SOFTIRQS = -1

RAISED = Named("softirq {} raised")
HANDLED = Named("softirq {} handled")


class Softirqs(Interrupts):
    """The softirq and IPI part of `Hypervisor`."""

    def __init__(self, engine: Engine, nr_cpus: int) -> None:
        super().__init__(engine, nr_cpus)
        self.handlers: dict[int, Callable[[], None]] = {}
        # Whether a CPU may go offline during the run; if not, nobody needs to look.
        self.hotplug = False
        self.call_lock = self.spinlock("call_lock")
        self.call_waiting = Word(cast(Hypervisor, self), "call_waiting")

    def open_softirq(self, nr: int, handler: Callable[[], None]) -> None:
        self.handlers[nr] = handler

    def raise_softirq(self, nr: int) -> None:
        self.counts[RAISED[nr]] += 1
        self.this_cpu().softirqs.set_bit(nr)

    def cpu_raise_softirq(self, cpu: int, nr: int) -> None:
        self.counts[RAISED[nr]] += 1
        target = self.cpus[cpu]
        if not target.softirqs.test_and_set_bit(nr) and target is not self.engine.current:
            self.send_event_check(cpu)

    def send_event_check(self, cpu: int) -> None:
        """Make a halted CPU, or one that runs a guest, look at its softirqs."""
        target = self.cpus[cpu]
        self.counts["ipi event-check"] += 1

        def deliver() -> None:
            target.event_check = True

        self.engine.kick(target, deliver)

    def do_softirq(self) -> None:
        """Run pending softirqs, the lowest first, until none is pending or the CPU is offline."""
        self._run_softirqs(ALL_SOFTIRQS)

    def process_pending_softirqs(self) -> None:
        if self.on_wait is not None:
            self.on_wait()
        self.must_accept_interrupts("process_pending_softirqs")
        self._run_softirqs(~(1 << SCHEDULE_SOFTIRQ))

    def _run_softirqs(self, mask: int) -> None:
        word = self.this_cpu().softirqs
        while True:
            self.engine.poll("softirqs")
            pending = word.read() & mask
            if not pending:
                return
            if self.hotplug and not self.cpu_online(self.smp_processor_id()):
                return
            lowest = pending & -pending
            nr = lowest.bit_length() - 1
            word.clear_bit(nr)
            self.counts[HANDLED[nr]] += 1
            handler = self.handlers.get(nr)
            if handler is None:
                raise self.engine.violate(PRECONDITION, f"softirq {nr} is pending, but nobody has opened it")
            handler()

    def cpu_online(self, cpu: int) -> bool:
        return bool(self.cpus[cpu].online.read())

    def on_selected_cpus(self, cpus: Iterable[int], fn: Callable[[Any], None], arg: Any, wait: bool) -> None:
        """As the protocol says, on those of `cpus` that are online; none goes offline while `call_lock` is held."""
        self.must_accept_interrupts("on_selected_cpus")
        self.spin_lock(self.call_lock)
        targets = [cpu for cpu in sorted(set(cpus)) if not self.hotplug or self.cpu_online(cpu)]
        self.call_waiting.write(len(targets))
        for cpu in targets:
            if cpu == self.smp_processor_id():
                flags = self.local_irq_save()
                self._called(fn, arg, wait)
                self.local_irq_restore(flags)
            else:
                self.counts["ipi function-call"] += 1
                self.interrupt(cpu, lambda: self._called(fn, arg, wait), "ipi")
        self.engine.wait(
            f"for {len(targets)} CPUs to answer a function call sent at {where()}",
            lambda: self.call_waiting.value == 0,
            [self.call_waiting],
        )
        self.spin_unlock(self.call_lock)

    def _called(self, fn: Callable[[Any], None], arg: Any, wait: bool) -> None:
        if wait:
            fn(arg)
            self.call_waiting.add(-1)
        else:
            self.call_waiting.add(-1)
            fn(arg)
