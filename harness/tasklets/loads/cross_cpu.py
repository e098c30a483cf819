"""Loads that send tasklets from CPU to CPU: hypercall continuations, walks over all CPUs, and stop_machine.

*continuation*  a guest computes, then makes a hypercall that must go on elsewhere: `tasklet_kill`, `tasklet_init`,
`tasklet_schedule_on_cpu`; its vCPU is paused until the function has run there, in the idle vCPU.

*walk*  a softirq tasklet whose function schedules it on the next CPU, as a microcode update goes from CPU to CPU; when it has been
everywhere it starts again.

*stop_machine*  a tasklet for every other CPU; they all meet with interrupts off, and are let go together.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from harness.suite.arrivals import exponential
from harness.suite.load import MeasuredMachine
from harness.suite.parameters import COUNT, HZ, US, Window, parameter
from harness.tasklets.loads.guests import Guest, GuestVcpu, Host, Job
from harness.tasklets.loads.idle_guests import IdleGuests, put_idle_guests
from stages.hypervisor import Hypervisor, Word


@dataclass(frozen=True)
class CrossCpu(Window):
    """Many CPUs that feed each other."""

    callers: int = parameter(40, COUNT, "vCPUs that make hypercalls, spread over all sockets: half as many as CPUs", 0)
    think_us: int = parameter(
        400, US, "a caller's mean time between hypercalls, exponential: far above real rates, where locks begin to matter", 1
    )
    walks: int = parameter(4, COUNT, "walks at the same time: one is usual; every second one declared statically", 0)
    sockets: int = parameter(0, COUNT, "callers are on the first so many sockets or dies; 0: all")


@dataclass(frozen=True)
class VcpuTasklets(Window):
    """Tasklets of VCPU kind only."""

    callers: int = parameter(40, COUNT, "vCPUs that make hypercalls which continue on their own CPU", 0)
    think_us: int = parameter(100, US, "a caller's mean time between hypercalls, exponential: far above real rates, where locks matter", 1)
    stop_hz: int = parameter(200, HZ, "stop_machine runs of one more vCPU; 0: none", 0)
    sockets: int = parameter(0, COUNT, "callers are on the first so many sockets or dies; 0: all")


@dataclass(frozen=True)
class Mixed(IdleGuests):
    """Idle and busy guests, with callers and walks on the CPUs that they leave free."""

    device_hz: int = parameter(10_000, HZ, "half of the load of idle-guests", 1)
    callers: int = parameter(16, COUNT, "vCPUs that make hypercalls, spread over all sockets", 0)
    think_us: int = parameter(100, US, "a caller's mean time between hypercalls, exponential", 1)
    walks: int = parameter(1, COUNT, "walks at the same time", 0)


class Caller:
    """A vCPU that computes for a while and makes a hypercall, again and again."""

    def __init__(self, run: MeasuredMachine, host: Host, cpu: int, targets: Sequence[int], think_us: float) -> None:
        self.run = run
        self.host = host
        self.think_cycles = int(think_us * run.costs.mhz)
        self.targets = targets
        # Those that share a CPU are told apart by how many came before.
        before = len(run.machine.vcpus[cpu])
        who = f"{cpu}.{before}" if before else f"{cpu}"
        guest = Guest(host, f"caller{who}", [cpu], busy=True)
        self.vcpu: GuestVcpu = guest.vcpus[0]
        # Not that of the arrivals: how often it draws depends on the stage.
        self.uniform = random.Random(f"caller {who} {run.seed}").random
        self.tasklet = host.make_tasklet(f"continuation {self.vcpu.name}", self.go_on, "tasklet_init")
        self.finished = False
        run.machine.start_vcpu(self.vcpu)
        self.think()

    def think(self) -> None:
        """Compute; the hypercall follows."""
        self.vcpu.jobs.append(Job(1 + int(exponential(self.uniform) * self.think_cycles), done=self.ask))

    def ask(self) -> None:
        """The guest's part of a hypercall: leave."""
        self.vcpu.hypercall = self.call

    def call(self) -> None:
        """The hypervisor's part on this CPU: have the rest done elsewhere, and pause until then."""
        host = self.host
        self.finished = False
        host.kill(self.tasklet)
        host.init(self.tasklet, self.go_on, "tasklet_init")
        host.schedule_on(self.tasklet, self.targets[int(self.uniform() * len(self.targets))])
        # No operation in between: it has finished by now, or finds the vCPU blocked.
        if not self.finished:
            self.vcpu.paused = True
            self.run.machine.vcpu_block(self.vcpu)

    def go_on(self, _: object) -> None:
        """The rest, in the idle vCPU of a CPU."""
        self.run.engine.spend("continuation")
        self.finished = True
        self.think()
        self.vcpu.paused = False
        self.vcpu.kick()


class Walk:
    """A softirq tasklet that goes from CPU to CPU."""

    def __init__(self, run: MeasuredMachine, host: Host, number: int, walks: int, cpus: Sequence[int]) -> None:
        self.run = run
        self.host = host
        self.cpus = cpus
        # Walks start far from each other.
        self.at = len(cpus) * number // walks
        name = f"walk{number}"
        if number % 2:
            self.tasklet = host.declare_softirq_tasklet(name, self.visit)
        else:
            self.tasklet = host.make_tasklet(name, self.visit, "softirq_tasklet_init")
        host.interrupt(cpus[self.at], lambda: host.schedule(self.tasklet), 1)

    def visit(self, _: object) -> None:
        """One CPU's turn."""
        self.run.engine.spend("walk_step")
        self.at = (self.at + 1) % len(self.cpus)
        self.host.schedule_on(self.tasklet, self.cpus[self.at])


class StopMachine(Caller):
    """A vCPU whose hypercall stops every other CPU."""

    def __init__(self, run: MeasuredMachine, host: Host, cpu: int, hz: int) -> None:
        super().__init__(run, host, cpu, [cpu], 1_000_000 / hz)
        hv = cast(Hypervisor, run.machine)
        self.arrived, self.left, self.release = (Word(hv, f"stop_machine {what}") for what in ("arrived", "left", "release"))
        self.others = [other for other in range(run.costs.topology.nr_cpus) if other != cpu]
        self.stoppers = [host.make_tasklet(f"stop{other}", self.stop, "tasklet_init") for other in self.others]

    def call(self) -> None:
        """Stop the others, do something, let them go."""
        machine = self.run.machine
        for word in (self.arrived, self.left, self.release):
            word.write(0)
        for stopper, cpu in zip(self.stoppers, self.others, strict=True):
            self.host.schedule_on(stopper, cpu)
        self._await(self.arrived, len(self.others))
        machine.local_irq_disable()
        self.run.engine.spend("stopped")
        self.release.write(1)
        self._await(self.left, len(self.others))
        machine.local_irq_enable()
        self.think()

    def stop(self, _: object) -> None:
        """What each of the others does."""
        machine = self.run.machine
        machine.local_irq_disable()
        self.arrived.add(1)
        self._await(self.release, 1)
        self.left.add(1)
        machine.local_irq_enable()

    def _await(self, word: Word, value: int) -> None:
        self.run.engine.wait(f"for {word.name}", lambda: word.value == value, [word])


def add_callers(run: MeasuredMachine, host: Host, count: int, think_us: int, nodes: Sequence[int], where: str) -> None:
    """Callers on free CPUs, whose hypercalls continue on any `other` caller's CPU or on their `own`; all of them are observed."""
    seats = run.seats(len(run.part(range(count), nodes)), nodes, run.window.vcpus_per_cpu)
    for cpu in seats:
        others = [other for other in dict.fromkeys(seats) if other != cpu]
        caller = Caller(run, host, cpu, others if where == "other" and others else [cpu], think_us)
        run.observed.append(caller.vcpu)


def add_walks(run: MeasuredMachine, host: Host, walks: int, nodes: Sequence[int]) -> None:
    """Walks over all CPUs of some sockets."""
    cpus = [cpu for node in nodes for cpu in run.costs.topology.cpus_of(node)]
    for number in range(walks):
        Walk(run, host, number, walks, cpus)


def put_cross_cpu(run: MeasuredMachine, host: Host, parameters: CrossCpu) -> None:
    """Callers, and walks over all CPUs."""
    nodes = run.nodes(parameters.sockets)
    add_callers(run, host, parameters.callers, parameters.think_us, nodes, "other")
    add_walks(run, host, parameters.walks, nodes)


def put_vcpu_tasklets(run: MeasuredMachine, host: Host, parameters: VcpuTasklets) -> None:
    """Callers that continue where they are, and one vCPU that stops all CPUs now and then."""
    add_callers(run, host, parameters.callers, parameters.think_us, run.nodes(parameters.sockets), "own")
    if parameters.stop_hz:
        StopMachine(run, host, run.place(1, run.nodes(0))[0], parameters.stop_hz)


def put_mixed(run: MeasuredMachine, host: Host, parameters: Mixed) -> None:
    """The guests of idle-guests, of which the idle ones are observed, and the rest on other CPUs."""
    put_idle_guests(run, host, parameters)
    idle = list(run.observed)
    nodes = run.nodes(parameters.sockets)
    add_callers(run, host, parameters.callers, parameters.think_us, nodes, "other")
    run.observed[:] = idle
    add_walks(run, host, parameters.walks, nodes)
