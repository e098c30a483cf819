"""Each clause fails on a stage that breaks it, and the breaks of a series fail exactly the clauses that speak of them."""

from __future__ import annotations

import importlib
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from harness.explored.models import TSO
from harness.suite.clause import Clause
from harness.tasklets.contract import CHECKED, CLAUSES, NO_RACES
from harness.tasklets.tasklet_under_test import IRQ_CLIENT
from harness.verify.across_executions import compared
from harness.verify.checking import Budget, check
from harness.verify.deepening import Effort
from harness.verify.no_races import no_races
from harness.verify.verdicts import FAIL, KindResult
from stages import FIXED
from stages.api import StageModule
from tests.tasklets.added_mutants import ADDED, MIDWAY
from tests.tasklets.machine_mutants import MACHINE
from tests.tasklets.mutants import ALL_CLAUSES, BREAKS, MUTANTS, Mutant

# Most programs are exhausted with so many executions; what is missed in the others is none of the clause's failures here.
SMALL = Budget(timed_seeds=1, effort=Effort(executions=60, preemptions=0, samples=20, steps=1_500, simplify=0))
# For the narrowest windows: one point at which one interrupt must arrive.
LARGE = Budget(timed_seeds=1, effort=Effort(executions=2_000, preemptions=1, samples=30, steps=1_500, simplify=0))


# Only a store buffer shows that a barrier is missing.
NEEDS_BUFFERS = "visibility"


def under(clause: Clause, budget: Budget) -> Budget:
    """The budget with the memory model that a clause needs to fail."""
    return replace(budget, effort=replace(budget.effort, model=TSO)) if clause.id == NEEDS_BUFFERS else budget


def identify(mutant: Mutant) -> str:
    """Name a case."""
    return f"{mutant.stage}-{mutant.name.replace(' ', '-')}"


def violated(results: list[KindResult]) -> set[str]:
    """The clauses that fail for some kind."""
    races = [no_races(kind, [r for r in results if r.kind == kind]) for kind in CLAUSES[NO_RACES].kinds]
    return {result.clause for result in (*results, *races) if result.verdict == FAIL}


def all_violated(module: StageModule) -> set[str]:
    """The clauses that fail for some kind, of all. The third kind is a kind of softirq tasklet: only where there is no other."""
    return violated([check(module, clause, kind, under(clause, SMALL)) for clause in CHECKED for kind in kinds_of(clause)])


def kinds_of(clause: Clause) -> tuple[str, ...]:
    """Each program is for at least one of them."""
    programs = {program for program in clause.programs if program.kinds != (IRQ_CLIENT,)}
    return clause.kinds if len(programs) < len(clause.programs) else tuple(kind for kind in clause.kinds if kind != IRQ_CLIENT)


@cache
def failing_unchanged(stage: int) -> set[str]:
    """The clauses that the stage fails as it is."""
    return all_violated(cast(StageModule, importlib.import_module(FIXED.stages[stage].module)))


def fails(module: StageModule, clause: str) -> bool:
    """Whether a clause fails; a race is a race in whatever program."""
    rows, budget = (CHECKED, SMALL) if clause == NO_RACES else ([CLAUSES[clause]], LARGE)
    return any(clause in violated(list(compared([check(module, row, kind, under(row, budget))]))) for row in rows for kind in row.kinds)


# What else a break fails is looked at where all patches are applied: at the other stages the clauses are the same.
LAST = len(FIXED.stages) - 1
# And it takes long: EVERY_MUTANT=1 in the environment has all of them looked at so, and not only some.
SHARE = 1 if "EVERY_MUTANT" in os.environ else 3
EXACTLY = [mutant for mutant in MUTANTS if mutant.stage == LAST][::SHARE]
AT_LEAST = [mutant for mutant in MUTANTS if mutant not in EXACTLY]


@pytest.mark.parametrize("mutant", EXACTLY, ids=identify)
def test_a_break_fails_exactly_the_clauses_that_speak_of_it(mutant: Mutant, tmp_path: Path) -> None:
    """Neither does a clause miss the break, nor does one fail that does not imply it, or that fails without it."""
    anyway = failing_unchanged(mutant.stage)
    assert all_violated(mutant.build(tmp_path)) - anyway == mutant.fails - anyway


@pytest.mark.parametrize("mutant", [*AT_LEAST, *BREAKS, *ADDED, *MIDWAY, *MACHINE], ids=identify)
def test_a_break_fails_the_clause_that_it_is_about(mutant: Mutant, tmp_path: Path) -> None:
    """At least those."""
    module = mutant.build(tmp_path)
    assert [clause for clause in sorted(mutant.fails) if not fails(module, clause)] == []


def test_most_breaks_are_tried_midway() -> None:
    """A text that differs between the stages is no reason to lose many."""
    assert len(MIDWAY) >= 10


def test_every_clause_is_shown_to_fail() -> None:
    """Among all breaks but those that fail everything, each clause has one."""
    some = [mutant.fails for mutant in (*MUTANTS, *BREAKS, *ADDED, *MACHINE) if not mutant.fails >= ALL_CLAUSES - {NO_RACES}]
    assert frozenset[str]().union(*some) == ALL_CLAUSES
