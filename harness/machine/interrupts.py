"""CPUs, their interrupts, and spinlocks, which have to do with both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, cast

from harness.machine.bit_words import BitWord
from harness.machine.contexts import IN_HANDLER, INTERRUPTS_ON, TAKES, Use
from harness.machine.diagnosis import LOCK_MISUSE, PRECONDITION, where
from harness.machine.engine import IRQ_OFF, IRQ_ON, Engine, Process
from harness.machine.memory import Memory
from harness.machine.nesting import HANDLER, nested
from stages.hypervisor import SCHEDULE_SOFTIRQ, TIMER_SOFTIRQ, Cell, Hypervisor, ListHead, SpinLock, Word

# Those that are a location of their own: they are handled before all others.
LOWEST_SOFTIRQS = 1 << TIMER_SOFTIRQ | 1 << SCHEDULE_SOFTIRQ


class Cpu(Process):
    """A physical CPU."""

    __slots__ = (
        "current", "event_check", "held", "idle", "in_irq", "irqs_off_longest", "online", "own_softirqs", "pending",
        "runnable", "softirqs", "waited_irqs_off",
    )  # fmt: skip

    def __init__(self, hv: Hypervisor, number: int) -> None:
        super().__init__(f"CPU{number}", _no_body)
        self.number = self.known_as = number
        self.irqs_on = True
        self.irq_cell = Cell(hv, f"interrupt line of {self.name}", 0, f"irq{number}")
        self.softirqs = BitWord(hv, f"softirqs of {self.name}", LOWEST_SOFTIRQS)
        self.online = Word(hv, f"{self.name} online", 1)
        self.pending: list[Callable[[], None]] = []
        self.in_irq = 0
        self.event_check = False
        # It has raised a softirq itself, and has not run out of softirqs since.
        self.own_softirqs = False
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
        # The locks of the stage.
        self.own_locks: set[SpinLock] = set()
        for cpu in self.cpus:
            cpu.take_interrupt = lambda cpu=cpu: self._take_interrupt(cpu)  # type: ignore[misc]
        engine.current = self.cpus[0]
        engine.pause = self.cpu_relax

    def this_cpu(self) -> Cpu:
        """The CPU that calls."""
        return self.engine.current  # type: ignore[return-value]

    def renumber(self, numbers: Sequence[int]) -> None:
        """Have a stage that is installed from here on know the CPUs by these numbers."""
        self.positions = {number: cpu for cpu, number in enumerate(numbers)}
        self.nr_cpus = max(numbers) + 1
        for number, cpu in zip(numbers, self.cpus, strict=True):
            cpu.known_as = number

    def cpu_numbered(self, call: str, number: int) -> Cpu:
        """The CPU that a stage means; `call` is what it does."""
        if number not in self.positions:
            raise self.lacks(call, number)
        return self.cpus[self.positions[number]]

    def smp_processor_id(self) -> int:
        return self.engine.current.known_as

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
        lock = SpinLock(cast(Hypervisor, self), name)
        if self.installing:
            self.own_locks.add(lock)
        return lock

    def spin_lock(self, lock: SpinLock) -> None:
        self._lock(lock, False)

    def spin_trylock(self, lock: SpinLock) -> bool:
        """Take the lock if it is free; tells whether it was."""
        taken = self.engine.try_acquire(lock)
        if taken:
            self._has_taken(lock)
        return taken

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
        self.engine.acquire(lock, irqs_off)
        self._has_taken(lock)

    def _has_taken(self, lock: SpinLock) -> None:
        cpu: Cpu = self.engine.current  # type: ignore[assignment]
        cpu.held.append(lock)
        self.counts[LOCK_TAKEN[lock.name]] += 1
        if cpu.in_irq or cpu.irqs_on:
            self._check_use(lock, cpu)

    def _check_use(self, lock: SpinLock, cpu: Cpu) -> None:
        """A lock that interrupt handlers take must never be taken with interrupts on: the handler would wait for its own CPU."""
        if lock in self.own_locks:
            self.note(cpu, TAKES, lock.name)
        use = IN_HANDLER if cpu.in_irq else INTERRUPTS_ON
        uses = self._lock_use.setdefault(lock.name, set())
        uses.add(use)
        if len(uses) > 1:
            raise self.engine.violate(LOCK_MISUSE, f"takes {lock.name} {use}, though it is also taken otherwise, at {where()}")

    def list_touched(self, how: str, node: ListHead) -> None:
        """Note it if the list is this CPU's own, and an interrupt could come in, or has."""
        cpu: Cpu = self.engine.current  # type: ignore[assignment]
        if cpu.number < 0 or not (cpu.irqs_on or cpu.in_irq):
            return
        head = _head_of(node)
        if head is not None and self.own_lists.get(head) == cpu.number:
            self.note(cpu, how, head.name, tuple(lock.name for lock in cpu.held))

    def note(self, cpu: Cpu, how: str, what: str, held: tuple[str, ...] = ()) -> None:
        """Remember what the stage does in which context; nothing can interrupt a machine that boots."""
        engine = self.engine
        if engine.frozen:
            return
        if engine.uses is None:
            engine.uses = {}
        context = IN_HANDLER if cpu.in_irq else INTERRUPTS_ON
        if (what, how, context, held) not in engine.uses:
            engine.uses[what, how, context, held] = Use(what, how, context, cpu.name, where(), held)

    def _unlock(self, lock: SpinLock) -> None:
        cpu: Cpu = self.engine.current  # type: ignore[assignment]
        if lock.holder is not cpu:
            holder = f"which {lock.holder} holds" if lock.holder else "which nobody holds"
            raise self.engine.violate(LOCK_MISUSE, f"releases {lock.name}, {holder}, at {where()}")
        # It is held until the release has happened, which others may come before.
        self.engine.release(lock)
        cpu.held.remove(lock)

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


nested(Interrupts._take_interrupt.__code__, lambda frame: HANDLER)


def _head_of(node: ListHead) -> ListHead | None:
    """The head of the list that a node is in, if it is in one."""
    seen: set[int] = set()
    at: ListHead | None = node
    while at is not None and at.owner is not None and id(at) not in seen:
        seen.add(id(at))
        at = at.next_node
    return at if at is not None and at.owner is None else None


def _names(locks: list[SpinLock]) -> str:
    return ", ".join(lock.name for lock in locks)
