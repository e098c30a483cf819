"""Each clause fails on a stage that breaks it, and the breaks of a series fail exactly the clauses that speak of them."""

from __future__ import annotations

import importlib
import os
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from harness.suite.clause import NO_RACES
from stages import FIXED
from stages.api import StageModule
from tests.tasklets.added_mutants import ADDED, MIDWAY
from tests.tasklets.breaking import all_violated, fails
from tests.tasklets.machine_mutants import MACHINE
from tests.tasklets.mutants import ALL_CLAUSES, BREAKS, MUTANTS, Mutant


def identify(mutant: Mutant) -> str:
    """Name a case."""
    return f"{mutant.stage}-{mutant.name.replace(' ', '-')}"


@cache
def failing_unchanged(stage: int) -> set[str]:
    """The clauses that the stage fails as it is."""
    return all_violated(cast(StageModule, importlib.import_module(FIXED.stages[stage].module)))


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
