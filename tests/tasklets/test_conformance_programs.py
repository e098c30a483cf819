"""Optimal DPOR on real programs: nothing that random walks come across is missing, nothing is explored twice."""

from __future__ import annotations

import random
from importlib import import_module
from typing import cast

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.search.search import EXHAUSTED, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.random_walks import RandomWalk
from harness.tasklets.contract import CLAUSES
from stages import FIXED
from stages.api import StageModule
from tests.search.traces import trace_of

WALKS = 60
CASES = [
    ("no-lost-schedule", "softirq", 5),
    ("kill-quiesces", "vcpu", 4),
    ("wakeup", "vcpu", 0),
    ("irq-context", "softirq", 3),
    ("hotplug", "softirq", 2),
]


@pytest.mark.parametrize(("clause", "kind", "stage"), CASES)
def test_walks_find_nothing_new(clause: str, kind: str, stage: int) -> None:
    """Each trace that a random walk happens on is among those that the search has found, each once, in no vain run."""
    module = cast(StageModule, import_module(FIXED.stages[stage].module))
    for program in CLAUSES[clause].programs_for(kind):
        traces = set()

        def execute(engine: ExploredEngine, program=program) -> None:  # type: ignore[no-untyped-def]
            program.execute(module, kind, engine)

        result = search(execute, OptimalDpor(), observers=[lambda engine, _, traces=traces: traces.add(trace_of(engine))])
        assert (result.verdict, result.blocked, result.executions) == (EXHAUSTED, 0, len(traces)), program.name
        rng = random.Random(1)
        for _ in range(WALKS):
            engine = ExploredEngine(RandomWalk(rng))
            execute(engine)
            assert trace_of(engine) in traces, program.name
