"""Programs that use tasklets as Xen does: each client of the tasklet API, alone and next to others.

Each has its own kind of tasklet. What it waits for it waits for itself, with its own flags.
"""

from __future__ import annotations

from harness.suite.clause import clause
from harness.tasklets.tasklet_under_test import ALL, BOTH, IRQ_CLIENT, SOFTIRQ, VCPU, TaskletUnderTest
from harness.tasklets.testbed import Testbed, program
from stages.hypervisor import Word

# dpci: one tasklet per domain, scheduled by the interrupts of its passed-through devices.


def dpci(b: Testbed, cpus: tuple[int, ...]) -> None:
    """One device per entry of `cpus`, which interrupts that CPU: every interrupt must be injected into the guest."""
    pending, injected = b.flag("pending interrupts"), b.flag("injected interrupts")
    assist = b.tasklet("hvm_dirq_assist", lambda _: injected.fetch_or(pending.xchg(0)), kind=IRQ_CLIENT)
    for line, cpu in enumerate(cpus):
        b.interrupts(cpu, lambda line=line: (pending.fetch_or(1 << line), b.schedule(assist)))  # type: ignore[misc]
    wanted = (1 << len(cpus)) - 1
    b.afterwards(lambda: b.expect(injected.value == wanted, f"interrupts {wanted:#b} arrived, {injected.value:#b} were injected"))


@program((IRQ_CLIENT,))
def dpci_one_cpu(b: Testbed) -> None:
    """dpci: two devices of a domain interrupt the CPU on which its guest runs."""
    dpci(b, (0, 0))
    b.cpu(0, lambda: None)


@program((IRQ_CLIENT,))
def dpci_plain_marks(b: Testbed) -> None:
    """dpci: two devices of a domain interrupt different CPUs, and each marks its interrupt with a mere store."""
    lines = [b.flag(f"pending interrupt {line}") for line in range(2)]
    injected = [0, 0]

    def inject(_: TaskletUnderTest) -> None:
        for line, pending in enumerate(lines):
            injected[line] |= pending.read()

    assist = b.tasklet("hvm_dirq_assist", inject, kind=IRQ_CLIENT)
    for cpu, pending in enumerate(lines):
        b.interrupts(cpu, lambda pending=pending: (pending.write(1), b.schedule(assist)))  # type: ignore[misc]
    b.afterwards(lambda: b.expect(injected == [1, 1], f"two interrupts arrived; injected, by line: {injected}"))


@program((IRQ_CLIENT,))
def dpci_two_cpus(b: Testbed) -> None:
    """dpci: two devices of a domain interrupt different CPUs."""
    dpci(b, (0, 1))


# Event channels: one tasklet per vCPU, scheduled with interrupts off when an event is delivered.


def event_channel(b: Testbed) -> tuple[TaskletUnderTest, Word, Word]:
    """The tasklet, the events sent, and the events that it has asserted to the guest."""
    sent, asserted = b.flag("events sent"), b.flag("events asserted")
    return b.tasklet("hvm_assert_evtchn_irq", lambda _: asserted.write(sent.read()), kind=IRQ_CLIENT), sent, asserted


def deliver(b: Testbed, t: TaskletUnderTest, sent: Word) -> None:
    """Deliver one event, interrupts off."""
    flags = b.machine.local_irq_save()
    sent.add(1)
    b.schedule(t)
    b.machine.local_irq_restore(flags)


@program((IRQ_CLIENT,))
def event_by_timer(b: Testbed) -> None:
    """Event channel: a timer and a hypercall on the same CPU deliver events."""
    t, sent, asserted = event_channel(b)
    b.cpu(0, lambda: deliver(b, t, sent))
    b.machine.timer(0, lambda: deliver(b, t, sent), delay=2_000)
    b.afterwards(lambda: b.expect(asserted.value == 2, f"2 events were sent, {asserted.value} asserted"))


@program((IRQ_CLIENT,))
def event_and_destruction(b: Testbed) -> None:
    """Event channel: the vCPU is destroyed by another CPU while an event is delivered."""
    t, sent, _ = event_channel(b)
    destroyed = b.flag("destroyed")
    t.before = lambda t: b.expect(not destroyed.read(), "an event is asserted to a vCPU that has been destroyed")
    b.cpu(0, lambda: deliver(b, t, sent))
    b.cpu(1, lambda: (b.kill(t), destroyed.write(1)))


# Boot microcode update: one static tasklet visits every CPU in turn.


def microcode(b: Testbed, cpus: tuple[int, ...]) -> None:
    """Send one tasklet to each of `cpus` as soon as the one before has marked itself done, not when it has finished."""
    done = b.flag("CPUs done")
    t = b.declared("microcode", lambda _: done.add(1), kind=SOFTIRQ)

    def walk() -> None:
        for count, cpu in enumerate(cpus, 1):
            b.schedule_on(t, cpu)
            b.spin_until(done, count)

    b.cpu(0, walk)
    b.expect_cpus(t, *cpus)


@program((SOFTIRQ,))
def microcode_walk(b: Testbed) -> None:
    """Boot microcode update: this CPU, the other one, and this one again."""
    microcode(b, (0, 1, 0))


@program((SOFTIRQ,))
def microcode_same_cpu(b: Testbed) -> None:
    """Boot microcode update: the other CPU twice, the second time before it has finished with the first."""
    microcode(b, (1, 1))


@program((SOFTIRQ,), cpus=3)
def microcode_three_cpus(b: Testbed) -> None:
    """Boot microcode update: from another CPU to yet another."""
    microcode(b, (1, 2))


# Hypercall continuation: a tasklet per vCPU, used anew each time.


def continue_on(b: Testbed, t: TaskletUnderTest, cpu: int) -> None:
    """Continue a hypercall on `cpu`."""
    b.kill(t)
    b.init(t)
    b.schedule_on(t, cpu)


@program((VCPU,))
def continuation_twice(b: Testbed) -> None:
    """Hypercall continuation: a vCPU continues on the other CPU, twice, the second time while the first may not have finished."""
    done = b.flag("done")
    t = b.tasklet("continue_hypercall", lambda _: done.add(1), marks=BOTH)
    b.cpu(0, lambda: (continue_on(b, t, 1), b.until(done, 1), continue_on(b, t, 1)))
    b.expect_cpus(t, 1, 1)


@program((VCPU,))
def continuation_walk(b: Testbed) -> None:
    """Hypercall continuation, runtime microcode update: the function schedules itself from CPU to CPU until it has been everywhere."""
    t = b.tasklet("continue_hypercall", lambda t: b.schedule_on(t, 1 - t.cpus[-1]) if len(t.cpus) < 3 else None, marks=BOTH)
    b.cpu(0, lambda: continue_on(b, t, 0))
    b.expect_cpus(t, 0, 1, 0)


# stop_machine: a tasklet per CPU; all CPUs meet with interrupts off.


def stop_machine(b: Testbed, others: tuple[int, ...]) -> None:
    """Stop `others` from CPU 0, do something, and let them go. In which order they answer does not matter: each has flags of its own."""
    state = b.flag("stop_machine state")
    arrived, stopped, left = ({cpu: b.flag(f"CPU{cpu} {what}") for cpu in others} for what in ("arrived", "stopped", "left"))
    machine = b.machine

    def stopper(cpu: int) -> None:
        arrived[cpu].write(1)
        b.until(state, 1)
        machine.local_irq_disable()
        stopped[cpu].write(1)
        b.until(state, 2)
        machine.local_irq_enable()
        left[cpu].write(1)

    tasklets = [b.tasklet(f"stopper{cpu}", lambda _, cpu=cpu: stopper(cpu), kind=VCPU) for cpu in others]  # type: ignore[misc]

    def stop() -> None:
        for t, cpu in zip(tasklets, others, strict=True):
            b.schedule_on(t, cpu)
        b.until_all(*arrived.values())
        state.write(1)
        machine.local_irq_disable()
        b.until_all(*stopped.values())
        for cpu in others:
            b.expect(not machine.cpus[cpu].irqs_on, f"CPU{cpu} is not stopped")
        state.write(2)
        machine.local_irq_enable()
        b.until_all(*left.values())

    b.cpu(0, stop)
    for t, cpu in zip(tasklets, others, strict=True):
        b.expect_cpus(t, cpu)


@program((VCPU,))
def stop_one(b: Testbed) -> None:
    """stop_machine: one other CPU, which runs a guest."""
    stop_machine(b, (1,))
    b.cpu(1, lambda: None)


@program((VCPU,), cpus=3)
def stop_two(b: Testbed) -> None:
    """stop_machine: two other CPUs."""
    stop_machine(b, (1, 2))


# Debug keys: static tasklets, scheduled from the console interrupt.


def debug_keys(b: Testbed, cpu: int) -> None:
    """A key runs `keys`, which kills `dump`, initialises it again and schedules it on `cpu`; there, `dump` goes on to CPU 0 by itself.

    In the client table a tasklet does the first part to itself. Its own function may not kill it, so here it is the handler of all keys, a
    tasklet too, that does it to the other one.
    """
    dump = b.declared("dump", lambda t: b.schedule_on(t, 0) if t.runs_of[t.generation] == 1 else None, kind=VCPU, marks=BOTH)
    keys = b.declared("keys", lambda _: continue_on(b, dump, cpu), kind=VCPU)
    b.interrupts(0, lambda: b.schedule(keys))
    b.expect_runs(keys, 1)
    b.expect_cpus(dump, cpu, 0)


@program((VCPU,))
def debug_key_here(b: Testbed) -> None:
    """Debug keys: the dump starts on the CPU that got the key."""
    debug_keys(b, 0)


@program((VCPU,))
def debug_key_elsewhere(b: Testbed) -> None:
    """Debug keys: the dump starts on the other CPU."""
    debug_keys(b, 1)


@program((VCPU,))
def debug_key_twice(b: Testbed) -> None:
    """Debug keys: a key arrives while the dump of an earlier one is pending or runs on the other CPU; the last dump must be complete."""
    dump = b.declared("dump", kind=VCPU)
    keys = b.declared("keys", lambda _: continue_on(b, dump, 1), kind=VCPU)
    # The first key has done its part: its dump is pending.
    b.schedule_on(dump, 1)
    b.cpu(0, lambda: b.schedule(keys))
    b.afterwards(lambda: b.expect(dump.runs_of[-1] == 1, f"the last dump has run {dump.runs_of[-1]} times, not once"))


# Console ring and trace buffer: static softirq tasklets, scheduled from any context to tell dom0 of something new.


def console(b: Testbed, cpu: int) -> Word:
    """Write to the ring from a hypercall on `cpu`, and from an interrupt there at any time; return what dom0 has been told of."""
    written, told = b.flag("written to the ring"), b.flag("told to dom0")
    t = b.declared("notify_dom0", lambda _: told.write(written.read()), kind=SOFTIRQ)

    def write() -> None:
        written.add(1)
        b.schedule(t)

    b.cpu(cpu, write)
    b.interrupts(cpu, write)
    b.afterwards(lambda: b.expect(told.value == written.value, f"dom0 knows of {told.value} of {written.value} entries"))
    return written


@program((SOFTIRQ,))
def console_one_cpu(b: Testbed) -> None:
    """Console ring: a hypercall and an interrupt on one CPU write."""
    console(b, 0)


@program((SOFTIRQ,))
def trace_two_cpus(b: Testbed) -> None:
    """Trace buffer: two CPUs write, one of them with interrupts off."""
    written, told = b.flag("traced"), b.flag("told to dom0")
    # Two runs may follow each other on different CPUs; neither may know less than the one before.
    t = b.declared("notify_trace", lambda _: told.write(max(told.read(), written.read())), kind=SOFTIRQ)
    b.cpu(0, lambda: (written.add(1), b.schedule(t)))
    b.cpu(1, lambda: deliver(b, t, written))
    b.afterwards(lambda: b.expect(told.value == 2, f"dom0 knows of {told.value} of 2 records"))


# IOMMU page-table cleanup: a static object that goes round the CPUs.


def iommu(b: Testbed, timer: bool = True) -> None:
    """Free three tables; leave for the next CPU as soon as a softirq is pending here, a timer's for instance."""
    machine = b.machine
    tables = b.flag("tables freed")

    def free(t: TaskletUnderTest) -> None:
        cpu = machine.this_cpu()
        while tables.add(1) < 2:
            if cpu.softirqs.read():
                b.schedule_on(t, (cpu.number + 1) % len(machine.cpus))
                return

    t = b.tasklet("iommu_pt_cleanup", free, kind=VCPU)
    b.cpu(0, lambda: b.schedule(t))
    if timer:
        machine.timer(0, lambda: None, delay=2_000)
    b.afterwards(lambda: b.expect(tables.value == 3, f"{tables.value} of 3 tables were freed"))


@program((VCPU,))
def iommu_two_cpus(b: Testbed) -> None:
    """IOMMU cleanup: the next CPU is the other one."""
    iommu(b)


@program((VCPU,), cpus=1)
def iommu_one_cpu(b: Testbed) -> None:
    """IOMMU cleanup: the next CPU is this one."""
    iommu(b)


# INIT/SIPI emulation: a tasklet per vCPU.


@program((VCPU,))
def init_sipi(b: Testbed) -> None:
    """INIT/SIPI: a vCPU gets both, and is destroyed by another CPU later."""
    handled, done = b.flag("handled"), b.flag("done")
    t = b.tasklet("vlapic_init_sipi", lambda _: handled.add(1))
    b.cpu(0, lambda: b.schedule(t), lambda: b.schedule(t), lambda: done.write(1))
    b.cpu(1, lambda: (b.until(done), b.kill(t)))
    b.afterwards(lambda: b.expect(handled.value == 2, f"2 requests were sent, {handled.value} handled"))


@program((VCPU,))
def init_sipi_and_destruction(b: Testbed) -> None:
    """INIT/SIPI: a vCPU is destroyed by another CPU while it gets one."""
    destroyed = b.flag("destroyed")
    t = b.tasklet("vlapic_init_sipi")
    t.before = lambda t: b.expect(not destroyed.read(), "a request is handled for a vCPU that has been destroyed")
    b.cpu(0, lambda: b.schedule(t))
    b.cpu(1, lambda: (b.kill(t), destroyed.write(1)))


# Next to each other.


@program((IRQ_CLIENT,))
def dpci_next_to_console(b: Testbed) -> None:
    """Dpci and the console ring on one CPU."""
    dpci(b, (0,))
    console(b, 0)


@program((IRQ_CLIENT,))
def dpci_next_to_stop_machine(b: Testbed) -> None:
    """A device interrupts a CPU that stop_machine stops."""
    dpci(b, (1,))
    stop_machine(b, (1,))


@program((IRQ_CLIENT,))
def dpci_next_to_microcode(b: Testbed) -> None:
    """A device interrupts a CPU that boot microcode update visits."""
    dpci(b, (1,))
    microcode(b, (1,))


@program((VCPU,))
def continuation_next_to_iommu(b: Testbed) -> None:
    """A hypercall continues on a CPU that cleans up page tables."""
    t = b.tasklet("continue_hypercall")
    iommu(b, timer=False)
    b.cpu(1, lambda: continue_on(b, t, 0))
    b.expect_cpus(t, 0)


CLAUSE = clause(
    "clients",
    "Each client of Xen (hypercall continuation, event channels, and so on) works as described there, alone and next to the others.",
    (
        dpci_one_cpu,
        dpci_two_cpus,
        dpci_plain_marks,
        event_by_timer,
        event_and_destruction,
        microcode_walk,
        microcode_same_cpu,
        microcode_three_cpus,
        continuation_twice,
        continuation_walk,
        stop_one,
        stop_two,
        debug_key_here,
        debug_key_elsewhere,
        debug_key_twice,
        console_one_cpu,
        trace_two_cpus,
        iommu_two_cpus,
        iommu_one_cpu,
        init_sipi,
        init_sipi_and_destruction,
        dpci_next_to_console,
        dpci_next_to_stop_machine,
        dpci_next_to_microcode,
        continuation_next_to_iommu,
    ),
    ALL,
)
