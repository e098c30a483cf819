"""The strategies against published counts, and against each other."""

from __future__ import annotations

import pytest

from harness.litmus.litmus_programs import LITMUS, Litmus, executed
from harness.machine.diagnosis import DEADLOCK
from harness.search.search import EXHAUSTED, FAILED, Limits, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.source_dpor import SourceDpor
from tests.search.traces import trace_of

ALL = Limits(stop_at_failure=False)
# What the unreduced search can do in a moment; tests/bench/litmus.py does the others.
SMALL = [litmus for litmus in LITMUS if 0 < litmus.interleavings < 15_000]
BOUNDED = [litmus for litmus in LITMUS if litmus.within and litmus.traces < 10_000]


def named(litmus: Litmus) -> str:
    """The test's name."""
    return litmus.name


@pytest.mark.parametrize("litmus", [litmus for litmus in LITMUS if litmus.traces < 10_000], ids=named)
def test_optimal_dpor_explores_each_trace_once(litmus: Litmus) -> None:
    """Optimal DPOR finds the published number of traces, no two of them the same, and no run is in vain."""
    traces = set()
    result = search(executed(litmus.arrange), OptimalDpor(), ALL, observers=[lambda engine, _: traces.add(trace_of(engine))])
    assert (result.executions, result.blocked, result.failures) == (litmus.traces, 0, litmus.deadlocks)
    assert len(traces) == litmus.traces
    assert result.verdict == (FAILED if litmus.deadlocks else EXHAUSTED)


@pytest.mark.parametrize("litmus", SMALL, ids=named)
def test_unreduced_search_explores_all_interleavings(litmus: Litmus) -> None:
    """The unreduced search finds the published number of interleavings, and the same traces and final states as both reduced ones."""
    traces: dict[str, set[object]] = {}
    results = {}
    for strategy in (DepthFirst(), OptimalDpor(), SourceDpor()):
        found = traces.setdefault(strategy.name, set())
        # A run that was blocked is no trace.
        keep = lambda engine, _, found=found: engine.cut or found.add(trace_of(engine))  # noqa: E731
        results[strategy.name] = search(executed(litmus.arrange), strategy, ALL, observers=[keep])
    full, optimal, source = results.values()
    assert full.executions == litmus.interleavings
    assert set(full.finals) == set(optimal.finals) == set(source.finals)
    assert len({frozenset(found) for found in traces.values()}) == 1
    assert source.executions == litmus.traces


@pytest.mark.parametrize("litmus", BOUNDED, ids=named)
def test_bounded_search_counts_traces_by_preemptions(litmus: Litmus) -> None:
    """With each bound, the bounded search finds the traces that need no more preemptions."""
    for bound in range(len(litmus.within)):
        strategy = PreemptionBounded(bound)
        result = search(executed(litmus.arrange), strategy, ALL)
        assert tuple(strategy.counts()) == litmus.within[: bound + 1]
        if bound + 1 < len(litmus.within):
            assert result.verdict in (f"exhausted within {bound} preemptions", FAILED)


@pytest.mark.parametrize("make", [DepthFirst, OptimalDpor, SourceDpor, lambda: PreemptionBounded(1)])
def test_deadlock_names_who_waits_and_who_holds(make: object) -> None:
    """Every exhaustive strategy finds the deadlock of two locks taken in opposite order, with one preemption."""
    ab_ba = next(litmus for litmus in LITMUS if litmus.name == "AB-BA")
    result = search(executed(ab_ba.arrange), make())  # type: ignore[operator]
    assert result.verdict == FAILED
    assert result.failure is not None
    assert result.failure.kind == DEADLOCK
    assert result.failure.message == "P0 waits for b, held by P1; P1 waits for a, held by P0; cycle: P0 → P1 → P0"
