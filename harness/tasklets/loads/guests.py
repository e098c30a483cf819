"""Guests: virtual CPUs with work to do, the timers and passed-through devices that interrupt them, and the two clients in between.

The paths are those of the code (the clients' functions are the stage's tasklets):

*device*  interrupt on the CPU of the vCPU that the virtual function (VF) is bound to → VM exit → handler → `tasklet_schedule` of the
domain's dpci tasklet → its function injects under the domain's event lock and kicks the vCPU → VM entry.

*timer*  interrupt → TIMER softirq → VIRQ_TIMER is sent with interrupts off, so the vCPU's event-channel tasklet is scheduled → its
function asserts the event and kicks the vCPU.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from harness.machine.scheduler import BLOCKED, RUNNING
from harness.suite.arrivals import Gaps
from harness.tasklets.installation import install
from harness.tasklets.loads.run_delays import ASKED, KILLED, RAN, RunDelays
from harness.timed.accounting import AccountingMachine
from harness.timed.credit import CreditVcpu
from stages.api import StageModule, TaskletApi, TaskletFunction
from stages.hypervisor import Hypervisor, SpinLock


class GuestWork:
    """Work that a guest does in answer to an event: cycles left, what happens when it starts and when it is done."""

    __slots__ = ("begun", "done", "left", "start")

    def __init__(self, cycles: int, start: Callable[[], None] | None = None, done: Callable[[], None] | None = None) -> None:
        self.left = cycles
        self.start = start
        self.done = done
        self.begun = False


class GuestVcpu(CreditVcpu):
    """A vCPU that works through its jobs; then it blocks, or, if its guest is busy, computes on."""

    __slots__ = ("evtchn_tasklet", "guest", "hypercall", "jobs", "paused", "unasserted")

    def __init__(self, guest: Guest, name: str, cpu: int) -> None:
        super().__init__(name, cpu, lambda _: self.run_guest())
        self.guest = guest
        self.jobs: list[GuestWork] = []
        # What the guest asks of the hypervisor: done after the VM exit. Meanwhile the vCPU may be paused, and no event wakes it.
        self.hypercall: Callable[[], None] | None = None
        self.paused = False
        # Events sent, for which the event-channel function has not run.
        self.unasserted: list[TimerSource] = []
        host = guest.host
        self.evtchn_tasklet = host.make_tasklet(f"evtchn {name}", self.assert_events)
        host.machine.admit(self)

    def run_guest(self) -> None:
        """From VM entry to VM exit; interrupts are off in between, so that one that arrives ends it and is taken outside."""
        host = self.guest.host
        machine, engine = host.machine, host.machine.timed
        cpu = machine.cpus[self.cpu]
        machine.local_irq_disable()
        if not cpu.softirqs.read() and not cpu.attention:
            if self.jobs or self.guest.busy:
                engine.spend("vm_entry")
                self._compute()
                engine.spend("vm_exit")
            else:
                machine.vcpu_block(self)
        if cpu.event_check:
            cpu.event_check = False
            engine.spend("handler")
        machine.local_irq_enable()
        if self.hypercall:
            call, self.hypercall = self.hypercall, None
            call()

    def _compute(self) -> None:
        engine = self.guest.host.machine.timed
        cpu = self.guest.host.machine.cpus[self.cpu]
        while self.jobs and not self.hypercall:
            job = self.jobs[0]
            if job.start and not job.begun:
                job.start()
            job.begun = True
            before = engine.now()
            engine.sleep(job.left, unless=lambda: cpu.event_check)
            job.left -= engine.now() - before
            if job.left > 0:
                return
            self.jobs.pop(0)
            if job.done:
                job.done()
        if self.guest.busy and not self.hypercall:
            engine.halt(lambda: cpu.event_check, ())

    def assert_events(self, _: object) -> None:
        """The event-channel function."""
        host = self.guest.host
        host.machine.engine.spend("event_channel")
        sources, self.unasserted = self.unasserted, []
        self.jobs += [GuestWork(host.cycles["tick_work"], start=source.accept) for source in sources]
        self.kick()

    def kick(self) -> None:
        """Have the vCPU notice what it has been given."""
        machine = self.guest.host.machine
        if self.paused:
            return
        if self.runstate == BLOCKED:
            machine.vcpu_wake(self)
        elif self.runstate == RUNNING and self.cpu != machine.smp_processor_id():
            machine.send_event_check(machine.cpus[self.cpu])


class Guest:
    """A domain: its vCPUs, its VFs and its dpci tasklet."""

    def __init__(self, host: Host, name: str, cpus: Sequence[int], busy: bool) -> None:
        self.host = host
        self.busy = busy
        self.event_lock = SpinLock(cast(Hypervisor, host.machine), f"event lock of {name}")
        self.raised: list[VirtualFunction] = []
        self.dpci_tasklet = host.make_tasklet(f"dpci {name}", self.inject)
        self.vcpus = [GuestVcpu(self, f"{name}v{index}", cpu) for index, cpu in enumerate(cpus)]
        host.guests.append(self)

    def inject(self, _: object) -> None:
        """The dpci function: give the guest what its devices have raised."""
        host, machine = self.host, self.host.machine
        machine.spin_lock(self.event_lock)
        raised, self.raised = self.raised, []
        for vf in raised:
            machine.engine.spend("inject")
            host.irq_latencies.append(machine.engine.now() - vf.fired_at)
            vf.vcpu.jobs.append(GuestWork(host.cycles["device_work"], done=vf.handled))
            vf.vcpu.kick()
        machine.spin_unlock(self.event_lock)


class TimerSource:
    """Something that sends timer events to a vCPU; an event that is pending is not sent again."""

    def __init__(self, vcpu: GuestVcpu, gaps: Gaps) -> None:
        self.vcpu = vcpu
        self.pending = False
        vcpu.guest.host.repeat(gaps, self._expire)

    def accept(self) -> None:
        """The guest looks at the event: the next one is another."""
        self.pending = False

    def _expire(self, time: int) -> None:
        host = self.vcpu.guest.host
        host.interrupt(self.vcpu.cpu, lambda: host.machine.expire(self.send), time)

    def send(self) -> None:
        """The timer's function, in the TIMER softirq."""
        if self.pending:
            return
        self.pending = True
        host = self.vcpu.guest.host
        flags = host.machine.local_irq_save()
        self.vcpu.unasserted.append(self)
        host.schedule(self.vcpu.evtchn_tasklet)
        host.machine.local_irq_restore(flags)


class VirtualFunction:
    """A VF with one interrupt vector, which is masked from the interrupt until the guest has handled it.

    What arrives meanwhile is one more interrupt, at once when the vector is unmasked.
    """

    def __init__(self, vcpu: GuestVcpu, gaps: Gaps) -> None:
        self.vcpu = vcpu
        self.masked = False
        self.waiting = False
        self.fired_at = 0
        vcpu.guest.host.repeat(gaps, self._arrive)

    def _arrive(self, time: int) -> None:
        if self.masked:
            self.waiting = True
        else:
            self._fire(time)

    def _fire(self, time: int) -> None:
        self.masked = True
        self.fired_at = time
        self.vcpu.guest.host.interrupt(self.vcpu.cpu, self.handle, time)

    def handle(self) -> None:
        """The interrupt handler, up to `tasklet_schedule`."""
        guest = self.vcpu.guest
        guest.host.machine.engine.spend("irq_to_schedule")
        guest.raised.append(self)
        guest.host.schedule(guest.dpci_tasklet)

    def handled(self) -> None:
        """The guest unmasks the vector."""
        self.masked = False
        if self.waiting:
            self.waiting = False
            self._fire(self.vcpu.guest.host.machine.engine.now())


class Host:
    """The machine with a stage and its clients: what guests need of it, and what they did (`harness.suite.figure.Clients`)."""

    def __init__(self, machine: AccountingMachine, module: StageModule, cycles: Mapping[str, int]) -> None:
        self.machine = machine
        self.module = module
        self.cycles = cycles
        self.api: TaskletApi = install(machine, module)
        machine.boot(self.api.tasklet_subsys_init)
        self.guests: list[Guest] = []
        self._delays = RunDelays()
        self.reset()

    def reset(self) -> None:
        """Forget what has been counted."""
        # Runs of the clients' functions.
        self.runs = 0
        # The cycles from each device interrupt to its injection.
        self.irq_latencies: list[int] = []
        self._delays.reset()

    @property
    def run_latencies(self) -> list[int]:
        """The cycles from each call of `tasklet_schedule` (the first, if there are several) to the run."""
        return self._delays.delays

    def _note(self, tasklet: Any, what: int) -> None:
        self._delays.note(tasklet, what, self.machine.timed.now())

    def make_tasklet(self, name: str, function: TaskletFunction, init: str = "hvm_irq_tasklet_init") -> Any:
        """Make a tasklet with one of the init calls, by default the one that the dpci and event-channel clients use."""
        tasklet = self.module.Tasklet(cast(Hypervisor, self.machine), name)
        self.init(tasklet, function, init)
        return tasklet

    def declare_softirq_tasklet(self, name: str, function: TaskletFunction) -> Any:
        """Make a tasklet as static declarations do."""
        made: list[Any] = []
        made.append(self.api.DECLARE_SOFTIRQ_TASKLET(name, lambda data: self._run(made[0], function, data), None))
        return made[0]

    def init(self, tasklet: Any, function: TaskletFunction, init: str) -> None:
        """Call one of the init calls."""
        getattr(self.api, init)(tasklet, lambda data: self._run(tasklet, function, data), None)

    def _run(self, tasklet: Any, function: TaskletFunction, data: object) -> None:
        self.runs += 1
        self._note(tasklet, RAN)
        spectator = self.machine.engine.spectator
        if spectator is None:
            function(data)
        else:
            spectator.begins(tasklet.name)
            function(data)
            spectator.ends(tasklet.name)

    def schedule(self, tasklet: Any) -> None:
        """`tasklet_schedule`, on the account of whoever is current."""
        self._note(tasklet, ASKED)
        self._ask(tasklet, self.api.tasklet_schedule, tasklet)

    def schedule_on(self, tasklet: Any, cpu: int) -> None:
        """`tasklet_schedule_on_cpu`."""
        self._note(tasklet, ASKED)
        self._ask(tasklet, self.api.tasklet_schedule_on_cpu, tasklet, cpu)

    def _ask(self, tasklet: Any, call: Callable[..., None], *arguments: Any) -> None:
        spectator = self.machine.engine.spectator
        if spectator is None:
            self.machine.in_stage(call, *arguments)
        else:
            spectator.asks(tasklet.name)
            self.machine.in_stage(call, *arguments)
            spectator.has_asked(tasklet.name)

    def kill(self, tasklet: Any) -> None:
        """`tasklet_kill`."""
        self.machine.in_stage(self.api.tasklet_kill, tasklet)
        self._note(tasklet, KILLED)

    def interrupt(self, number: int, handler: Callable[[], None], time: int) -> None:
        """A device raises an interrupt on a CPU at `time`, on the account of whoever is current there."""
        self.machine.interrupt_at(self.machine.cpus[number], handler, time)

    def repeat(self, gaps: Gaps, event: Callable[[int], None]) -> None:
        """Have `event(time)` happen again and again, `gaps()` cycles apart."""
        engine = self.machine.timed
        time = 0

        def happen() -> None:
            event(time)
            wait()

        def wait() -> None:
            nonlocal time
            time += gaps()
            engine.at(time, happen)

        wait()
