"""A machine that keeps account of what a stage costs: its locks, and the time spent in the stage's code for each vCPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from harness.machine.interrupts import Cpu
from harness.machine.scheduler import BLOCKED, RUNNABLE, RUNNING, Vcpu
from harness.timed.credit import CreditMachine
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import Hypervisor, SpinLock

T = TypeVar("T")


@dataclass(frozen=True)
class LockProfile:
    """One lock, in the order of Xen's lock profiling; times in cycles."""

    name: str
    lock_count: int
    lock_time: int
    block_count: int
    block_time: int
    max_block: int


@dataclass(frozen=True)
class Runstates:
    """What a vCPU did with its time, in cycles; `in_stage` is the part of `running` that went into the stage's code."""

    vcpu: str
    running: int
    runnable: int
    blocked: int
    in_stage: int


class AccountingMachine(CreditMachine):
    """A machine that notices which locks and softirqs are the stage's: those that are made when it is installed and later.

    The stage's code is its softirq handlers, the functions that they call, and what clients call through `in_stage`, locks included.
    The time in it counts for the vCPU that is current, if that is RUNNING; time in interrupt handlers in between does not count.
    """

    def __init__(self, engine: TimedEngine, nr_cpus: int, ratelimit: int = 0) -> None:
        self.stage_locks: list[SpinLock] = []
        self._installed = False
        self._inside = [False] * nr_cpus
        self._since = [0] * nr_cpus
        self.stage_time: dict[Vcpu, int] = {}
        super().__init__(engine, nr_cpus, ratelimit)

    def install(self, make: Callable[[Hypervisor], T]) -> T:
        self._installed = True
        return super().install(make)

    def spinlock(self, name: str) -> SpinLock:
        lock = super().spinlock(name)
        if self._installed:
            self.stage_locks.append(lock)
        return lock

    def open_softirq(self, nr: int, handler: Callable[[], None]) -> None:
        super().open_softirq(nr, (lambda: self.in_stage(handler)) if self._installed else handler)

    # Accounts.

    def in_stage(self, call: Callable[..., None], *arguments: Any) -> None:
        """Make a call into the stage."""
        number = self.engine.current.number
        outer = self._account(number, True)
        call(*arguments)
        self._account(number, outer)

    def _take_interrupt(self, cpu: Cpu) -> None:
        outer = self._account(cpu.number, False)
        super()._take_interrupt(cpu)
        self._account(cpu.number, outer)

    def _account(self, number: int, inside: bool) -> bool:
        """The stage's code begins or ends on a CPU; returns what was before."""
        before = self._inside[number]
        if before is inside:
            return before
        now = self.engine.now()
        if before:
            self._charge(self.cpus[number].current, now - self._since[number])
        self._inside[number] = inside
        self._since[number] = now
        return before

    def _charge(self, vcpu: Vcpu, cycles: int) -> None:
        if vcpu.runstate == RUNNING:
            self.stage_time[vcpu] = self.stage_time.get(vcpu, 0) + cycles

    def settle(self, vcpus: list[Vcpu], now: int) -> None:
        """Bring the accounts up to `now`."""
        for number, inside in enumerate(self._inside):
            if inside and self._since[number] < now:
                self._charge(self.cpus[number].current, now - self._since[number])
                self._since[number] = now
        for vcpu in vcpus:
            vcpu.change(vcpu.runstate, now)

    def reset(self, vcpus: list[Vcpu], now: int) -> None:
        """Forget what has been counted up to `now`."""
        self.settle(vcpus, now)
        self.stage_time.clear()
        for vcpu in vcpus:
            vcpu.times = dict.fromkeys(vcpu.times, 0)
        for lock in self.stage_locks:
            self.timed.statistics(lock).reset()

    def runstates(self, vcpu: Vcpu) -> Runstates:
        """The account of a vCPU."""
        times = vcpu.times
        return Runstates(vcpu.name, times[RUNNING], times[RUNNABLE], times[BLOCKED], self.stage_time.get(vcpu, 0))

    def profile(self) -> list[LockProfile]:
        """The stage's locks, in the order in which it made them."""
        states = [(lock.name, self.timed.statistics(lock)) for lock in self.stage_locks]
        return [LockProfile(name, s.lock_count, s.hold_time, s.block_count, s.block_time, s.max_block) for name, s in states]
