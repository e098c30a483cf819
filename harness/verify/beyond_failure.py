"""What lies beyond the failure that ended the search of a clause: data races, for `no-races`, and which other programs fail.

A clause is violated whatever else its programs do; that nobody races, and that no other program fails, needs all of their executions. They
are searched again, as far as a budget of its own goes: a stage that violates many clauses shall not cost many times more. If the natural
order of operations fails of one of them, that may be simpler to show than what was found first, and stands for the clause then. That order
is tried of those as well for which the budget is too small.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import ModuleType

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import EVERY_ENGINE, SC, TSO
from harness.machine.diagnosis import HANG
from harness.search.natural_order import Deviating
from harness.search.replay_string import EXPLORED
from harness.search.search import FAILED, PASSED, Execute, Limits, SearchResult, judge, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.suite.program import Program
from harness.verify.deepening import Effort, NotRepeated, simplest
from harness.verify.doubts import Doubts
from harness.verify.no_races import executing, only_races
from harness.verify.simplicity import simplicity
from harness.verify.verdicts import Failure, KindResult

# Executions for each clause and kind.
MOST = 2_000


def seen_beyond(result: KindResult, programs: Sequence[Program], module: ModuleType, kind: str, effort: Effort) -> KindResult:
    """Search `programs`, the one that failed and those after it; note which fail, a data race, or that all executions have been seen."""
    left = min(MOST, effort.executions)
    for at, program in enumerate(programs):
        whole = executing(program, module, kind)
        beyond = _Beyond(Doubts(whole), effort)
        found = beyond.search(left)
        left -= beyond.executions
        result = replace(result, executions=result.executions + beyond.executions)
        if beyond.fails:
            simply = _in_natural_order(whole, program.name, effort) if beyond.simply else None
            result = _also_failing(result, program.name, simply)
        if found.verdict == FAILED:
            with suppress(NotRepeated):
                result = replace(result, race=simplest(only_races(beyond.doubts.execute), program.name, found.schedule, effort))
        if judge(found) != PASSED or left <= 0:
            return natural_order_beyond(result, programs[at + 1 :], module, kind, effort)
    return replace(result, all_seen=True)


def natural_order_beyond(result: KindResult, programs: Sequence[Program], module: ModuleType, kind: str, effort: Effort) -> KindResult:
    """Execute the natural order alone of programs, and note which fail."""
    for program in programs:
        failure = _in_natural_order(executing(program, module, kind), program.name, effort)
        result = replace(result, executions=result.executions + 1)
        if failure is not None and failure.kind != HANG:
            result = _also_failing(result, program.name, failure)
    return result


def ask_of_all(programs: Sequence[Program], module: ModuleType, kind: str, effort: Effort) -> None:
    """Execute the natural order of programs, up to one that does not come back; raises `NotAStage` where one cannot be tested."""
    for program in programs:
        failure = _in_natural_order(executing(program, module, kind), program.name, effort)
        if failure is not None and failure.kind == HANG:
            return


def _also_failing(result: KindResult, program: str, simply: Failure | None) -> KindResult:
    """Note a program that fails; `simply` is how the natural order does, if it does."""
    failing = tuple(dict.fromkeys((*result.failing, program)))
    return replace(result, failing=failing, failure=_simpler(result.failure, simply))


@dataclass
class _Beyond:
    """The executions of one program. `fails`: one of them does; `simply`: so does the natural order, for sure."""

    doubts: Doubts
    effort: Effort
    fails: bool = False
    simply: bool = False
    executions: int = 0
    # Whether one fails because of what may be for other clauses to judge.
    _doubted: bool = False

    def search(self, most: int) -> SearchResult:
        """Look for a data race, and note meanwhile whether anything fails; twice, if what fails comes to pass without late stores, too."""
        found = self._searched(most)
        if self.fails or not self._doubted:
            return found
        limits = Limits(executions=most, steps=self.effort.steps, endless=0)
        without = search(self.doubts.execute, OptimalDpor(EVERY_ENGINE[SC]), limits, [self.doubts.note_without_late_stores])
        self.executions += without.executions
        if self.doubts.forgiving:
            return self._searched(most)
        self.fails = True
        return found

    def _searched(self, most: int) -> SearchResult:
        limits = Limits(executions=most, steps=self.effort.steps, endless=0)
        found = search(only_races(self._noting), OptimalDpor(self.effort.engine), limits)
        self.executions += found.executions
        return found

    def _noting(self, engine: ExploredEngine) -> None:
        self.doubts.execute(engine)
        if engine.failure is None or self.fails:
            return
        if engine.doubtful and not self.doubts.forgiving:
            self._doubted = True
        else:
            self.fails = True
            self.simply = not engine.script and not engine.doubtful and engine.failure.kind != HANG


def _simpler(failure: Failure | None, other: Failure | None) -> Failure | None:
    """The one to show; a stage that does not come back is that, whatever else it does."""
    if failure is None or other is None or failure.kind == HANG:
        return failure
    return min(failure, other, key=simplicity)


def _in_natural_order(execute: Execute, program: str, effort: Effort) -> Failure | None:
    """How it fails; None if it does not, or that is for other clauses to judge.

    No store is late there, and no read returns an older value: under total store order, that is an execution without store buffers.
    """
    model = SC if effort.model == TSO else effort.model
    engine = EVERY_ENGINE[model](Deviating({}), effort.steps)
    execute(engine)
    if engine.failure is None or engine.doubtful:
        return None
    kind, message, operations = engine.failure.kind, engine.failure.message, len(engine.schedule)
    return Failure(kind, message, program, EXPLORED, steps=effort.steps, model=model, operations=operations)
