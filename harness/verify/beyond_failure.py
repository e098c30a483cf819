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
from harness.explored.models import EVERY_ENGINE, SC, TSO
from harness.machine.diagnosis import HANG
from harness.search.natural_order import Deviating
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
    failing: dict[str, bool] = {}
    for program in programs:
        whole = executing(program, module, kind)
        execute = only_races(_noting(whole, program.name, failing))
        found = search(execute, OptimalDpor(effort.engine), Limits(executions=left, steps=effort.steps, endless=0))
        left -= found.executions
        result = replace(result, executions=result.executions + found.executions, failing=tuple(dict.fromkeys((*result.failing, *failing))))
        if failing.get(program.name):
            result = replace(result, failure=_simpler(result.failure, _in_natural_order(whole, program.name, effort)))
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


def _noting(execute: Execute, program: str, failing: dict[str, bool]) -> Execute:
    """Have `program` be noted in `failing` as soon as one of its executions fails, and whether that is the natural order."""

    def noted(engine: ExploredEngine) -> None:
        execute(engine)
        if engine.failure is not None and program not in failing:
            # (What is doubtful may be for others to judge: `harness.verify.deepening` has looked into that.)
            failing[program] = not engine.script and not engine.doubtful and engine.failure.kind != HANG

    return noted


def _in_natural_order(execute: Execute, program: str, effort: Effort) -> Failure | None:
    """How it fails, executed once more; None if it does not fail again.

    No store is late there, and no read returns an older value: under total store order, that is an execution without store buffers.
    """
    model = SC if effort.model == TSO else effort.model
    engine = EVERY_ENGINE[model](Deviating({}), effort.steps)
    execute(engine)
    if engine.failure is None:
        return None
    kind, message, operations = engine.failure.kind, engine.failure.message, len(engine.schedule)
    return Failure(kind, message, program, EXPLORED, steps=effort.steps, model=model, operations=operations)
