"""Guests as a load: scenario `idle-guests`, and `timer-only`, which leaves the devices out.

Twelve guests, each with passed-through VFs, on a machine of eight sockets: six use theirs heavily, six are idle. By default every vCPU has
a CPU of its own; the busy guests are on the first half of the sockets, the idle ones, which are observed, on the other. They share
nothing but the hypervisor's locks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.suite.arrival_traces import Trace, read_trace
from harness.suite.arrivals import ARRIVALS, Gaps, recorded
from harness.suite.load import MeasuredMachine
from harness.suite.parameters import COUNT, HZ, LIST, ParameterError, Window, parameter
from harness.tasklets.loads.guests import Guest, GuestVcpu, Host, TimerSource, VirtualFunction

TRACE = "trace"

# Whose vCPUs share CPUs, if several do.
IDLE, ALIKE, ACROSS = "idle", "alike", "across"


@dataclass(frozen=True)
class IdleGuests(Window):
    """What can be varied. The device rate is the one free parameter that is calibrated."""

    busy_vfs: tuple[int, ...] = parameter((1, 2, 3, 4, 2, 3), LIST, "VFs of each busy guest: one to four, as reported")
    idle_vfs: tuple[int, ...] = parameter((1, 2, 3, 4, 2, 3), LIST, "VFs of each idle guest: one to four, as reported")
    vcpus_per_guest: int = parameter(3, COUNT, "not reported: so that few VFs share a vCPU; the results depend on it", 1)
    vfs: int = parameter(0, COUNT, "if not 0, the number of VFs of every guest instead")
    sockets: int = parameter(0, COUNT, "the first so many sockets or dies, as many guests on each, half of them busy; 0: all")
    device_hz: int = parameter(22_000, HZ, "interrupts of a used VF: free, such that the baseline's idle guests lose a tenth", 1)
    device_arrivals: str = parameter("poisson", COUNT, "packets come at random", choices=(*ARRIVALS, TRACE))
    trace: str = parameter("", COUNT, "the file with the device interrupts, for device_arrivals=trace")
    unused_device_hz: int = parameter(10, HZ, "interrupts of an unused VF: link checks and the like, now and then", 1)
    tick_hz: int = parameter(1000, HZ, "HZ of the enterprise Linux kernels of the time", 1)
    other_hz: int = parameter(500, HZ, "other timers of a guest, and events of its back ends: fewer than ticks, not in step with them", 1)
    sharing: str = parameter(
        IDLE, COUNT, "who shares CPUs: idle guests' vCPUs; busy guests' too, each alike; or idle with busy", choices=(IDLE, ALIKE, ACROSS)
    )


@dataclass(frozen=True)
class TimerOnly(Window):
    """As `IdleGuests`, without devices."""

    guests: int = parameter(12, COUNT, "as many as in idle-guests, all idle", 1)
    vcpus_per_guest: int = parameter(6, COUNT, "nearly every CPU of the machine has one", 1)
    tick_hz: int = parameter(1000, HZ, "HZ of the enterprise Linux kernels of the time", 1)
    other_hz: int = parameter(500, HZ, "other timers of a guest, and events of its back ends: fewer than ticks, not in step with them", 1)


def put_idle_guests(run: MeasuredMachine, host: Host, parameters: IdleGuests) -> None:
    """Busy guests on one half of the machine, idle ones on the other."""
    nodes = run.nodes(parameters.sockets)
    half = max(1, len(nodes) // 2)
    trace = _trace(parameters)
    busy, idle = (run.part(vfs, nodes) for vfs in _vfs(parameters).values())
    each, share = parameters.vcpus_per_guest, parameters.vcpus_per_cpu
    if parameters.sharing == ACROSS:
        seats = run.seats(each * (len(busy) + len(idle)), nodes, share)
        busy_seats, idle_seats = seats[: each * len(busy)], seats[each * len(busy) :]
    else:
        busy_seats = run.seats(each * len(busy), nodes[:half], share if parameters.sharing == ALIKE else 1)
        idle_seats = run.seats(each * len(idle), nodes[half:] or nodes[:half], share)
    _guests(run, host, parameters, "busy", busy, busy_seats, trace)
    for guest in _guests(run, host, parameters, "idle", idle, idle_seats, trace):
        run.observed += guest.vcpus


def put_timer_only(run: MeasuredMachine, host: Host, parameters: TimerOnly) -> None:
    """Idle guests everywhere, with no VF."""
    # Neighbours in the list, which are vCPUs of different guests, share a CPU.
    vcpus, share = parameters.guests * parameters.vcpus_per_guest, parameters.vcpus_per_cpu
    seats = sorted(run.seats(vcpus, run.nodes(0), share))
    for index in range(parameters.guests):
        guest = Guest(host, f"idle{index}", seats[index :: parameters.guests], busy=False)
        for vcpu in guest.vcpus:
            add_timers(run, vcpu, parameters.tick_hz, parameters.other_hz)
        run.observed += guest.vcpus


def _guests(
    run: MeasuredMachine, host: Host, parameters: IdleGuests, kind: str, vfs: Sequence[int], seats: Sequence[int], trace: Trace | None
) -> list[Guest]:
    each = parameters.vcpus_per_guest
    hz = parameters.device_hz if kind == "busy" else parameters.unused_device_hz
    guests = []
    for index, count in enumerate(vfs):
        guest = Guest(host, f"{kind}{index}", seats[index * each : (index + 1) * each], kind == "busy")
        for vcpu in guest.vcpus:
            add_timers(run, vcpu, parameters.tick_hz, parameters.other_hz)
        for number in range(count):
            times = None if trace is None else trace[f"{kind}{index}", number]
            VirtualFunction(guest.vcpus[number % each], _device_gaps(run, parameters, hz, times))
        guests.append(guest)
    return guests


def add_timers(run: MeasuredMachine, vcpu: GuestVcpu, tick_hz: int, other_hz: int) -> None:
    """A guest's tick, and its other events; a busy guest computes from the start."""
    if vcpu.guest.busy:
        run.machine.start_vcpu(vcpu)
    TimerSource(vcpu, run.gaps("periodic", tick_hz))
    TimerSource(vcpu, run.gaps("poisson", other_hz))


def _device_gaps(run: MeasuredMachine, parameters: IdleGuests, hz: int, times: list[int] | None) -> Gaps:
    return run.gaps(parameters.device_arrivals, hz) if times is None else recorded([run.costs.from_us(time) for time in times])


def _trace(parameters: IdleGuests) -> Trace | None:
    if (parameters.device_arrivals == TRACE) != bool(parameters.trace):
        raise ParameterError("device_arrivals=trace and trace=FILE go together")
    if not parameters.trace:
        return None
    every = {f"{kind}{index}": count for kind, vfs in _vfs(parameters).items() for index, count in enumerate(vfs)}
    return read_trace(parameters.trace, every)


def _vfs(parameters: IdleGuests) -> dict[str, tuple[int, ...]]:
    """The VFs of each guest, by kind of guest."""
    both = {"busy": parameters.busy_vfs, "idle": parameters.idle_vfs}
    return {kind: (parameters.vfs,) * len(each) for kind, each in both.items()} if parameters.vfs else both
