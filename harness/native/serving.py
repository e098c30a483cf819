"""What C code asks of the machine, besides accesses to memory: locks, interrupts, softirqs, IPIs, barriers, and to stop."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from signal import Signals
from typing import Any, Protocol

from harness.machine.diagnosis import CRASH, FREED, HANG, LIST_CORRUPTION, UNINITIALISED, inner
from harness.machine.engine import READ
from harness.machine.machine import Machine
from harness.native.library import Library, Placement
from harness.native.runtime import SERVICE, Runtime, memory, services
from stages.hypervisor import CPU_DEAD, CPU_UP_CANCELED, CPU_UP_PREPARE
from stages.shared_memory import SpinLock

inner(__file__)

# `enum machine_hotplug`.
ACTIONS = {CPU_UP_PREPARE: 1, CPU_UP_CANCELED: 2, CPU_DEAD: 3}
# Addresses below this are a NULL pointer and the offset of a member.
NULL_PAGE = 4096
MASK_WORDS = 2
# What `machine_free` and accesses to memory find wrong.
WRONG_MEMORY = (
    (FREED, "frees {}, which was never allocated"),
    (FREED, "frees {}, which was freed before"),
    (FREED, "touches {}, which is no allocated memory"),
    (FREED, "touches {}, which was freed"),
    (UNINITIALISED, "reads {}, which nobody has written"),
)


class Bound(Protocol):
    """The code that asks: a stage on a machine."""

    hv: Machine
    runtime: Runtime
    library: Library
    placement: Placement
    locks: dict[int, SpinLock]
    handles: list[tuple[Callable[[Any], Any], Any]]

    def call(self, function: int, a: int = 0, b: int = 0, c: int = 0, d: int = 0) -> int:
        """Run a function of it."""

    def where(self) -> str:
        """The line at which the current CPU is."""


class Services:
    """The services for the code of one binding, by the numbers of `enum machine_service`."""

    def __init__(self, binding: Bound) -> None:
        self.binding, self.hv, self.engine = binding, binding.hv, binding.hv.engine
        self._by_number = _by_number()
        # What `runtime_peek` stops at.
        self.relax_key = services()["cpu_relax"] << 8 | SERVICE << 4

    def perform(self, number: int, arguments: Sequence[int]) -> int:
        """Do what is asked; returns the answer, 0 where there is none."""
        answer = self._by_number[number](self, arguments)
        return int(answer) if answer else 0

    # Locks.

    def _lock(self, address: int) -> SpinLock:
        """The lock at an address; one in memory of which nothing is known is made when it is first used."""
        lock = self.binding.locks.get(address)
        if lock is None:
            lock = self.binding.locks[address] = self.hv.spinlock(f"the lock at {self._name(address)}")
        return lock

    def _try_lock(self, lock: SpinLock) -> bool:
        return self.hv.spin_trylock(lock)

    def _is_locked(self, lock: SpinLock) -> bool:
        self.engine.access(READ, lock.cell, False)
        return lock.holder is not None

    # Other CPUs, and the program.

    def _on_selected_cpus(self, arguments: Sequence[int]) -> None:
        mask, function, argument, wait = arguments
        words = memory(mask, 8 * MASK_WORDS).cast("Q")
        cpus = [cpu for cpu in range(64 * MASK_WORDS) if words[cpu // 64] >> cpu % 64 & 1]
        self.hv.on_selected_cpus(cpus, self._run(function), argument, bool(wait))

    def _register(self, arguments: Sequence[int]) -> None:
        function, itself = arguments[0], arguments[1]
        run = self._run(function)
        self.hv.register_cpu_notifier(lambda action, cpu: run(itself, ACTIONS[action], cpu))

    def _run(self, function: int) -> Callable[..., None]:
        """A function of the stage, to be called with numbers; what it returns is for nobody."""
        call = self.binding.call

        def run(*arguments: int) -> None:
            call(function, *arguments)

        return run

    def _call_back(self, arguments: Sequence[int]) -> None:
        handles = self.binding.handles
        if arguments[0] >= len(handles):
            raise self._violation(CRASH, f"calls a function with {arguments[0]:#x}, which is no data that it was given")
        function, data = handles[arguments[0]]
        function(data)

    # To stop.

    def _wrong_memory(self, address: int, what: int) -> None:
        kind, text = WRONG_MEMORY[what]
        self._stop(kind, text.format(self._name(address).removeprefix("&")))

    def _fault(self, arguments: Sequence[int]) -> None:
        number, address = arguments[0], arguments[1]
        name = Signals(number).name
        of_cpu = self.binding.runtime.of_cpu[self.engine.current.number]
        if name != "SIGSEGV" and name != "SIGBUS":
            what = {"SIGFPE": "divides by zero", "SIGILL": "executes what is no instruction"}.get(name, f"gets {name}")
        elif address < NULL_PAGE:
            what = "follows a NULL pointer"
        elif address == of_cpu[2] - 1:
            what = "overflows its stack"
        elif self.binding.library.holds(address):
            what = "writes to a constant, or to code"
        else:
            what = f"touches {self._name(address)}, which is no memory of its own"
        self._stop(CRASH, what)

    def _name(self, address: int) -> str:
        return self.binding.placement.name_of(address)

    def _violation(self, kind: str, what: str) -> BaseException:
        return self.engine.violate(kind, f"{what}, at {self.binding.where()}")

    def _stop(self, kind: str, what: str) -> None:
        raise self._violation(kind, what)

    @staticmethod
    def _raise(error: BaseException) -> None:
        raise error


Service = Callable[[Services, Sequence[int]], Any]
# What each service does, by its name: for all bindings alike, since there is one for each execution.
SERVICES: Mapping[str, Service] = {
    "spin_lock": lambda s, a: s.hv.spin_lock(s._lock(a[0])),
    "spin_unlock": lambda s, a: s.hv.spin_unlock(s._lock(a[0])),
    "spin_lock_irq": lambda s, a: s.hv.spin_lock_irq(s._lock(a[0])),
    "spin_unlock_irq": lambda s, a: s.hv.spin_unlock_irq(s._lock(a[0])),
    "spin_lock_irqsave": lambda s, a: s.hv.spin_lock_irqsave(s._lock(a[0])),
    "spin_unlock_irqrestore": lambda s, a: s.hv.spin_unlock_irqrestore(s._lock(a[0]), bool(a[1])),
    "spin_trylock": lambda s, a: s._try_lock(s._lock(a[0])),
    "spin_is_locked": lambda s, a: s._is_locked(s._lock(a[0])),
    "irq_disable": lambda s, _: s.hv.local_irq_disable(),
    "irq_enable": lambda s, _: s.hv.local_irq_enable(),
    "irq_save": lambda s, _: s.hv.local_irq_save(),
    "irq_restore": lambda s, a: s.hv.local_irq_restore(bool(a[0])),
    "irq_is_enabled": lambda s, _: s.hv.local_irq_is_enabled(),
    "in_irq": lambda s, _: s.hv.in_irq(),
    "cpu_relax": lambda s, _: s.hv.cpu_relax(),
    "smp_mb": lambda s, _: s.hv.smp_mb(),
    "smp_rmb": lambda s, _: s.hv.smp_rmb(),
    "smp_wmb": lambda s, _: s.hv.smp_wmb(),
    "mb_before_atomic": lambda s, _: s.hv.smp_mb__before_atomic(),
    "mb_after_atomic": lambda s, _: s.hv.smp_mb__after_atomic(),
    "open_softirq": lambda s, a: s.hv.open_softirq(_int(a[0]), s._run(a[1])),
    "raise_softirq": lambda s, a: s.hv.raise_softirq(_int(a[0])),
    "cpu_raise_softirq": lambda s, a: s.hv.cpu_raise_softirq(_int(a[0]), _int(a[1])),
    "process_pending_softirqs": lambda s, _: s.hv.process_pending_softirqs(),
    "on_selected_cpus": Services._on_selected_cpus,
    "cpu_online": lambda s, a: s.hv.cpu_online(_int(a[0])),
    "register_cpu_notifier": Services._register,
    "call_back": Services._call_back,
    "no_service": lambda _, __: None,
    "bug": lambda s, a: s.hv.BUG(_text(a[0])),
    "warn": lambda s, a: s.hv.warn(_text(a[0])),
    "printk": lambda s, a: s.hv.printk(_text(a[0])),
    "list_corruption": lambda s, a: s._stop(LIST_CORRUPTION, f"{_text(a[0])}: {s._name(a[1])}"),
    "no_such_cpu": lambda s, a: s._raise(s.hv.lacks("uses per-CPU data", _int(a[0]))),
    "freed_memory": lambda s, a: s._wrong_memory(*a[:2]),
    "fault": Services._fault,
    "hang": lambda s, _: s._stop(HANG, "goes on and on and does nothing that anybody could see"),
}


@lru_cache(maxsize=1)
def _by_number() -> Mapping[int, Service]:
    numbers = services()
    return {numbers[name]: service for name, service in SERVICES.items()}


def _int(value: int) -> int:
    """An `int` of C, which comes with any upper half."""
    return ctypes.c_int32(value).value


def _text(address: int) -> str:
    """A string of C."""
    return ctypes.string_at(address).decode("utf-8", "replace").rstrip("\n") if address else ""
