"""The programs of the table, under their names."""

from __future__ import annotations

import pytest

from harness.explored.models import ARM, ENGINES, PSO, SC, TSO
from harness.litmus.litmus_suite import PROGRAMS
from harness.litmus.published_counts import PUBLISHED, published
from harness.litmus.table_programs import ALIASES, named, table_programs
from harness.suite.program import Known

PROGRAMS_OF_TABLE = table_programs()


def test_every_published_program_is_there() -> None:
    """In the order of the published table, before those of the suite that are not in it."""
    assert list(PROGRAMS_OF_TABLE)[: len(PUBLISHED)] == list(PUBLISHED)
    assert {program.name for program in PROGRAMS} < set(PROGRAMS_OF_TABLE)


def test_small_programs_are_what_is_published() -> None:
    """Of the others, those with few executions."""
    large = [name for name, program in PROGRAMS_OF_TABLE.items() if program.is_large]
    assert not set(large) & set(PUBLISHED)
    assert {"counter 3×2", "cinc(4)", "indexer(12)"} < set(large)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_suite_knows_the_same_numbers(program: object) -> None:
    """Wherever a number is published, the suite demands that one."""
    name, known = program.name, program.known  # type: ignore[attr-defined]
    for model in ENGINES:
        assert published(name, known, model) in (None, known.under(model).traces)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("SB", "SB"),
        ("sb+MBS", "SB+mbs"),
        ("counter 2x2", "counter 2×2"),
        ("Small peterson", "Small_peterson"),
        ("Peterson", "Peterson, complete"),
        ("locked counter 3x2", "locked 3×2"),
        ("MP_rel/acq", "MP rel/acq"),
    ],
)
def test_names(word: str, name: str) -> None:
    """What is hard to type may be written otherwise, and older names still do."""
    found = named(PROGRAMS_OF_TABLE, word)
    assert found is not None
    assert found.name == name


def test_an_unknown_name() -> None:
    """It is none; every other name leads to a program."""
    assert named(PROGRAMS_OF_TABLE, "SB+") is None
    assert set(ALIASES.values()) < set(PROGRAMS_OF_TABLE)


def test_what_is_published() -> None:
    """The table comes first; a suite knows the number under sequential consistency."""
    assert [published("SB", Known(9), model) for model in (SC, TSO, PSO, ARM)] == [3, 4, 4, 4]
    assert [published("WRC", Known(7), model) for model in (SC, TSO)] == [7, 7]
    assert published("n6", Known(4), ARM) is None
    assert [published("another", Known(9), model) for model in (SC, TSO)] == [9, None]
    assert published("another", None, SC) is None


def test_what_the_suite_knows_beyond_that() -> None:
    """Numbers under weak models that nobody has published."""
    known = {program.name: program.known for program in PROGRAMS}
    assert [known["n6"].under(model).traces for model in ENGINES] == [4, 5, 6, 6]
    assert [known["MP"].under(model).traces for model in ENGINES] == [3, 3, 4, 4]
    assert known["SB+mbs"].weak == {}
