"""What lies beyond the failure that ended the search of a clause: data races, for `no-races`, and which other programs fail.

A clause is violated whatever else its programs do; that nobody races, and that no other program fails, needs all of their executions. They
are searched again, as far as a budget of its own goes: a stage that violates many clauses shall not cost many times more. If the natural
order of operations fails of one of them, that may be simpler to show than what was found first, and stands for the clause then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import SC, TSO
from harness.machine.diagnosis import HANG, Violation
from harness.search.replay_string import EXPLORED
from harness.search.search import FAILED, PASSED, Execute, Limits, judge, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.suite.program import Program
from harness.verify.deepening import Effort, NotRepeated, simplest
from harness.verify.no_races import executing, only_races
from harness.verify.simplicity import simplicity
from harness.verify.verdicts import Failure, KindResult

# Executions for each clause and kind.
MOST = 2_000


def seen_beyond(result: KindResult, programs: Sequence[Program], module: ModuleType, kind: str, effort: Effort) -> KindResult:
    """Search `programs`, the one that failed and those after it; note which fail, a data race, or that all executions have been seen."""
    left = min(MOST, effort.executions)
    failing: dict[str, Failure | None] = {}
    for program in programs:
        execute = only_races(_noting(executing(program, module, kind), program.name, failing, effort))
        found = search(execute, OptimalDpor(effort.engine), Limits(executions=left, steps=effort.steps, endless=0))
        left -= found.executions
        result = replace(result, executions=result.executions + found.executions, failing=tuple(failing))
        result = replace(result, failure=_simpler(result.failure, failing.get(program.name)))
        if found.verdict == FAILED:
            try:
                return replace(result, race=simplest(execute, program.name, found.schedule, effort))
            except NotRepeated:
                return result
        if judge(found) != PASSED or left <= 0:
            return result
    return replace(result, all_seen=True)


def _simpler(failure: Failure | None, other: Failure | None) -> Failure | None:
    """The one to show; a stage that does not come back is that, whatever else it does."""
    if failure is None or other is None or failure.kind == HANG:
        return failure
    return min(failure, other, key=simplicity)


def _noting(execute: Execute, program: str, failing: dict[str, Failure | None], effort: Effort) -> Execute:
    """Have `program` be noted in `failing` as soon as one of its executions fails, with the failure if that is in the natural order."""

    def noted(engine: ExploredEngine) -> None:
        execute(engine)
        if engine.failure is not None and program not in failing:
            # (What is doubtful may be for others to judge: `harness.verify.deepening` has looked into that.)
            natural = not engine.script and not engine.doubtful and engine.failure.kind != HANG
            failing[program] = _in_natural_order(engine, engine.failure, program, effort) if natural else None

    return noted


def _in_natural_order(engine: ExploredEngine, violation: Violation, program: str, effort: Effort) -> Failure:
    """No store is late there, and no read returns an older value, so under total store order it is one without store buffers."""
    model = SC if effort.model == TSO else effort.model
    steps, operations = effort.steps, len(engine.schedule)
    return Failure(violation.kind, violation.message, program, EXPLORED, steps=steps, model=model, operations=operations)
