"""Several vCPUs on one CPU: time slices, priorities, credits and runstates, on scenes that can be calculated by hand."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.machine.interrupts import Cpu
from harness.machine.scheduler import BLOCKED, RUNNABLE, RUNNING, Vcpu
from harness.measure.costs import CostTable
from harness.measure.measured_run import MeasuredRun
from harness.measure.settings import Settings
from harness.suite.parameters import Window, with_texts
from harness.tasklets.loads.guests import Guest, GuestVcpu, GuestWork, Host, VirtualFunction
from harness.tasklets.loads.idle_guests import ACROSS, ALIKE, IDLE, IdleGuests
from harness.tasklets.loads.scenarios import LOADS
from harness.timed.accounting import AccountingMachine
from harness.timed.credit import BOOST, OVER, UNDER
from harness.timed.timed_engine import TimedEngine
from stages import FIXED

STAGES = [stage.module for stage in FIXED.stages]

# Cycles; the profile `uniform` has 1000 MHz.
US = 1000
MS = 1000 * US
SLICE = 30 * MS

# An interrupt, a softirq or two, the scheduler and a switch: more than they take.
SWITCHING = 10 * US


class Noted(AccountingMachine):
    """A machine that notes who is switched in, and when."""

    def __init__(self, engine: TimedEngine, ratelimit_us: int = 0) -> None:
        self.switches: list[tuple[int, str]] = []
        super().__init__(engine, 2, ratelimit_us * US)

    def _switch_to(self, cpu: Cpu, following: Vcpu) -> None:
        if cpu.number == 0 and following is not cpu.current:
            self.switches.append((self.engine.now(), following.name))
        super()._switch_to(cpu, following)


class Stand:
    """CPU 0 with vCPUs of guests of their own, the busy ones started, in this order."""

    def __init__(self, end_ms: int, ratelimit_us: int = 0, slice_us: int = 30_000, module: str = STAGES[1], **busy: bool) -> None:
        costs = CostTable("uniform", {"time_slice": slice_us})
        self.end = end_ms * MS
        self.machine = Noted(TimedEngine(costs.caches(), costs.cycles, end=self.end), ratelimit_us)
        self.host = Host(self.machine, importlib.import_module(module), costs.cycles)  # type: ignore[arg-type]
        self.vcpus: dict[str, GuestVcpu] = {name: Guest(self.host, name, [0], is_busy).vcpus[0] for name, is_busy in busy.items()}
        for vcpu in self.vcpus.values():
            if vcpu.guest.busy:
                self.machine.start_vcpu(vcpu)

    def at(self, time: int, event: Any) -> None:
        """Have an event happen."""
        self.machine.timed.at(time, event)

    def wake(self, name: str, time: int, work: int) -> None:
        """An interrupt on CPU 0 gives a vCPU something to do."""
        vcpu = self.vcpus[name]

        def handler() -> None:
            vcpu.jobs.append(GuestWork(work))
            vcpu.kick()

        self.at(time, lambda: self.host.interrupt(0, handler, time))

    def play(self) -> dict[str, GuestVcpu]:
        """Run to the end; every vCPU's account is exact."""
        engine = self.machine.timed
        engine.run()
        engine.close()
        assert engine.failure is None
        self.machine.settle(list(self.vcpus.values()), self.end)
        for vcpu in self.vcpus.values():
            assert sum(vcpu.times.values()) == vcpu.since == self.end
        return self.vcpus


def test_two_busy_vcpus_alternate() -> None:
    """They change places every 30 ms and the time of a switch; each is RUNNABLE for half of the time, and never BLOCKED."""
    stand = Stand(240, a=True, b=True)
    a, b = stand.play().values()
    times = [time for time, _ in stand.machine.switches]
    assert [name for _, name in stand.machine.switches] == ["bv0", "av0"] * 3 + ["bv0"]
    assert all(SLICE <= after - before < SLICE + SWITCHING for before, after in zip([0, *times], times, strict=False))
    for vcpu in (a, b):
        assert vcpu.times[BLOCKED] == 0
        assert vcpu.times[RUNNABLE] == pytest.approx(120 * MS, abs=7 * SWITCHING)
    assert a.times[RUNNING] == b.times[RUNNABLE]


def test_three_busy_vcpus_take_turns() -> None:
    """With three of them, each waits for two slices."""
    stand = Stand(180, a=True, b=True, c=True)
    for vcpu in stand.play().values():
        assert vcpu.times[RUNNABLE] == pytest.approx(120 * MS, abs=6 * SWITCHING)


def test_the_time_slice_is_a_cost() -> None:
    """Halved, they alternate twice as often."""
    stand = Stand(61, slice_us=15_000, a=True, b=True)
    stand.play()
    assert [time // MS for time, _ in stand.machine.switches] == [15, 30, 45, 60]


def test_a_vcpu_alone_has_no_time_slice() -> None:
    """Nobody waits, so nothing happens: no timer interrupt, no switch."""
    stand = Stand(100, a=True, b=False)
    a, b = stand.play().values()
    assert stand.machine.switches == []
    assert stand.machine.counts["softirq 1 raised"] == 0
    assert a.times[RUNNING] == b.times[BLOCKED] == 100 * MS


def test_a_woken_vcpu_preempts() -> None:
    """As UNDER it is boosted: RUNNABLE for no longer than a switch takes, and back to the other when its work is done."""
    stand = Stand(20, a=True, b=False)
    stand.wake("b", 5 * MS, 2 * MS)
    a, b = stand.play().values()
    assert b.priority == BOOST
    assert 0 < b.times[RUNNABLE] < SWITCHING
    assert b.times[RUNNING] == pytest.approx(2 * MS, abs=SWITCHING)
    assert a.times[RUNNABLE] == pytest.approx(2 * MS, abs=2 * SWITCHING)
    assert [name for _, name in stand.machine.switches] == ["bv0", "av0"]


@pytest.mark.parametrize(("wakes_at", "waits"), [(100 * US, 900 * US), (5 * MS, 0)])
def test_the_rate_limit(wakes_at: int, waits: int) -> None:
    """Who was switched in less than a millisecond ago is not preempted until then."""
    stand = Stand(20, 1000, a=True, b=False)
    stand.wake("b", wakes_at, 2 * MS)
    assert stand.play()["b"].times[RUNNABLE] == pytest.approx(waits, abs=SWITCHING)


def test_over_waits_for_the_time_slice() -> None:
    """A vCPU in debt that wakes up is not boosted: it waits until the other's slice ends."""
    stand = Stand(40, a=True, b=False)
    stand.vcpus["b"].priority = OVER
    stand.wake("b", 5 * MS, 2 * MS)
    assert stand.play()["b"].times[RUNNABLE] == pytest.approx(25 * MS, abs=SWITCHING)


def test_who_owes_sits_out() -> None:
    """A debt of a whole period is paid by half of each: at the end of its slice after 60 ms the other goes on, after 90 ms no more."""
    stand = Stand(95, a=True, b=True)
    stand.vcpus["a"].credits = -90 * MS
    stand.play()
    assert [(time // MS, name) for time, name in stand.machine.switches] == [(30, "bv0"), (90, "av0")]


@pytest.mark.parametrize(("wakes_at", "waits"), [(7 * MS, 28 * MS), (12 * MS, 0)])
def test_a_boost_ends_at_the_next_tick(wakes_at: int, waits: int) -> None:
    """Boosted at 5 ms, a vCPU is not preempted by another boosted one at 7 ms, but at 12 ms, after the tick at 10 ms."""
    stand = Stand(50, a=True, b=False, c=False)
    stand.wake("b", 5 * MS, 40 * MS)
    stand.wake("c", wakes_at, 1 * MS)
    assert stand.play()["c"].times[RUNNABLE] == pytest.approx(waits, abs=2 * SWITCHING)


def test_credits_by_hand() -> None:
    """After a period of 30 ms, of which one ran 28 and the other 2: 15 for each, so one owes 13 and the other has 13."""
    stand = Stand(31, a=True, b=False)
    stand.wake("b", 5 * MS, 2 * MS)
    seen: list[tuple[int, int]] = []
    stand.at(SLICE + 1, lambda: seen.extend((vcpu.credits, vcpu.priority) for vcpu in stand.vcpus.values()))
    stand.play()
    (a, a_is), (b, b_is) = seen
    assert (a, b) == (pytest.approx(-13 * MS, abs=2 * SWITCHING), pytest.approx(13 * MS, abs=2 * SWITCHING))
    assert (a_is, b_is) == (OVER, UNDER)


def test_nobody_saves_more_than_a_period() -> None:
    """One that hardly runs gets its share again and again, up to a period's worth; one that never runs gets none."""
    stand = Stand(130, a=True, b=False, c=False)
    for period in range(4):
        stand.wake("b", period * SLICE + 5 * MS, 1 * MS)
    stand.play()
    assert SLICE - 2 * MS < stand.vcpus["b"].credits <= SLICE
    assert stand.vcpus["c"].credits == 0
    assert stand.vcpus["a"].credits >= -2 * SLICE


@pytest.mark.parametrize("module", STAGES)
def test_an_interrupt_for_a_vcpu_that_waits(module: str) -> None:
    """It is taken on the CPU of its vCPU, on the account of the one that is running; the vCPU handles it in its own slice."""
    stand = Stand(70, module=module, a=True, b=True)
    a, b = stand.vcpus.values()
    vf = VirtualFunction(b, _once(5 * MS))
    seen: list[tuple[bool, str]] = []
    stand.at(29 * MS, lambda: seen.append((vf.masked, b.runstate)))
    stand.play()
    assert stand.machine.stage_time[a] > 1500
    assert b not in stand.machine.stage_time
    assert seen == [(True, RUNNABLE)]
    assert len(stand.host.irq_latencies) == 1
    assert stand.host.irq_latencies[0] < SWITCHING
    assert not vf.masked


@pytest.mark.parametrize("module", STAGES)
def test_an_interrupt_for_a_vcpu_that_sleeps(module: str) -> None:
    """Its injection wakes the vCPU, which preempts the one that has paid for it."""
    stand = Stand(20, module=module, a=True, b=False)
    a, b = stand.vcpus.values()
    VirtualFunction(b, _once(5 * MS))
    stand.play()
    assert stand.machine.stage_time[a] > 1500
    assert b.runstate == BLOCKED
    # Its work, and a switch.
    assert b.times[RUNNING] == pytest.approx(10 * US, abs=SWITCHING)
    assert 0 < b.times[RUNNABLE] < SWITCHING


def _once(time: int) -> Any:
    times = iter([time])
    return lambda: next(times, 1 << 60)


# All scenarios.


def _crowded(name: str, each: int, sharing: str, ratelimit: int, slice_us: int, stage: int, seed: int) -> tuple[MeasuredRun, Host]:
    """A short run of a load, every vCPU of which is observed."""
    kind = LOADS[name].parameters
    texts = {"vcpus_per_cpu": each, "ratelimit_us": ratelimit, "warmup_us": 0, "length_us": 1500}
    if issubclass(kind, IdleGuests):
        texts["sharing"] = sharing  # type: ignore[assignment]
    parameters: Window = with_texts(kind(), [(key, str(value)) for key, value in texts.items()])
    made = MeasuredRun(parameters, Settings(overrides=(("time_slice", slice_us),)), seed)
    host = LOADS[name].build(made, importlib.import_module(STAGES[stage]), parameters)
    assert isinstance(host, Host)
    made.observed[:] = [vcpu for guest in host.guests for vcpu in guest.vcpus]
    return made, host


@settings(max_examples=15, deadline=None)
@given(
    name=st.sampled_from(list(LOADS)),
    each=st.integers(1, 4),
    sharing=st.sampled_from([IDLE, ALIKE, ACROSS]),
    ratelimit=st.sampled_from([0, 50, 1000]),
    slice_us=st.sampled_from([60, 300, 30_000]),
    stage=st.integers(0, 5),
    seed=st.integers(0, 1000),
)
def test_runstates_add_up_everywhere(name: str, each: int, sharing: str, ratelimit: int, slice_us: int, stage: int, seed: int) -> None:
    """In every scenario each vCPU's runstates add up to the virtual time, to the cycle; two never run at once, and none is lost."""
    made, host = _crowded(name, each, sharing, ratelimit, slice_us, stage, seed)
    made.observe(host, ())
    machine = made.machine
    machine.settle([cpu.idle for cpu in machine.cpus], made.end)
    # What a CPU was in the midst of at the end: some 10,000 cycles, or the 20,000 of stop_machine.
    longest = 30_000
    for vcpu in made.observed:
        assert sum(vcpu.times.values()) == vcpu.since
        assert made.end <= vcpu.since < made.end + longest
    for cpu in machine.cpus:
        sharers = machine.vcpus[cpu.number]
        assert len(sharers) <= each
        assert sum(vcpu.times[RUNNING] for vcpu in (*sharers, cpu.idle)) < made.end + longest
        assert [vcpu for vcpu in sharers if vcpu.runstate == RUNNING] == [cpu.current] * (
            cpu.current.runstate == RUNNING and cpu.current is not cpu.idle
        )
        assert {id(vcpu) for vcpu in cpu.runnable} == {id(vcpu) for vcpu in sharers if vcpu.runstate == RUNNABLE}
        assert [vcpu.priority for vcpu in cpu.runnable] == sorted(vcpu.priority for vcpu in cpu.runnable)


@pytest.mark.parametrize(
    ("sharing", "idle", "busy"), [(IDLE, {"idle"}, {"busy"}), (ALIKE, {"idle"}, {"busy"}), (ACROSS, {"idle", "busy"}, {"idle", "busy"})]
)
def test_who_shares(sharing: str, idle: set[str], busy: set[str]) -> None:
    """Idle guests' vCPUs share a CPU with those of other idle guests, or with busy ones."""
    made, _ = _crowded("idle-guests", 2, sharing, 0, 30_000, 0, 0)
    for sharers in made.machine.vcpus:
        kinds = {vcpu.name[:4] for vcpu in sharers}
        assert kinds in (set(), idle, busy)
        assert len(sharers) in ((0, 1, 2) if sharing == IDLE else (0, 2))
        assert len({vcpu.name.partition("v")[0] for vcpu in sharers}) == len(sharers)
    assert sum(map(len, made.machine.vcpus)) == 36


def test_a_slice_of_nothing() -> None:
    """A time slice of 0 is an error that names it."""
    with pytest.raises(ValueError, match="time_slice is less than 1 µs"):
        CostTable("uniform", {"time_slice": 0})
