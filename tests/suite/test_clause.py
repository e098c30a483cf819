"""Clauses: which programs and kinds they have."""

from __future__ import annotations

import pytest

from harness.suite.clause import by_id, clause
from harness.suite.program import Program

EVERY = ("a", "b", "c")


def program(name: str, *kinds: str) -> Program:
    """A program that nobody executes."""
    return Program(name, "Nothing.", kinds, lambda module, kind, engine: pytest.fail("nobody executes this"))


FIRST, SECOND = program("first", "c", "a"), program("second", "c")
CLAUSE = clause("sample", "A sentence.", (FIRST, SECOND), EVERY)


def test_a_clause_is_tested_for_the_kinds_of_its_programs() -> None:
    """In the order of the suite, and for no other kind."""
    assert CLAUSE.kinds == ("a", "c")
    assert clause("empty", "A sentence.", (), EVERY).kinds == ()


def test_a_kind_has_the_programs_that_make_sense_for_it() -> None:
    """In the order of the clause."""
    assert CLAUSE.programs_for("a") == (FIRST,)
    assert CLAUSE.programs_for("c") == (FIRST, SECOND)
    assert CLAUSE.programs_for("b") == ()


def test_a_program_is_found_by_its_name() -> None:
    """Replay strings name it."""
    assert CLAUSE.program_named("second") is SECOND
    with pytest.raises(KeyError, match="third"):
        CLAUSE.program_named("third")


def test_a_name_is_that_of_one_clause() -> None:
    """The second one would take the place of the first, and nobody would test that."""
    assert list(by_id(CLAUSE, clause("other", "A sentence.", (), EVERY))) == ["sample", "other"]
    with pytest.raises(ValueError, match="two clauses are called 'sample'"):
        by_id(CLAUSE, CLAUSE)
