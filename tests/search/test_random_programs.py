"""Reduced searches against the unreduced one on random programs: memory, locks, lists, waits, sleep, interrupts.

RANDOM_PROGRAMS=3000 in the environment compares so many for each strategy: always the same ones.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ARM, ENGINES, PSO, SC, TSO
from harness.search.search import EXHAUSTED, LIMIT_REACHED, Limits, SearchResult, Strategy, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.source_dpor import SourceDpor
from stages.hypervisor import NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ, RCU_SOFTIRQ, SCHEDULE_SOFTIRQ
from tests.search import random_programs
from tests.search.traces import trace_of

PROGRAMS = int(os.environ.get("RANDOM_PROGRAMS", "10"))
LIMITS = Limits(executions=1_000, stop_at_failure=False)


# For a few programs that are known to be no larger.
ENOUGH = Limits(executions=6_000, stop_at_failure=False)


def explore(program: random_programs.Program, strategy: Strategy, limits: Limits = LIMITS) -> tuple[SearchResult, Counter[object]]:
    """Search, and count how often each complete trace was executed."""
    traces: Counter[object] = Counter()

    def observe(engine: random_programs.ExploredEngine, _: SearchResult) -> None:
        if not engine.cut:
            traces[trace_of(engine)] += 1

    return search(random_programs.executed_program(program), strategy, limits, observers=[observe]), traces


# Where what a CPU finds decides what it does next.
DECIDING = "deciding"
# Locks that are taken, and tried.
TRYING = "trying"
# Barriers that order in one direction, and atomic operations that do not: nothing else than `litmus` where nobody reads older values.
ONE_WAY = "one-way"
KINDS = {
    "general": random_programs.programs,
    "bits": random_programs.bit_programs,
    # Looks, sleeps and kicks of idle CPUs, which commute in part.
    "sleep": random_programs.sleep_programs,
    "waits": random_programs.wait_programs,
    "litmus": random_programs.litmus_programs,
    ONE_WAY: random_programs.view_programs,
    DECIDING: random_programs.deciding_programs,
    TRYING: random_programs.trying_programs,
}
REDUCED: dict[str, Callable[[type[ExploredEngine]], Strategy]] = {
    "optimal": OptimalDpor,
    "source": SourceDpor,
    "bounded": lambda engine: PreemptionBounded(50, engine),
}


def compare(model: str, program: random_programs.Program, strategy: str, limits: Limits = LIMITS) -> bool:
    """A reduced search finds the same traces, each once, and the same final states and failures as the unreduced one.

    False: the unreduced one does not come to its end (of about one program in five), and there is nothing to compare with.
    """
    full, all_traces = explore(program, DepthFirst(ENGINES[model]), limits)
    if full.reached == f"{limits.executions} executions":
        return False
    reduced, traces = explore(program, REDUCED[strategy](ENGINES[model]), limits)
    # (That a loop counts its turns is found out by both.)
    assert (reduced.verdict, bool(reduced.unsure)) == (full.verdict, bool(full.unsure))
    assert full.unsure or full.verdict != LIMIT_REACHED
    assert traces.keys() == all_traces.keys()
    assert set(reduced.finals) == set(full.finals)
    assert strategy != "optimal" or traces.total() == len(traces)
    return True


@pytest.mark.parametrize("strategy", REDUCED)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (ONE_WAY, DECIDING, TRYING)])
@settings(max_examples=PROGRAMS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reduced_search_finds_every_trace(kind: str, strategy: str, data: st.DataObject) -> None:
    """Under sequential consistency."""
    compare(SC, data.draw(KINDS[kind]), strategy)


# Under a weak model there are many more orders, and a search without a reduction takes long.
@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (TSO, "general"),
        (TSO, "waits"),
        (TSO, "litmus"),
        (PSO, "litmus"),
        (ARM, ONE_WAY),
        (SC, DECIDING),
        (ARM, DECIDING),
        (SC, TRYING),
        (ARM, TRYING),
    ],
)
@settings(max_examples=PROGRAMS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reduced_search_finds_every_trace_of_this_kind(model: str, kind: str, data: st.DataObject) -> None:
    """Under this memory model; of the smallest kind by every strategy."""
    program = data.draw(KINDS[kind])
    for strategy in REDUCED if kind in ("litmus", ONE_WAY) else ("optimal",):
        compare(model, program, strategy)


def test_an_interrupt_hides_nothing_that_waits_for_stores() -> None:
    """An operation that was kept from coming first may still do so after a later arrival of its CPU's stores, whatever came before that."""
    cpu0 = [("write", 1, 0), ("write", 1, 1), ("interrupt", 0, [])]
    program = ([cpu0, [("write", 1, 2), ("read", 1)]], [("interrupt", 0, [])])
    full, all_traces = explore(program, DepthFirst(ENGINES[TSO]), ENOUGH)
    assert full.verdict == EXHAUSTED
    for make in (OptimalDpor, SourceDpor):
        reduced, traces = explore(program, make(ENGINES[TSO]), ENOUGH)
        assert traces.keys() == all_traces.keys()
        assert set(reduced.finals) == set(full.finals)
        assert reduced.executions == len(traces)


@pytest.mark.parametrize("model", ENGINES)
def test_an_interrupt_that_was_pending_already_is_in_no_order_with_the_end_of_a_wait(model: str) -> None:
    """CPU 1 is interrupted by itself and by others, and waits for a value that is there: nothing explored takes its place."""
    irq = ("interrupt", 1, [])
    program = ([[irq, ("write", 1, 0)], [irq, ("await", 1, 0)]], [irq])
    _, all_traces = explore(program, DepthFirst(ENGINES[model]), ENOUGH)
    reduced, traces = explore(program, OptimalDpor(ENGINES[model]), ENOUGH)
    assert traces.keys() == all_traces.keys()
    assert (reduced.verdict, reduced.executions, reduced.blocked) == (EXHAUSTED, 47, 0)


@pytest.mark.parametrize("model", ENGINES)
def test_two_that_turn_out_to_change_nothing_are_in_no_order(model: str) -> None:
    """Each was announced as a write, so that both orders were to be explored: when one has only read, the other order is dropped."""
    cpu = [("write", 0, 1), ("cas", 0, 0, 0)]
    program = ([cpu, cpu], [("interrupt", 1, [])])
    _, all_traces = explore(program, DepthFirst(ENGINES[model]), ENOUGH)
    reduced, traces = explore(program, OptimalDpor(ENGINES[model]), ENOUGH)
    assert traces.keys() == all_traces.keys()
    assert (reduced.executions, reduced.blocked) == (12, 0)


@pytest.mark.parametrize("model", ENGINES)
def test_who_looks_at_a_lock_before_it_is_taken_may_look_afterwards(model: str) -> None:
    """CPU 0 frees the lock, and looks whether it is held, while CPU 1 tries it in vain and takes it later."""
    program = ([[("try", 0, []), ("held", 0)], [("try", 0, []), ("locked", 0, [])]], [])
    full, all_traces = explore(program, DepthFirst(ENGINES[model]), ENOUGH)
    for make in (OptimalDpor, SourceDpor):
        reduced, traces = explore(program, make(ENGINES[model]), ENOUGH)
        assert traces.keys() == all_traces.keys()
        assert set(reduced.finals) == set(full.finals)
        assert (reduced.verdict, reduced.blocked) == (EXHAUSTED, 0)


def test_a_loop_that_has_seen_a_lock_change_hands_goes_on() -> None:
    """Two turns that look whether it is held are not the same because nobody has written anything else in between."""
    program = ([[("poll", 0, 1, [("held", 0)])], [("locked", 0, []), ("write", 0, 1)]], [])
    result, _ = explore(program, OptimalDpor(), ENOUGH)
    seen = {registers[0] for _, registers in result.finals}
    assert result.verdict == EXHAUSTED
    assert {str([True, *[False] * turns]) for turns in range(6)} < seen


@pytest.mark.parametrize("model", [SC, ARM])
def test_a_branch_that_is_not_taken_hides_no_trace(model: str) -> None:
    """Only what is written where the exchange succeeds leads to the write of CPU 0 from there; the interrupt comes before that."""
    free = ("write", 1, 0)
    taken = [("if cas", 1, 0, 1, [("write", 0, 2), free])]
    program = ([[("write", 0, 2)], taken, [("if cas", 1, 0, 1, [free])]], [("interrupt", 0, [])])
    _, all_traces = explore(program, DepthFirst(ENGINES[model]), ENOUGH)
    reduced, traces = explore(program, OptimalDpor(ENGINES[model]), ENOUGH)
    assert traces.keys() == all_traces.keys()
    assert (reduced.verdict, reduced.executions, reduced.blocked) == (EXHAUSTED, len(traces), 0)


def test_choices_past_the_step_limit_are_none() -> None:
    """Under arm, what two CPUs read by choice when they go on in turn suggests nothing."""
    cpu = [("read", 0), ("write", 0, 1), ("read", 0), ("write", 0, 2), ("read", 0)]
    limits = Limits(executions=20, steps=4, stop_at_failure=False)
    for make in (OptimalDpor, SourceDpor):
        found, _ = explore(([cpu, cpu], []), make(ENGINES[ARM]), limits)
        assert found.endless


KICK = ("kick", 0, RCU_SOFTIRQ)
# Programs, and how many traces each has.
COMMUTING: dict[str, tuple[random_programs.Program, int]] = {
    # Raised before interrupts are on again, or after: it makes no difference.
    "interrupts are off": (([[("irqs off", [("read", 0)])], [("write", 1, 1)]], [("interrupt", 0, [("write", 0, 1)])]), 2),
    # Kicked before the look or after it: it does not sleep.
    "kicked on the way to sleep": (([[("sleep", 0), ("softirqs",)], [KICK]], []), 1),
    "kicked on the way to sleep, or before": (([[("softirqs",), ("sleep", 0)], [KICK]], []), 2),
    "work without a kick": (([[("sleep", 0)], [("write", 0, 1)]], []), 2),
    "work, then a kick": (([[("sleep", 0)], [("write", 0, 1), KICK]], []), 2),
    # SCHEDULE comes first, whether another one is pending or not.
    "a higher softirq": (([[("kick", 0, SCHEDULE_SOFTIRQ), ("softirqs",)], [KICK]], []), 2),
    "a lower softirq": (([[KICK, ("softirqs",)], [("kick", 0, SCHEDULE_SOFTIRQ)]], []), 3),
    "a lower one of the others": (([[KICK, ("softirqs",)], [("kick", 0, NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ)]], []), 5),
    "a higher bit": (([[("bit", "set_bit", 0), ("lowest bit",)], [("bit", "set_bit", 1)]], []), 1),
    "a lower bit": (([[("bit", "set_bit", 1), ("lowest bit",)], [("bit", "set_bit", 0)]], []), 2),
}


@pytest.mark.parametrize("name", COMMUTING)
def test_the_reduction_knows_what_commutes(name: str) -> None:
    """What makes no difference is no trace of its own, and all that an unreduced search finds is found."""
    program, count = COMMUTING[name]
    full, _ = explore(program, DepthFirst(), ENOUGH)
    for make in (OptimalDpor, SourceDpor):
        reduced, traces = explore(program, make(), ENOUGH)
        assert (len(traces), reduced.executions) == (count, count)
        assert set(reduced.finals) == set(full.finals)


WRITTEN = [("write", 1, 1)]
IRQ = ("interrupt", 0, WRITTEN)
ON = ("write", 0, 1)
OFF = ("write", 0, 0)
AWAIT = ("await", 0, 1)
# CPU 0 waits and is interrupted by who made its wait end, or kept it from ending.
INTERRUPTED: dict[str, tuple[random_programs.Program, int]] = {
    "came and went": (([[AWAIT], [ON, OFF, IRQ]], []), 2),
    "was there": (([[("await", 0, 0), ("read", 1)], [ON, IRQ]], []), 3),
    "came and went twice": (([[AWAIT], [ON, OFF, IRQ, ON, OFF, IRQ]], []), 4),
    "from elsewhere": (([[AWAIT], [ON, OFF]], [IRQ]), 3),
    "under a lock that it waits for": (([[("locked", 0, WRITTEN)], [("locked", 0, [IRQ])]], []), 2),
    "twice under a lock": (([[("locked", 0, [("read", 1)])], [("locked", 0, [IRQ, IRQ])]], []), 3),
}


@pytest.mark.parametrize("turned", [False, True], ids=["first", "last"])
@pytest.mark.parametrize("name", INTERRUPTED)
def test_an_interrupt_hides_no_end_of_a_wait(name: str, turned: bool) -> None:
    """A wait that would have ended before an interrupt was raised is found to, whichever CPU comes first."""
    program, count = INTERRUPTED[name]
    if turned:
        program = random_programs.turned(program)
    (_, all_traces), *reduced = (explore(program, make(), ENOUGH) for make in (DepthFirst, OptimalDpor, SourceDpor))
    assert len(all_traces) == count
    for result, traces in reduced:
        assert traces.keys() == all_traces.keys()
        assert result.executions == count


READ_Y = ("read", 1)
OTHERS = {
    "two writes": [[("write", 0, 1), ("write", 0, 2)]],
    "there and back": [[("write", 0, 1), ("write", 0, 0), ("write", 0, 2)]],
    "two writers": [[("write", 0, 1)], [("write", 0, 2)]],
    "both locations": [[("write", 1, 1), ("write", 0, 2)], [("write", 0, 1)]],
}


@pytest.mark.parametrize("turn", [[], [READ_Y], [READ_Y, READ_Y]], ids=["no more", "one read more", "two reads more"])
@pytest.mark.parametrize("others", OTHERS)
def test_a_loop_that_does_more_than_look_hides_no_trace(others: str, turn: list[random_programs.Op]) -> None:
    """Whether a turn repeats the last one is the same in all orders of a trace, also if a write comes between its look and its end."""
    program = ([[("poll", 0, 2, turn)], *OTHERS[others]], [])
    (full, all_traces), *reduced = (explore(program, make(), ENOUGH) for make in (DepthFirst, OptimalDpor, SourceDpor))
    assert full.verdict != LIMIT_REACHED
    assert not full.reached.endswith("executions")
    for result, traces in reduced:
        assert traces.keys() == all_traces.keys()
        assert set(result.finals) == set(full.finals)
        assert result.executions == len(all_traces)
