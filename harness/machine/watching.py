"""Watches one execution: what ran on which CPU, who waited, who held which lock, and what became of the vCPUs.

It changes nothing of the execution. It wraps methods of the one machine that it watches, and looks at the clock before and after; other
machines do not know that there is such a thing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from greenlet import getcurrent

from harness.machine.diagnosis import Violation
from harness.machine.engine import Engine, Process
from harness.machine.interrupts import Cpu
from harness.machine.machine import Machine
from harness.machine.scheduler import Vcpu
from harness.machine.spectator import Arrow, CounterLevel, Recording, Slice
from stages.hypervisor import RCU_SOFTIRQ, SCHEDULE_SOFTIRQ, TIMER_SOFTIRQ, SpinLock

# Categories.
RUN, INTERRUPT, SOFTIRQ, WAIT, HOLD, RUNSTATE, REQUEST = "run", "interrupt", "softirq", "lock wait", "lock hold", "runstate", "schedule"
SOFTIRQS = {TIMER_SOFTIRQ: "TIMER", SCHEDULE_SOFTIRQ: "SCHEDULE", RCU_SOFTIRQ: "RCU"}
COUNTER = "scheduled, not yet run"

# (Start, name, category) of what has begun on a track and not ended.
Begun = tuple[int, str, str]


class Watch:
    """A spectator. `clock`: the time of a process; `most`: so many slices are kept."""

    def __init__(self, clock: Callable[[Process], int], most: int | None = None) -> None:
        self.clock = clock
        self.most = most
        self.left_out = 0
        self.slices: list[Slice] = []
        self.arrows: list[Arrow] = []
        self.levels: list[CounterLevel] = []
        self.machine: Machine | None = None
        self._begun: dict[str, list[Begun]] = {}
        # Where functions were asked for that have not run.
        self._asked: dict[str, tuple[str, int]] = {}
        # Who holds each lock, and since when; and when it was let go of last.
        self._held: dict[SpinLock, tuple[str, int]] = {}
        self._released: dict[SpinLock, int] = {}
        # The runstate of each vCPU, and since when.
        self._states: dict[Vcpu, tuple[str, int]] = {}
        self._latest = 0
        # The time at which a process was at fault, and its track. In the end, when everybody is done, nobody is.
        self.fault: tuple[str, int] | None = None

    # What the machine and a suite tell.

    def watch(self, machine: Machine) -> None:
        """See what a machine does from now on."""
        self.machine = machine
        it: Any = machine
        it._take_interrupt = self._around(machine._take_interrupt, "interrupt", INTERRUPT)
        machine.handlers = {nr: self._handler(nr, handler) for nr, handler in machine.handlers.items()}
        opened = machine.open_softirq
        it.open_softirq = lambda nr, handler: opened(nr, self._handler(nr, handler))
        self._watch_locks(machine)
        self._watch_vcpus(machine)
        self._watch_failures(machine.engine)

    def asks(self, function: str) -> None:
        track, time = self._here()
        if function not in self._asked:
            self._asked[function] = (track, time)
            self.levels.append(CounterLevel(COUNTER, time, len(self._asked)))
        self._begin(f"schedule {function}", REQUEST)

    def has_asked(self, function: str) -> None:
        self._end()

    def begins(self, function: str) -> None:
        track, time = self._here()
        if source := self._asked.pop(function, None):
            self.arrows.append(Arrow(function, source, (track, max(time, source[1]))))
            self.levels.append(CounterLevel(COUNTER, time, len(self._asked)))
        self._begin(function, RUN)

    def ends(self, function: str) -> None:
        self._end()

    # What is seen of the machine.

    def _handler(self, nr: int, handler: Callable[[], None]) -> Callable[[], None]:
        return self._around(handler, f"softirq {SOFTIRQS.get(nr, nr)}", SOFTIRQ)

    def _around(self, call: Callable[..., Any], name: str, category: str) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            self._begin(name, category)
            value = call(*arguments)
            self._end()
            return value

        return watched

    def _watch_locks(self, machine: Machine) -> None:
        it: Any = machine
        lock, taken, unlock = machine._lock, machine._has_taken, machine._unlock

        def watched_lock(wanted: SpinLock, irqs_off: bool) -> None:
            self._begin(f"waits for {wanted.name}", WAIT)
            since = self._here()[1]
            lock(wanted, irqs_off)
            # In time, others may be ahead: only now is it known whether somebody held it meanwhile.
            self._end(keep=self._released.get(wanted, since) > since)

        def watched_taken(got: SpinLock) -> None:
            self._held[got] = self._here()
            taken(got)

        def watched_unlock(let_go: SpinLock) -> None:
            unlock(let_go)
            self._let_go(let_go, self._here()[1])

        it._lock, it._has_taken, it._unlock = watched_lock, watched_taken, watched_unlock

    def _let_go(self, lock: SpinLock, time: int) -> None:
        if lock in self._held:
            holder, since = self._held.pop(lock)
            self._released[lock] = max(time, since)
            self._keep(Slice(f"lock {lock.name}", since, max(time, since), f"held by {holder}", HOLD))

    def _watch_vcpus(self, machine: Machine) -> None:
        it: Any = machine
        switch, candidates = machine._switch_to, machine._candidates

        def watched_switch(cpu: Cpu, following: Vcpu) -> None:
            previous = cpu.current
            switch(cpu, following)
            self._note(cpu, previous, following)

        def watched_candidates(cpu: Cpu) -> bool:
            found = candidates(cpu)
            self._note(cpu, cpu.current)
            return found

        def watched(call: Callable[[Vcpu], None]) -> Callable[[Vcpu], None]:
            def change(vcpu: Vcpu) -> None:
                self._note(machine.cpus[vcpu.cpu], vcpu)
                call(vcpu)
                self._note(machine.cpus[vcpu.cpu], vcpu)

            return change

        it._switch_to, it._candidates = watched_switch, watched_candidates
        it.vcpu_wake, it.vcpu_block, it.start_vcpu = map(watched, (machine.vcpu_wake, machine.vcpu_block, machine.start_vcpu))

    def _note(self, cpu: Cpu, *vcpus: Vcpu) -> None:
        """The runstates of vCPUs, as they are now."""
        time = self._here()[1]
        for vcpu in vcpus:
            state, since = self._states.get(vcpu, ("", time))
            if state != vcpu.runstate:
                # Who wakes another CPU's vCPU may be a little behind.
                now = max(time, since)
                self._was(vcpu, state, since, now)
                self._states[vcpu] = (vcpu.runstate, now)

    def _was(self, vcpu: Vcpu, state: str, since: int, now: int) -> None:
        if state and now > since:
            self._keep(Slice(f"vCPU {vcpu.name}", since, now, state, RUNSTATE))

    def _watch_failures(self, engine: Engine) -> None:
        it: Any = engine
        fail = engine.fail

        def watched_fail(violation: Violation) -> None:
            if engine.failure is None:
                at_work = engine.current.glet is getcurrent()
                self.fault = self._here() if at_work else None
            fail(violation)

        it.fail = watched_fail

    # Slices.

    def _here(self) -> tuple[str, int]:
        """The current process and its time."""
        assert self.machine is not None
        process = self.machine.engine.current
        time = self.clock(process)
        self._latest = max(self._latest, time)
        return process.name, time

    def _begin(self, name: str, category: str) -> None:
        track, time = self._here()
        self._begun.setdefault(track, []).append((time, name, category))

    def _end(self, keep: bool = True) -> None:
        track, time = self._here()
        start, name, category = self._begun[track].pop()
        if keep:
            self._keep(Slice(track, start, time, name, category))

    def _keep(self, seen: Slice) -> None:
        if self.most is not None and len(self.slices) >= self.most:
            self.left_out += 1
        else:
            self.slices.append(seen)

    def close(self, end: int | None = None) -> None:
        """The execution is over: what has begun, and has not ended, lasts to its end."""
        last = max(self._latest, end or 0)
        for track, begun in self._begun.items():
            while begun:
                start, name, category = begun.pop()
                self._keep(Slice(track, start, max(start, last), name, category))
        for lock in list(self._held):
            self._let_go(lock, last)
        for vcpu, (state, since) in self._states.items():
            self._was(vcpu, state, since, last)
        self._states.clear()

    def recording(self, unit: str, end: int | None = None) -> Recording:
        """What was seen. Tracks: CPUs, other processes, vCPUs, locks; each in the order in which they are numbered, or first seen."""
        processes = [] if self.machine is None else [process.name for process in self.machine.engine.processes]
        self.close(end)
        seen = dict.fromkeys(seen.track for seen in self.slices)
        vcpus, locks = ([track for track in seen if track.startswith(word)] for word in ("vCPU ", "lock "))
        own = {track: None for track in seen if track not in (*vcpus, *locks)}
        tracks = [*[name for name in processes if name in own or name.startswith("CPU")], *own, *sorted(vcpus), *sorted(locks)]
        found = Recording(unit, tuple(dict.fromkeys(tracks)), tuple(self.slices), tuple(self.arrows), tuple(self.levels))
        return replace(found, left_out=self.left_out)
