"""The table of clauses, and that the fixed series keeps it."""

from __future__ import annotations

import importlib
from typing import cast

import pytest

from harness.tasklets.contract import CHECKED, CLAUSES, NO_RACES, TABLE
from harness.tasklets.tasklet_under_test import ALL
from harness.verify.checking import Budget, check
from harness.verify.deepening import Effort
from harness.verify.verdicts import FAIL
from stages import FIXED
from stages.api import Stage, StageModule

SMALL = Budget(timed_seeds=1, effort=Effort(executions=100, preemptions=0, samples=20))


def test_the_table_has_each_clause_once_and_in_order() -> None:
    """Twenty-three clauses, the first and the last as in the contract."""
    assert len(TABLE) == len(CLAUSES) == 23
    assert (TABLE[0].id, TABLE[-2].id, TABLE[-1].id) == ("exactly-once", "no-races", "clients")


def test_programs_are_told_apart_by_their_names() -> None:
    """No name occurs twice: `no-races` is about all of them. And each program says what it does."""
    names = [program.name for program in CLAUSES[NO_RACES].programs]
    assert len(set(names)) == len(names) == sum(len(clause.programs) for clause in CHECKED)
    for clause in TABLE:
        assert all(program.summary.endswith((".", ":")) for program in clause.programs), clause.id


@pytest.mark.parametrize("clause", TABLE, ids=lambda clause: clause.id)
def test_kinds_have_programs(clause: object) -> None:
    """A clause has a program for each kind that it names, and names no other kind."""
    row = CLAUSES[clause.id]  # type: ignore[attr-defined]
    assert set(row.kinds) <= set(ALL)
    assert all(row.programs_for(kind) for kind in row.kinds)


@pytest.mark.parametrize("stage", FIXED.stages, ids=lambda stage: str(stage.index))
def test_the_fixed_series_keeps_every_clause(stage: Stage) -> None:
    """Nothing fails, and nothing races, as far as a small budget gets, which is to the end for most programs."""
    module = cast(StageModule, importlib.import_module(stage.module))
    results = [check(module, clause, kind, SMALL) for clause in CHECKED for kind in clause.kinds]
    assert [(r.clause, r.kind, r.failure) for r in results if r.verdict == FAIL] == []
    assert [(r.clause, r.kind, r.race) for r in results if r.race is not None] == []
    assert sum(r.exhausted for r in results) > 0.8 * sum(r.programs for r in results)
