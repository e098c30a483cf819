"""Reduced searches against the unreduced one on random programs: memory, locks, lists, waits, sleep, interrupts.

RANDOM_PROGRAMS=3000 in the environment compares so many for each strategy: always the same ones.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from harness.search.search import LIMIT_REACHED, Limits, SearchResult, Strategy, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.source_dpor import SourceDpor
from tests.search import random_programs
from tests.search.traces import trace_of

PROGRAMS = int(os.environ.get("RANDOM_PROGRAMS", "20"))
LIMITS = Limits(executions=1_000, stop_at_failure=False)
# A program of which the unreduced search does not come to the end: about one in five. There is nothing to compare with.
TOO_LARGE = f"{LIMITS.executions} executions"


# For a few programs that are known to be no larger.
ENOUGH = Limits(executions=6_000, stop_at_failure=False)


def explore(program: random_programs.Program, strategy: Strategy, limits: Limits = LIMITS) -> tuple[SearchResult, Counter[object]]:
    """Search, and count how often each complete trace was executed."""
    traces: Counter[object] = Counter()

    def observe(engine: random_programs.ExploredEngine, _: SearchResult) -> None:
        if not engine.cut:
            traces[trace_of(engine)] += 1

    return search(random_programs.executed_program(program), strategy, limits, observers=[observe]), traces


@pytest.mark.parametrize("make", [OptimalDpor, SourceDpor, lambda: PreemptionBounded(50)], ids=["optimal", "source", "bounded"])
@settings(max_examples=PROGRAMS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(program=random_programs.programs)
def test_reduced_search_finds_every_trace(make: Callable[[], Strategy], program: random_programs.Program) -> None:
    """A reduced search finds the same traces, each once, and the same final states and failures as the unreduced one."""
    full, all_traces = explore(program, DepthFirst())
    if full.reached == TOO_LARGE:
        return
    reduced, traces = explore(program, make())
    # (That a loop counts its turns is found out by both.)
    assert (reduced.verdict, bool(reduced.unsure)) == (full.verdict, bool(full.unsure))
    assert full.unsure or full.verdict != LIMIT_REACHED
    assert traces.keys() == all_traces.keys()
    assert set(reduced.finals) == set(full.finals)
    assert make is not OptimalDpor or traces.total() == len(traces)


@pytest.mark.parametrize("make", [OptimalDpor, SourceDpor, lambda: PreemptionBounded(50)], ids=["optimal", "source", "bounded"])
@settings(max_examples=PROGRAMS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(program=random_programs.bit_programs)
def test_single_bits_commute_and_the_word_is_all_of_them(make: Callable[[], Strategy], program: random_programs.Program) -> None:
    """Whoever looks at the whole word, or at his own bit, finds every value that he does in the unreduced search."""
    full, all_traces = explore(program, DepthFirst())
    if full.reached == TOO_LARGE:
        return
    reduced, traces = explore(program, make())
    assert reduced.verdict == full.verdict != LIMIT_REACHED
    assert traces.keys() == all_traces.keys()
    assert set(reduced.finals) == set(full.finals)


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
