"""The table of clauses, and that the fixed series keeps it."""

from __future__ import annotations

import importlib
from typing import cast

import pytest

from harness.conformance.check import Budget, check
from harness.conformance.clauses import CLAUSES, TABLE
from harness.conformance.program import ALL
from harness.results import PASS
from stages import FIXED
from stages.api import Stage, StageModule

SMALL = Budget(timed_seeds=1, executions=30)


def test_the_table_has_each_clause_once_and_in_order() -> None:
    """Twenty-two clauses, the first and the last as in the contract."""
    assert len(TABLE) == len(CLAUSES) == 22
    assert (TABLE[0].id, TABLE[-1].id) == ("exactly-once", "clients")
    assert "no-races" not in CLAUSES


def test_programs_are_told_apart_by_their_names() -> None:
    """A failure names clause and program, so within a clause no name may occur twice; and each program says what it does."""
    for clause in TABLE:
        names = [program.name for program in clause.programs]
        assert len(set(names)) == len(names)
        assert all(program.summary.endswith((".", ":")) for program in clause.programs), clause.id


@pytest.mark.parametrize("clause", TABLE, ids=lambda clause: clause.id)
def test_kinds_have_programs(clause: object) -> None:
    """A clause has a program for each kind that it names, and names no other kind."""
    row = CLAUSES[clause.id]  # type: ignore[attr-defined]
    assert set(row.kinds) <= set(ALL)
    assert all(row.programs_for(kind) for kind in row.kinds)


@pytest.mark.parametrize("stage", FIXED.stages, ids=lambda stage: str(stage.index))
def test_the_fixed_series_keeps_every_clause(stage: Stage) -> None:
    """A small sample; the command samples more."""
    module = cast(StageModule, importlib.import_module(stage.module))
    results = [check(module, clause.id, kind, SMALL) for clause in TABLE for kind in clause.kinds]
    assert [(r.clause, r.kind, r.failure) for r in results if r.verdict != PASS] == []
    assert not any(r.complete for r in results)
