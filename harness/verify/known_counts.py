"""Checks a clause whose programs are counted: a search must find as many executions, and as many deadlocks, as are known.

What the executions do is not judged, and nothing is run in virtual time: the search itself is what is tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from harness.machine.diagnosis import DEADLOCK
from harness.search.search import EXHAUSTED, FAILED, Limits, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.suite.clause import Clause
from harness.suite.program import Known, Program
from harness.verify.deepening import Effort
from harness.verify.no_races import executing
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, PASS, Count, Failure, KindResult, OpenEnd

# The `kind` of a `Failure` that says that a count differs.
WRONG_COUNT = "wrong count"


def is_counted(clause: Clause, kind: str) -> bool:
    """Whether the clause's programs are counted."""
    return all(program.known is not None for program in clause.programs_for(kind))


def check_counts(module: ModuleType, clause: Clause, kind: str, effort: Effort) -> KindResult:
    """Count the executions of each program; one that has more than the effort allows is not run."""
    counts = [count(program, program.known, module, kind, effort) for program in clause.programs_for(kind) if program.known is not None]
    return judged_counts(clause.id, kind, counts)


def count(program: Program, known: Known, module: ModuleType, kind: str, effort: Effort) -> Count:
    """Count the executions of one program with optimal DPOR, which finds each trace once and runs nothing in vain."""
    known = known.under(effort.model)
    if known.traces > effort.executions:
        return Count(program.name, known, NOT_RUN)
    limits = Limits(effort.executions, effort.steps, stop_at_failure=False)
    result = search(executing(program, module, kind), OptimalDpor(effort.engine), limits)
    deadlocks = result.finals[DEADLOCK]
    good = (
        result.verdict == (FAILED if known.deadlocks else EXHAUSTED)
        and (result.executions, deadlocks, result.blocked) == (known.traces, known.deadlocks, 0)
        and result.failures == deadlocks
    )
    return Count(program.name, known, result.verdict, result.executions, deadlocks, result.blocked, good)


def judged_counts(clause: str, kind: str, counts: Sequence[Count]) -> KindResult:
    """A clause passes if every count that was made is right, and one was made."""
    made = [each for each in counts if each.ended != NOT_RUN]
    wrong = next((each for each in made if not each.good), None)
    failure = Failure(WRONG_COUNT, difference(wrong), wrong.program) if wrong else None
    if not made:
        failure = Failure(NOT_RUN, "every program has more executions than are allowed")
    return KindResult(
        clause,
        kind,
        FAIL if wrong else PASS if made else ERROR,
        sum(each.executions for each in made),
        complete=failure is None and len(made) == len(counts),
        programs=len(counts),
        exhausted=sum(each.good for each in made),
        open_ends=tuple(OpenEnd(clause, each.program, NOT_RUN) for each in counts if each.ended == NOT_RUN),
        failure=failure,
        counts=tuple(counts),
    )


def difference(wrong: Count) -> str:
    """Say what was counted and what is known."""
    found = f"{wrong.executions} executions, {wrong.deadlocks} deadlocks and {wrong.blocked} runs in vain"
    return f"{wrong.program}: {found}, not {wrong.known.traces}, {wrong.known.deadlocks} and 0; the search is {wrong.ended}"
