"""Several vCPUs on one CPU, under a scheduler like Xen's credit scheduler of 2014.

Each CPU has a run queue in the order of BOOST, UNDER, OVER; among equals, first come, first served. RUNNING time is debited. Three ticks
are a period, as long as a time slice; at its end the CPU's time is shared out in equal parts to those of its vCPUs that have used it,
and who is in debt is OVER, the others are UNDER. Who wakes up as UNDER is boosted until a tick finds it running. Who comes into the queue
preempts one of a lower priority, though not before that has had the time of the rate limit; otherwise it waits for a time slice to end.

Left out: weights (all are equal), caps, and load balancing: vCPUs are pinned, and so each CPU shares out its own time. Ticks cost
nothing, and a CPU that has one vCPU has none: nothing would follow from them.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.machine.interrupts import Cpu
from harness.machine.machine import Machine
from harness.machine.scheduler import BLOCKED, RUNNABLE, RUNNING, Vcpu
from harness.timed.timed_engine import TimedEngine
from harness.timed.timeline import NEVER
from stages.hypervisor import SCHEDULE_SOFTIRQ

# Priorities, the best first.
BOOST, UNDER, OVER = range(3)

TICKS_PER_PERIOD = 3

# A period is so many credits, in whole numbers: who owes less than half a one owes nothing.
CREDITS_PER_PERIOD = 300


class CreditVcpu(Vcpu):
    """A guest's vCPU. `credits` are cycles: a period's share is added, RUNNING time is taken away."""

    __slots__ = ("credits", "priority", "used")

    def __init__(self, name: str, cpu: int, run: Callable[[Vcpu], None]) -> None:
        super().__init__(name, cpu, run)
        self.priority = UNDER
        self.credits = 0
        # RUNNING time since the last period ended.
        self.used = 0

    def change(self, runstate: str, now: int) -> None:
        """Enter a runstate; what was RUNNING time is debited."""
        before = self.times[RUNNING]
        super().change(runstate, now)
        ran = self.times[RUNNING] - before
        self.credits -= ran
        self.used += ran


class CreditMachine(Machine):
    """A machine with any number of `CreditVcpu`s on a CPU; `ratelimit` in cycles, the time slice is that of the engine's costs."""

    def __init__(self, engine: TimedEngine, nr_cpus: int, ratelimit: int = 0) -> None:
        self.timed = engine
        self.ratelimit = ratelimit
        self.slice = engine.costs["time_slice"]
        self.vcpus: list[list[CreditVcpu]] = [[] for _ in range(nr_cpus)]
        # When the current vCPU was switched in, when its time slice ends, and for when the timer of the slice is set.
        self._switched_in = [0] * nr_cpus
        self._slice_end = [self.slice] * nr_cpus
        self._timer = [NEVER] * nr_cpus
        super().__init__(engine, nr_cpus)

    def admit(self, vcpu: CreditVcpu) -> None:
        """A new vCPU, blocked, which the scheduler is to know of before the run starts."""
        sharers = self.vcpus[vcpu.cpu]
        sharers.append(vcpu)
        if len(sharers) == 2:
            self._tick_after(self.cpus[vcpu.cpu], 0)

    def start_vcpu(self, vcpu: Vcpu) -> None:
        """Have a vCPU run from the start, or wait for those of its CPU that were started before."""
        cpu = self.cpus[vcpu.cpu]
        if cpu.current is cpu.idle:
            super().start_vcpu(vcpu)
        else:
            vcpu.runstate = RUNNABLE
            self._queue(cpu, vcpu)
            self._set_timer(cpu, 0)

    def interrupt_at(self, cpu: Cpu, handler: Callable[[], None], time: int) -> None:
        """A device or a timer raises an interrupt on a CPU at `time`."""

        def deliver() -> None:
            cpu.pending.append(handler)
            cpu.attention = True

        self.timed.post(cpu, deliver, time)

    # The run queue.

    def vcpu_wake(self, vcpu: Vcpu) -> None:
        """Make a blocked vCPU runnable; its CPU schedules if it has nothing better to do."""
        if vcpu.runstate != BLOCKED:
            return
        assert isinstance(vcpu, CreditVcpu)
        cpu = self.cpus[vcpu.cpu]
        now = self.engine.now()
        vcpu.change(RUNNABLE, now)
        current = cpu.current
        if vcpu.priority == UNDER and vcpu is not current:
            vcpu.priority = BOOST
        self._queue(cpu, vcpu)
        # One that is about to leave has seen to it that there is a SCHEDULE softirq.
        if current is cpu.idle or current.runstate != RUNNING or vcpu.priority < current.priority:
            self.raise_softirq_on(self.cpus[vcpu.cpu], SCHEDULE_SOFTIRQ)
        else:
            self._set_timer(cpu, now)

    def _queue(self, cpu: Cpu, vcpu: Vcpu) -> None:
        """Behind all that are as good."""
        assert isinstance(vcpu, CreditVcpu)
        at = next((at for at, other in enumerate(cpu.runnable) if other.priority > vcpu.priority), len(cpu.runnable))
        cpu.runnable.insert(at, vcpu)

    def _candidates(self, cpu: Cpu) -> bool:
        current = cpu.current
        if current is not cpu.idle and current.runstate == RUNNING:
            now = self.engine.now()
            current.change(RUNNABLE, now)
            if now - self._switched_in[cpu.number] < self.ratelimit:
                cpu.runnable.insert(0, current)
            else:
                self._queue(cpu, current)
        return bool(cpu.runnable)

    def _switch_to(self, cpu: Cpu, following: Vcpu) -> None:
        previous, now, number = cpu.current, self.engine.now(), cpu.number
        # The stage's work comes before a vCPU that could go on.
        if previous is not following and previous is not cpu.idle and previous.runstate == RUNNING:
            previous.change(RUNNABLE, now)
            self._queue(cpu, previous)
        super()._switch_to(cpu, following)
        if isinstance(following, CreditVcpu):
            if previous is not following:
                self._switched_in[number] = now
            limited = cpu.runnable and cpu.runnable[0].priority < following.priority
            self._slice_end[number] = self._switched_in[number] + self.ratelimit if limited else now + self.slice
            self._set_timer(cpu, now)

    # The time slice.

    def _set_timer(self, cpu: Cpu, now: int) -> None:
        """Have the slice end, if there is anybody to whom that matters."""
        number = cpu.number
        if not cpu.runnable:
            return
        if self._slice_end[number] < now:
            # It ended while nobody waited, and others followed.
            self._slice_end[number] += -(-(now - self._slice_end[number]) // self.slice) * self.slice
        time = self._slice_end[number]
        if time < self._timer[number]:
            self._timer[number] = time
            self.timed.at(time, lambda: self._timer_fires(cpu, time))

    def _timer_fires(self, cpu: Cpu, time: int) -> None:
        number = cpu.number
        # One that was set later, for an earlier time, has taken its place.
        if time != self._timer[number]:
            return
        self._timer[number] = NEVER
        if cpu.current is cpu.idle or not cpu.runnable:
            return
        if time < self._slice_end[number]:
            self._set_timer(cpu, time)
            return
        self.interrupt_at(cpu, lambda: self.expire(lambda: self.raise_softirq(SCHEDULE_SOFTIRQ)), time)

    # Ticks and periods.

    def _tick_after(self, cpu: Cpu, ticks: int) -> None:
        time = (ticks + 1) * self.slice // TICKS_PER_PERIOD
        self.timed.at(time, lambda: self._tick(cpu, ticks + 1, time))

    def _tick(self, cpu: Cpu, ticks: int, now: int) -> None:
        current = cpu.current
        if current is not cpu.idle and current.runstate == RUNNING:
            current.change(RUNNING, now)
            if current.priority == BOOST:
                current.priority = UNDER
        if ticks % TICKS_PER_PERIOD == 0:
            self._share_out(cpu)
        self._tick_after(cpu, ticks)

    def _share_out(self, cpu: Cpu) -> None:
        """Give the period's time to those that use the CPU or are in debt; nobody saves, or owes, more than one period."""
        period = self.slice
        active = [vcpu for vcpu in self.vcpus[cpu.number] if vcpu.used or vcpu.runstate != BLOCKED or vcpu.credits < 0]
        for vcpu in active:
            vcpu.credits = max(-period, min(period, vcpu.credits + period // len(active)))
            vcpu.priority = OVER if 2 * CREDITS_PER_PERIOD * vcpu.credits <= -period else UNDER
            vcpu.used = 0
        # (Stable: nobody overtakes an equal.)
        cpu.runnable.sort(key=lambda vcpu: vcpu.priority)
