"""What lies beyond the failure that ended the search of a clause: data races, for `no-races`, and which other programs fail.

A clause is violated whatever else its programs do; that nobody races, and that no other program fails, needs all of their executions. They
are searched again, as far as a budget of its own goes: a stage that violates many clauses shall not cost many times more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

from harness.explored.explored_engine import ExploredEngine
from harness.search.search import FAILED, PASSED, Execute, Limits, judge, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.suite.program import Program
from harness.verify.deepening import Effort, NotRepeated, simplest
from harness.verify.no_races import executing, only_races
from harness.verify.verdicts import KindResult

# Executions for each clause and kind.
MOST = 2_000


def seen_beyond(result: KindResult, programs: Sequence[Program], module: ModuleType, kind: str, effort: Effort) -> KindResult:
    """Search `programs`, the one that failed and those after it; note which fail, a data race, or that all executions have been seen."""
    left = min(MOST, effort.executions)
    failing: dict[str, None] = {}
    for program in programs:
        execute = only_races(_noting(executing(program, module, kind), program.name, failing))
        found = search(execute, OptimalDpor(effort.engine), Limits(executions=left, steps=effort.steps, endless=0))
        left -= found.executions
        result = replace(result, executions=result.executions + found.executions, failing=tuple(failing))
        if found.verdict == FAILED:
            try:
                return replace(result, race=simplest(execute, program.name, found.schedule, effort))
            except NotRepeated:
                return result
        if judge(found) != PASSED or left <= 0:
            return result
    return replace(result, all_seen=True)


def _noting(execute: Execute, program: str, failing: dict[str, None]) -> Execute:
    """Have `program` be noted in `failing` as soon as one of its executions fails."""

    def noted(engine: ExploredEngine) -> None:
        execute(engine)
        if engine.failure is not None:
            failing[program] = None

    return noted
