"""The whole machine: hotplug and timers on top of the layers below it, and a stage installed in it.

Layers, each a class that knows only those before it: `Memory`, `Interrupts` (CPUs, locks), `Softirqs` (and IPIs), `Scheduler`, `Machine`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from harness.machine.diagnosis import PRECONDITION, where
from harness.machine.engine import Engine, Process
from harness.machine.interrupts import Cpu
from harness.machine.scheduler import Scheduler
from stages.hypervisor import (
    CPU_DEAD,
    CPU_UP_CANCELED,
    CPU_UP_PREPARE,
    SCHEDULE_SOFTIRQ,
    TIMER_SOFTIRQ,
    Hypervisor,
    PerCpu,
    Word,
)

T = TypeVar("T")


class Machine(Scheduler):
    """An SMP machine with `nr_cpus` CPUs, all online from the start; implements `Hypervisor`."""

    def __init__(self, engine: Engine, nr_cpus: int) -> None:
        super().__init__(engine, nr_cpus)
        self.notifiers: list[Callable[[str, int], None]] = []
        self.dead: PerCpu[Word] = self.per_cpu("dead", Word)
        self._expired: list[list[Callable[[], None]]] = [[] for _ in self.cpus]
        self.open_softirq(TIMER_SOFTIRQ, self._timer_softirq)
        for cpu in self.cpus:
            engine.add(cpu)
        if engine.spectator is not None:
            engine.spectator.watch(self)

    # Installing a stage.

    def offer(self, name: str, service: Any) -> None:
        """Add `name` to what a stage may use: the part of a hypervisor that belongs to one subsystem only."""
        assert not hasattr(self, name)
        setattr(self, name, service)

    def install(self, make: Callable[[Hypervisor], T]) -> T:
        """Have a stage make its subsystem: the locks and lists that it makes meanwhile are the stage's own."""
        self.installing = True
        subsystem = make(cast(Hypervisor, self))
        self.installing = False
        return subsystem

    def boot(self, initialise: Callable[[], None]) -> None:
        """Initialise the subsystem on CPU 0, then bring the other CPUs up."""
        initialise()
        for cpu in self.cpus[1:]:
            self._notify(CPU_UP_PREPARE, cpu.number)

    # Hotplug.

    def register_cpu_notifier(self, callback: Callable[[str, int], None]) -> None:
        self.notifiers.append(callback)

    def _notify(self, action: str, cpu: int) -> None:
        for callback in self.notifiers:
            callback(action, self.cpus[cpu].known_as)

    def cpu_down(self, cpu: int) -> None:
        """Have `cpu` go offline, where it takes interrupts; it stops at its next look, then CPU_DEAD is announced here.

        The CPU clears its own bit, so it never finds itself offline in the middle of a section with interrupts off; and no function call is
        on its way to it then.
        """
        self._check_hotplug("cpu_down", cpu)
        online, dead = self.cpus[cpu].online, self.dead[cpu]
        self.spin_lock(self.call_lock)
        self.interrupt(cpu, lambda: self._go_offline(online), "ipi")
        self.engine.wait(f"for {self.cpus[cpu]} to go offline", lambda: online.value == 0, [online])
        self.spin_unlock(self.call_lock)
        self.engine.wait(f"for {self.cpus[cpu]} to die", lambda: dead.value == 1, [dead])
        self._notify(CPU_DEAD, cpu)

    def _go_offline(self, online: Word) -> None:
        if self.engine.core.offline_tells:
            self.smp_mb__before_atomic()
        online.clear_bit(0)

    def cpu_up(self, cpu: int, fails: bool = False) -> None:
        """Bring `cpu` up again; with `fails`, it does not come, and CPU_UP_CANCELED is announced."""
        self._check_hotplug("cpu_up", cpu)
        self._notify(CPU_UP_PREPARE, cpu)
        if fails:
            self._notify(CPU_UP_CANCELED, cpu)
            return
        dead = self.dead[cpu]
        if self.engine.core.online_tells:
            self.smp_mb__before_atomic()
        self.cpus[cpu].online.set_bit(0)
        self.engine.wait(f"for {self.cpus[cpu]} to come up", lambda: dead.value == 0, [dead])

    def _check_hotplug(self, call: str, cpu: int) -> None:
        if not self.hotplug:
            raise self.engine.violate(PRECONDITION, f"{call}({cpu}) on a machine without CPU hotplug")
        if cpu == self.this_cpu().number:
            raise self.engine.violate(PRECONDITION, f"{call} of the CPU that calls, at {where()}")

    def _play_dead(self, cpu: Cpu) -> None:
        dead = self.dead[cpu.number]
        cpu.event_check = False
        if self.engine.core.death_tells:
            self.store_release(dead, 1)
        else:
            dead.write(1)
        cpu.dormant = True
        self.engine.wait(f"to be brought up: {cpu.name} is dead", lambda: cpu.online.value == 1, [cpu.online])
        cpu.dormant = False
        self.store_release(dead, 0)
        # A CPU that comes up looks for something to run.
        self.raise_softirq(SCHEDULE_SOFTIRQ)

    # Devices and timers.

    def device(self, name: str, body: Callable[[], None]) -> Process:
        """Add a device: `body` may sleep and raise interrupts."""
        return self.engine.add(Process(name, body))

    def timer(self, cpu: int, function: Callable[[], None], delay: int, count: int = 1) -> Process:
        """Add a timer of `cpu`: `function` runs in its TIMER softirq after `delay` cycles, and `count` − 1 times more, `delay` apart."""

        def tick() -> None:
            for _ in range(count):
                self.engine.sleep(delay)
                self.interrupt(cpu, lambda: self.expire(function))

        return self.device(f"timer{cpu}", tick)

    def expire(self, function: Callable[[], None]) -> None:
        """What the handler of a timer interrupt does: `function` is to run in this CPU's TIMER softirq."""
        self._expired[self.this_cpu().number].append(function)
        self.raise_softirq(TIMER_SOFTIRQ)

    def _timer_softirq(self) -> None:
        expired = self._expired[self.this_cpu().number]
        while expired:
            expired.pop(0)()

    # Looking at the machine when it stands still.

    def unquiet(self) -> list[str]:
        """What is still pending or held on an online CPU, in words."""
        found: list[str] = []
        for cpu in self.cpus:
            found += [f"{lock.name} is held by {cpu.name}" for lock in cpu.held]
            if cpu.online.value:
                if cpu.softirqs.value:
                    found.append(f"softirqs {cpu.softirqs.value:#x} stay raised on {cpu.name}")
                words = [source.words[cpu.number].value for source in self.work_sources]
                found += [f"work bits {word:#x} stay set on {cpu.name}" for word in words if word]
        return found
