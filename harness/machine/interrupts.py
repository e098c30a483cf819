"""CPUs, their interrupts, and spinlocks, which have to do with both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from harness.machine.diagnosis import LOCK_MISUSE, PRECONDITION, where
from harness.machine.engine import IRQ_OFF, IRQ_ON, Engine, Process
from harness.machine.memory import Memory
from stages.hypervisor import Cell, Hypervisor, SpinLock, Word


class Cpu(Process):
    """A physical CPU."""

    __slots__ = (
        "current", "event_check", "held", "idle", "in_irq", "irqs_off_longest", "online", "pending", "runnable",
        "softirqs", "waited_irqs_off",
    )  # fmt: skip

    def __init__(self, hv: Hypervisor, number: int) -> None:
        super().__init__(f"CPU{number}", _no_body)
        self.number = number
        self.irqs_on = True
        self.irq_cell = Cell(hv, f"interrupt line of {self.name}", 0, f"irq{number}")
        self.softirqs = Word(hv, f"softirqs of {self.name}")
        self.online = Word(hv, f"{self.name} online", 1)
        self.pending: list[Callable[[], None]] = []
        self.in_irq = 0
        self.event_check = False
        self.held: list[SpinLock] = []
        # The scheduler's.
        self.current: Any = None
        self.idle: Any = None
        self.runnable: list[Any] = []
        # What the probes and the clause about interrupts want to know.
        self.irqs_off_longest = 0
        self.waited_irqs_off = ""


def _no_body() -> None:
    raise AssertionError("a CPU without a main loop")


class Named(dict[Any, str]):
    """The names under which things are counted, by what they are about, each made once."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form

    def __missing__(self, what: Any) -> str:
        name = self[what] = self.form.format(what)
        return name


LOCK_TAKEN = Named("lock {}")


class Interrupts(Memory):
    """The CPU, interrupt and lock part of `Hypervisor`."""

    def __init__(self, engine: Engine, nr_cpus: int) -> None:
        super().__init__(engine, nr_cpus)
        self.cpus = [Cpu(cast(Hypervisor, self), number) for number in range(nr_cpus)]
        # How often things happened, by name: the raw material of probes.
        self.counts: Counter[str] = Counter()
        # Called, where somebody listens, by a CPU that is about to wait in `cpu_relax` or `process_pending_softirqs`.
        self.on_wait: Callable[[], None] | None = None
        self._lock_use: dict[str, set[str]] = {}
        for cpu in self.cpus:
            cpu.take_interrupt = lambda cpu=cpu: self._take_interrupt(cpu)  # type: ignore[misc]
        engine.current = self.cpus[0]
        engine.pause = self.cpu_relax

    def this_cpu(self) -> Cpu:
        """The CPU that calls."""
        return self.engine.current  # type: ignore[return-value]

    def smp_processor_id(self) -> int:
        return self.engine.current.number

    # Interrupts.

    def in_irq(self) -> bool:
        return self.this_cpu().in_irq > 0

    def local_irq_is_enabled(self) -> bool:
        return self.engine.current.irqs_on

    def local_irq_disable(self) -> None:
        cpu = self.engine.current
        if cpu.irqs_on:
            self.engine.irq_point(IRQ_OFF)
            cpu.irqs_on = False
            cpu.irqs_off_since = cpu.clock

    def local_irq_enable(self) -> None:
        cpu = self.engine.current
        if not cpu.irqs_on:
            self.engine.irq_point(IRQ_ON)
            self._irqs_go_on()

    def local_irq_save(self) -> bool:
        flags = self.engine.current.irqs_on
        if flags:
            self.local_irq_disable()
        return flags

    def local_irq_restore(self, flags: bool) -> None:
        if flags:
            self.local_irq_enable()

    def _irqs_go_on(self) -> None:
        cpu: Cpu = self.engine.current  # type: ignore[assignment]
        cpu.irqs_on = True
        lasted = cpu.clock - cpu.irqs_off_since
        if lasted > cpu.irqs_off_longest:
            cpu.irqs_off_longest = lasted

    def interrupt(self, cpu: int, handler: Callable[[], None], cost: str = "device") -> None:
        """Raise an interrupt on `cpu`: `handler` runs there as soon as it takes interrupts. A device or a CPU may call this."""
        target = self.cpus[cpu]

        def deliver() -> None:
            target.pending.append(handler)
            target.attention = True

        self.counts["interrupts"] += 1
        self.engine.raise_irq(target, deliver, cost)

    def _take_interrupt(self, cpu: Cpu) -> None:
        handler = cpu.pending.pop(0)
        cpu.attention = bool(cpu.pending)
        held = len(cpu.held)
        cpu.in_irq += 1
        cpu.irqs_on = False
        cpu.irqs_off_since = cpu.clock
        self.engine.spend("handler")
        handler()
        if len(cpu.held) != held:
            raise self.engine.violate(LOCK_MISUSE, f"returns from an interrupt handler with {_names(cpu.held)} held")
        cpu.in_irq -= 1
        self._irqs_go_on()

    def cpu_relax(self) -> None:
        if self.on_wait is not None:
            self.on_wait()
        cpu = self.this_cpu()
        if not cpu.irqs_on and not cpu.waited_irqs_off:
            cpu.waited_irqs_off = where()
        self.engine.relax()

    # Spinlocks.

    def spinlock(self, name: str) -> SpinLock:
        return SpinLock(cast(Hypervisor, self), name)

    def spin_lock(self, lock: SpinLock) -> None:
        self._lock(lock, False)

    def spin_unlock(self, lock: SpinLock) -> None:
        self._unlock(lock)

    def spin_lock_irq(self, lock: SpinLock) -> None:
        self._lock(lock, True)

    def spin_unlock_irq(self, lock: SpinLock) -> None:
        self._unlock(lock)
        self.local_irq_enable()

    def spin_lock_irqsave(self, lock: SpinLock) -> bool:
        flags = self.engine.current.irqs_on
        self._lock(lock, True)
        return flags

    def spin_unlock_irqrestore(self, lock: SpinLock, flags: bool) -> None:
        self._unlock(lock)
        self.local_irq_restore(flags)

    def _lock(self, lock: SpinLock, irqs_off: bool) -> None:
        engine = self.engine
        cpu: Cpu = engine.current  # type: ignore[assignment]
        engine.acquire(lock, irqs_off)
        cpu.held.append(lock)
        self.counts[LOCK_TAKEN[lock.name]] += 1
        if cpu.in_irq or cpu.irqs_on:
            self._check_use(lock, cpu)

    def _check_use(self, lock: SpinLock, cpu: Cpu) -> None:
        """A lock that interrupt handlers take must never be taken with interrupts on: the handler would wait for its own CPU."""
        use = "in an interrupt handler" if cpu.in_irq else "with interrupts on"
        uses = self._lock_use.setdefault(lock.name, set())
        uses.add(use)
        if len(uses) > 1:
            raise self.engine.violate(LOCK_MISUSE, f"takes {lock.name} {use}, though it is also taken otherwise, at {where()}")

    def _unlock(self, lock: SpinLock) -> None:
        cpu: Cpu = self.engine.current  # type: ignore[assignment]
        if lock.holder is not cpu:
            holder = f"which {lock.holder} holds" if lock.holder else "which nobody holds"
            raise self.engine.violate(LOCK_MISUSE, f"releases {lock.name}, {holder}, at {where()}")
        cpu.held.remove(lock)
        self.engine.release(lock)

    def must_hold_no_lock(self, call: str) -> None:
        """Diagnose a call that may sleep or wait for another CPU while a lock is held."""
        held = self.engine.current.held  # type: ignore[attr-defined]
        if held:
            raise self.engine.violate(LOCK_MISUSE, f"{call} with {_names(held)} held, at {where()}")

    def must_accept_interrupts(self, call: str) -> None:
        """Diagnose a call that is only good outside interrupts and with interrupts on."""
        if self.in_irq():
            raise self.engine.violate(PRECONDITION, f"{call} in an interrupt handler, at {where()}")
        if not self.local_irq_is_enabled():
            raise self.engine.violate(PRECONDITION, f"{call} with interrupts off, at {where()}")


def _names(locks: list[SpinLock]) -> str:
    return ", ".join(lock.name for lock in locks)
