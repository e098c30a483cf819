"""Softirqs, and the IPIs by which CPUs reach each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from harness.machine.diagnosis import PRECONDITION, where
from harness.machine.engine import Engine
from harness.machine.interrupts import Cpu, Interrupts, Named
from harness.machine.nesting import nested
from stages.hypervisor import SCHEDULE_SOFTIRQ, Hypervisor, Word

ALL_SOFTIRQS = -1

RAISED = Named("softirq {} raised")
HANDLED = Named("softirq {} handled")


def _handle(handler: Callable[[], None], nr: int) -> None:
    """Call the handler of softirq `nr`: a frame of this function tells who looks that one is being handled, and which."""
    handler()


nested(_handle.__code__, lambda frame: f"softirq {frame.f_locals['nr']}")


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
        cpu = self.this_cpu()
        cpu.own_softirqs = True
        cpu.softirqs.set_bit(nr)

    def cpu_raise_softirq(self, cpu: int, nr: int) -> None:
        self.raise_softirq_on(self.cpu_numbered("calls cpu_raise_softirq", cpu), nr)

    def raise_softirq_on(self, target: Cpu, nr: int) -> None:
        """As `cpu_raise_softirq`, for the machine itself."""
        self.counts[RAISED[nr]] += 1
        raised = not target.softirqs.test_and_set_bit(nr)
        if target is self.engine.current:
            target.own_softirqs = True
        elif raised:
            self.send_event_check(target)

    def send_event_check(self, target: Cpu) -> None:
        """Make a halted CPU, or one that runs a guest, look at its softirqs."""
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
        cpu = self.this_cpu()
        word = cpu.softirqs
        while True:
            self.engine.poll("softirqs")
            pending = word.read() & mask
            if not pending:
                if mask == ALL_SOFTIRQS:
                    cpu.own_softirqs = False
                    self.engine.ran_out()
                return
            lowest = pending & -pending
            if lowest & word.low:
                # What is done next is the same whether a higher one has been raised already or not.
                self.engine.looked_only_at(word.parts[1])
            if self.hotplug and not cpu.online.read():
                return
            nr = lowest.bit_length() - 1
            word.clear_bit(nr)
            self.counts[HANDLED[nr]] += 1
            handler = self.handlers.get(nr)
            if handler is None:
                raise self.engine.violate(PRECONDITION, f"softirq {nr} is pending, but nobody has opened it")
            _handle(handler, nr)

    def cpu_online(self, cpu: int) -> bool:
        if cpu not in self.positions and cpu in range(self.nr_cpus):
            # It never comes, and there is nothing to read.
            return False
        # As after `stop_machine`, where every CPU has waited for those that go.
        return bool(self.load_acquire(self.cpu_numbered("calls cpu_online", cpu).online))

    def on_selected_cpus(self, cpus: Iterable[int], fn: Callable[[Any], None], arg: Any, wait: bool) -> None:
        """As the protocol says, on those of `cpus` that are online; none goes offline while `call_lock` is held."""
        self.must_accept_interrupts("on_selected_cpus")
        self.spin_lock(self.call_lock)
        targets = [cpu for cpu in self._called_for(cpus) if not self.hotplug or cpu.online.read()]
        self.call_waiting.write(len(targets))
        for cpu in targets:
            if cpu is self.engine.current:
                flags = self.local_irq_save()
                self._called(fn, arg, wait)
                self.local_irq_restore(flags)
            else:
                self.counts["ipi function-call"] += 1
                self.interrupt(cpu.number, lambda: self._called(fn, arg, wait), "ipi")
        self.engine.wait(
            f"for {len(targets)} CPUs to answer a function call sent at {where()}",
            lambda: self.call_waiting.value == 0,
            [self.call_waiting],
        )
        self.spin_unlock(self.call_lock)

    def _called_for(self, numbers: Iterable[int]) -> list[Cpu]:
        """The CPUs that a stage means, in the machine's order; those that never come are not among them."""
        there = {number for number in numbers if number in self.positions or self.cpu_online(number)}
        return [self.cpus[cpu] for cpu in sorted(self.positions[number] for number in there)]

    def _called(self, fn: Callable[[Any], None], arg: Any, wait: bool) -> None:
        self.engine.passed(arg)
        if wait:
            fn(arg)
            self.call_waiting.add(-1)
        else:
            self.call_waiting.add(-1)
            fn(arg)
