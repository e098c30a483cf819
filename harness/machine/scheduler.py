"""vCPUs and their runstates, the scheduler's part in work for the idle vCPU, and the loop that every CPU runs."""

from __future__ import annotations

from collections.abc import Callable

from harness.machine.engine import Engine
from harness.machine.interrupts import Cpu
from harness.machine.softirqs import Softirqs
from harness.machine.work_source import WorkSource
from stages.hypervisor import SCHEDULE_SOFTIRQ, Word

RUNNING = "RUNNING"
RUNNABLE = "RUNNABLE"
BLOCKED = "BLOCKED"
OFFLINE = "OFFLINE"


class Vcpu:
    """A guest's virtual CPU, or an idle one. `run` is called while it is current and returns at a VM exit.

    `times` has the cycles spent in each runstate; what the hypervisor does meanwhile is charged to the vCPU that is current.
    """

    __slots__ = ("cpu", "name", "run", "runstate", "since", "times")

    def __init__(self, name: str, cpu: int, run: Callable[[Vcpu], None], runstate: str = BLOCKED) -> None:
        self.name = name
        self.cpu = cpu
        self.run = run
        self.runstate = runstate
        self.since = 0
        self.times = dict.fromkeys((RUNNING, RUNNABLE, BLOCKED, OFFLINE), 0)

    def change(self, runstate: str, now: int) -> None:
        """Enter a runstate at `now` (cycles)."""
        # Another CPU that wakes it may be a little behind.
        now = max(now, self.since)
        self.times[self.runstate] += now - self.since
        self.runstate = runstate
        self.since = now


class Scheduler(Softirqs):
    """Who is current on each CPU; the idle loop; the work that is done in it."""

    def __init__(self, engine: Engine, nr_cpus: int) -> None:
        super().__init__(engine, nr_cpus)
        self.work_sources: list[WorkSource] = []
        # What each CPU looks at before it goes to sleep, besides its softirqs.
        self._work: list[tuple[Word, ...]] = [() for _ in self.cpus]
        self.open_softirq(SCHEDULE_SOFTIRQ, self.schedule)
        for cpu in self.cpus:
            cpu.idle = Vcpu(f"idle{cpu.number}", cpu.number, self._idle_once, RUNNING)
            cpu.current = cpu.idle
            cpu.body = lambda cpu=cpu: self._cpu_loop(cpu)  # type: ignore[misc]

    def add_work_source(self, source: WorkSource) -> None:
        """Have the scheduler and the idle loop look after `source`, before the run starts."""
        self.work_sources.append(source)
        self._work = [(*words, source.words[cpu]) for cpu, words in enumerate(self._work)]

    def start_vcpu(self, vcpu: Vcpu) -> None:
        """Make a vCPU the current one of its CPU before the run starts."""
        cpu = self.cpus[vcpu.cpu]
        cpu.current = vcpu
        cpu.idle.runstate = RUNNABLE
        vcpu.runstate = RUNNING

    def vcpu_wake(self, vcpu: Vcpu) -> None:
        """Make a blocked vCPU runnable, in front of its CPU's others, and have that CPU schedule."""
        if vcpu.runstate == BLOCKED:
            vcpu.change(RUNNABLE, self.engine.now())
            self.cpus[vcpu.cpu].runnable.insert(0, vcpu)
            self.raise_softirq_on(self.cpus[vcpu.cpu], SCHEDULE_SOFTIRQ)

    def vcpu_block(self, vcpu: Vcpu) -> None:
        """The current vCPU waits for an event: it is on no CPU until it is woken."""
        vcpu.change(BLOCKED, self.engine.now())
        self.raise_softirq(SCHEDULE_SOFTIRQ)

    def schedule(self) -> None:
        """The SCHEDULE softirq: work for the idle vCPU comes first, then the vCPUs in turn, then idleness."""
        cpu = self.this_cpu()
        if self.engine.core.schedule_looks:
            self.engine.read_fence()
        self._switch_to(cpu, cpu.idle if self._idle_is_wanted(cpu) or not self._candidates(cpu) else cpu.runnable.pop(0))

    def _idle_is_wanted(self, cpu: Cpu) -> bool:
        """Look at the words of all sources: each has to be told."""
        wanted = False
        for source in self.work_sources:
            wanted = source.wanted(cpu.number) or wanted
        return wanted

    def _candidates(self, cpu: Cpu) -> bool:
        current: Vcpu = cpu.current
        if current is not cpu.idle and current.runstate == RUNNING:
            cpu.runnable.append(current)
            current.change(RUNNABLE, self.engine.now())
        return bool(cpu.runnable)

    def _switch_to(self, cpu: Cpu, following: Vcpu) -> None:
        """As in Xen, the runstates change before the switch itself, which is charged to `following`."""
        previous: Vcpu = cpu.current
        now = self.engine.now()
        if previous is not following and previous.runstate == RUNNING:
            previous.change(RUNNABLE, now)
            if previous is not cpu.idle:
                cpu.runnable.insert(0, previous)
        following.change(RUNNING, now)
        cpu.current = following
        if previous is not following:
            self.engine.spend("context_switch")

    # What a CPU does all its life.

    def _cpu_loop(self, cpu: Cpu) -> None:
        while True:
            cpu.current.run(cpu.current)
            self.must_hold_no_lock("goes on to its softirqs")
            self.do_softirq()
            # A CPU that is offline handles no SCHEDULE softirq any more; its vCPUs wait until it is up again.
            if self.hotplug and cpu.current is not cpu.idle and not cpu.online.read():
                self._switch_to(cpu, cpu.idle)

    def _idle_once(self, vcpu: Vcpu) -> None:
        """One turn of the idle loop, but for its `do_softirq`."""
        cpu = self.cpus[vcpu.cpu]
        self.engine.poll("idle loop")
        if self.hotplug and not cpu.online.read():
            self._play_dead(cpu)
            return
        # Nobody but a handler on this CPU takes it offline.
        if not self.engine.look_for_work(self._work[cpu.number], cpu.softirqs, f"what is pending on {cpu.name}") and cpu.online.value:
            self.must_hold_no_lock("goes to sleep")
            self.engine.halt(lambda: cpu.event_check, (cpu.softirqs,), cpu.own_softirqs)
        if cpu.event_check:
            cpu.event_check = False
            self.engine.spend("handler")
        for source in self.work_sources:
            source.run()

    def _play_dead(self, cpu: Cpu) -> None:
        raise NotImplementedError
