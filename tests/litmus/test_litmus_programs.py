"""The strategies against published counts, and against each other."""

from __future__ import annotations

import pytest

from harness.explored.models import ARM, ENGINES, PSO, TSO
from harness.litmus.litmus_programs import NO_STAGE, THREADS, ab_ba, executed
from harness.litmus.litmus_suite import PROGRAMS
from harness.machine.diagnosis import DEADLOCK
from harness.search.search import EXHAUSTED, FAILED, Execute, Limits, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.source_dpor import SourceDpor
from harness.suite.program import Known, Program
from tests.search.traces import trace_of

ALL = Limits(stop_at_failure=False)


def known_of(program: Program) -> Known:
    """What is known of it: every litmus program has that."""
    assert program.known is not None
    return program.known


def run_by(program: Program) -> Execute:
    """What a search executes."""
    return lambda engine: program.execute(NO_STAGE, THREADS, engine)


FEW = [program for program in PROGRAMS if known_of(program).traces < 10_000]
# What the unreduced search can do in a moment; tests/bench/litmus.py does the others.
SMALL = [program for program in FEW if 0 < (known_of(program).interleavings or 0) < 15_000]
WEAK = [program for program in FEW if known_of(program).traces < 100]
BOUNDED = [program for program in FEW if known_of(program).within]


def named(program: Program) -> str:
    """The test's name."""
    return program.name


@pytest.mark.parametrize("program", FEW, ids=named)
def test_optimal_dpor_explores_each_trace_once(program: Program) -> None:
    """Optimal DPOR finds the published number of traces, no two of them the same, and no run is in vain."""
    known = known_of(program)
    traces = set()
    result = search(run_by(program), OptimalDpor(), ALL, observers=[lambda engine, _: traces.add(trace_of(engine))])
    assert (result.executions, result.blocked, result.failures) == (known.traces, 0, known.deadlocks)
    assert len(traces) == known.traces
    assert result.verdict == (FAILED if known.deadlocks else EXHAUSTED)


@pytest.mark.parametrize("model", [TSO, PSO, ARM])
@pytest.mark.parametrize("program", WEAK, ids=named)
def test_optimal_dpor_under_a_weak_memory_model(program: Program, model: str) -> None:
    """It finds the known number of traces, no two of them the same, and no run is in vain."""
    known = known_of(program).under(model)
    traces = set()
    result = search(run_by(program), OptimalDpor(ENGINES[model]), ALL, observers=[lambda engine, _: traces.add(trace_of(engine))])
    assert (result.executions, result.blocked, result.failures) == (known.traces, 0, known.deadlocks)
    assert len(traces) == known.traces


@pytest.mark.parametrize("program", SMALL, ids=named)
def test_unreduced_search_explores_all_interleavings(program: Program) -> None:
    """The unreduced search finds the published number of interleavings, and the same traces and final states as both reduced ones."""
    known = known_of(program)
    traces: dict[str, set[object]] = {}
    results = {}
    for strategy in (DepthFirst(), OptimalDpor(), SourceDpor()):
        found = traces.setdefault(strategy.name, set())
        # A run that was blocked is no trace.
        keep = lambda engine, _, found=found: engine.cut or found.add(trace_of(engine))  # noqa: E731
        results[strategy.name] = search(run_by(program), strategy, ALL, observers=[keep])
    full, optimal, source = results.values()
    assert full.executions == known.interleavings
    assert set(full.finals) == set(optimal.finals) == set(source.finals)
    assert len({frozenset(found) for found in traces.values()}) == 1
    assert source.executions == known.traces


@pytest.mark.parametrize("program", BOUNDED, ids=named)
def test_bounded_search_counts_traces_by_preemptions(program: Program) -> None:
    """With each bound, the bounded search finds the traces that need no more preemptions."""
    known = known_of(program)
    for bound in range(len(known.within)):
        strategy = PreemptionBounded(bound)
        result = search(run_by(program), strategy, ALL)
        assert tuple(strategy.counts()) == known.within[: bound + 1]
        if bound + 1 < len(known.within):
            assert result.verdict in (f"exhausted within {bound} preemptions", FAILED)


@pytest.mark.parametrize("make", [DepthFirst, OptimalDpor, SourceDpor, lambda: PreemptionBounded(1)])
def test_deadlock_names_who_waits_and_who_holds(make: object) -> None:
    """Every exhaustive strategy finds the deadlock of two locks taken in opposite order, with one preemption."""
    result = search(executed(ab_ba), make())  # type: ignore[operator]
    assert result.verdict == FAILED
    assert result.failure is not None
    assert result.failure.kind == DEADLOCK
    assert result.failure.message == "P0 waits for b, held by P1; P1 waits for a, held by P0; cycle: P0 → P1 → P0"
