"""Which clauses a broken stage fails: what the tests of breaks in Python and in C share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from harness.explored.models import TSO
from harness.suite.clause import NO_RACES, Clause
from harness.tasklets.contract import CHECKED, CLAUSES
from harness.tasklets.tasklet_under_test import IRQ_CLIENT
from harness.verify.across_executions import compared
from harness.verify.checking import Budget, check
from harness.verify.deepening import Effort
from harness.verify.no_races import no_races
from harness.verify.verdicts import FAIL, KindResult
from stages.api import StageModule

# Most programs are exhausted with so many executions; what is missed in the others is none of the clause's failures here.
SMALL = Budget(timed_seeds=1, effort=Effort(executions=60, preemptions=0, samples=20, steps=1_500, simplify=0))
# For the narrowest windows: one point at which one interrupt must arrive.
LARGE = Budget(timed_seeds=1, effort=Effort(executions=2_000, preemptions=1, samples=30, steps=1_500, simplify=0))


# Only a store buffer shows that a barrier is missing.
NEEDS_BUFFERS = "visibility"


def under(clause: Clause, budget: Budget) -> Budget:
    """The budget with the memory model that a clause needs to fail."""
    return replace(budget, effort=replace(budget.effort, model=TSO)) if clause.id == NEEDS_BUFFERS else budget


def violated(results: list[KindResult]) -> set[str]:
    """The clauses that fail for some kind."""
    races = [no_races(kind, [r for r in results if r.kind == kind]) for kind in CLAUSES[NO_RACES].kinds]
    return {result.clause for result in (*results, *races) if result.verdict == FAIL}


def all_violated(module: StageModule) -> set[str]:
    """The clauses that fail for some kind, of all."""
    return violated_of(module, CLAUSES)


def violated_of(module: StageModule, ids: Collection[str]) -> set[str]:
    """Those of these clauses. The third kind is a kind of softirq tasklet: only where there is no other."""
    checked = [clause for clause in CHECKED if clause.id in ids]
    return violated([check(module, clause, kind, under(clause, SMALL)) for clause in checked for kind in kinds_of(clause)]) & set(ids)


def kinds_of(clause: Clause) -> tuple[str, ...]:
    """Each program is for at least one of them."""
    programs = {program for program in clause.programs if program.kinds != (IRQ_CLIENT,)}
    return clause.kinds if len(programs) < len(clause.programs) else tuple(kind for kind in clause.kinds if kind != IRQ_CLIENT)


def fails(module: StageModule, clause: str) -> bool:
    """Whether a clause fails; a race is a race in whatever program."""
    rows, budget = (CHECKED, SMALL) if clause == NO_RACES else ([CLAUSES[clause]], LARGE)
    return any(clause in violated(list(compared([check(module, row, kind, under(row, budget))]))) for row in rows for kind in row.kinds)
