"""Each clause fails on a stage that breaks it, and the breaks of a series fail exactly the clauses that speak of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutants import ALL_CLAUSES, BREAKS, MUTANTS, Mutant

from harness.conformance.check import Budget, check
from harness.conformance.clauses import CLAUSES
from harness.results import FAIL

SMALL = Budget(timed_seeds=2, executions=60, max_steps=1_500)
# For the narrowest windows: one point at which one interrupt must arrive.
LARGE = Budget(timed_seeds=2, executions=1_000, max_steps=1_500)


def identify(mutant: Mutant) -> str:
    """Name a case."""
    return f"{mutant.stage}-{mutant.name.replace(' ', '-')}"


@pytest.mark.parametrize("mutant", MUTANTS, ids=identify)
def test_a_break_fails_exactly_the_clauses_that_speak_of_it(mutant: Mutant, tmp_path: Path) -> None:
    """Neither does a clause miss the break, nor does one fail that does not imply it."""
    module = mutant.build(tmp_path)
    failing = {
        clause.id for clause in CLAUSES.values() if any(check(module, clause.id, kind, SMALL).verdict == FAIL for kind in clause.kinds)
    }
    assert failing == mutant.fails


@pytest.mark.parametrize("mutant", BREAKS, ids=identify)
def test_a_break_fails_the_clause_that_it_is_about(mutant: Mutant, tmp_path: Path) -> None:
    """At least those."""
    module = mutant.build(tmp_path)
    for clause in sorted(mutant.fails):
        assert any(check(module, clause, kind, LARGE).verdict == FAIL for kind in CLAUSES[clause].kinds), clause


def test_every_clause_is_shown_to_fail() -> None:
    """Among all breaks but the one that fails everything, each clause has one."""
    shown = frozenset[str]().union(*(mutant.fails for mutant in (*MUTANTS, *BREAKS) if mutant.fails != ALL_CLAUSES))
    assert shown == ALL_CLAUSES
