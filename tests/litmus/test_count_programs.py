"""Counting the executions of the programs of the table."""

from __future__ import annotations

import pytest

from harness.explored.models import ENGINES, SC, TSO
from harness.litmus.count_programs import ExecutionCount, count_program
from harness.litmus.litmus_programs import Threads, executed
from harness.litmus.published_counts import PUBLISHED
from harness.litmus.table_programs import TableProgram, table_programs
from harness.machine.diagnosis import BUG

PROGRAMS = table_programs()
# Those of the suite are counted in `test_litmus_suite`.
OTHERS = [name for name, program in PROGRAMS.items() if program.known is None]


@pytest.mark.parametrize("model", ENGINES)
@pytest.mark.parametrize("name", OTHERS)
def test_as_many_as_are_published(name: str, model: str) -> None:
    """And no run in vain, also where nothing is published."""
    tally = count_program(PROGRAMS[name], model, 1000)
    assert (tally.published, tally.blocked, tally.differs) == (PUBLISHED[name].get(model), 0, False)
    assert tally.published in (None, tally.executions)


def test_executions_in_which_a_thread_gives_up_do_not_count() -> None:
    """They are told apart."""
    tally = count_program(PROGRAMS["Peterson, complete"], SC, 1000)
    assert (tally.executions, tally.gave_up) == (4, 6)


def test_a_deadlock_that_is_known_is_not_wrong() -> None:
    """It counts as an execution."""
    tally = count_program(PROGRAMS["AB-BA"], TSO, 1000)
    assert (tally.executions, tally.wrong, tally.differs) == (3, "", False)


def test_a_search_that_is_cut_off() -> None:
    """It is not wrong unless it has found too many."""
    tally = count_program(PROGRAMS["inc(3)"], SC, 5)
    assert (tally.executions, tally.reached, tally.differs) == (5, "5 executions", False)


def test_what_fails_is_wrong() -> None:
    """Whatever the count is."""

    def arrange(t: Threads) -> None:
        t.thread(lambda: t.BUG("why"))

    tally = count_program(TableProgram("fails", executed(arrange)), SC, 10)
    assert tally.differs
    assert tally.wrong.startswith(f"{BUG}: P0: why")


@pytest.mark.parametrize(
    ("tally", "differs"),
    [
        (ExecutionCount("p", SC, 3, 0, 3), False),
        (ExecutionCount("p", SC, 4, 0, 3), True),
        (ExecutionCount("p", SC, 3, 1, 3), True),
        (ExecutionCount("p", SC, 3, 0, None), False),
        (ExecutionCount("p", SC, 2, 0, 3, reached="2 executions"), False),
        (ExecutionCount("p", SC, 4, 0, 3, reached="4 executions"), True),
        (ExecutionCount("p", SC, 3, 0, 3, wrong="BUG"), True),
    ],
)
def test_what_differs(tally: ExecutionCount, differs: bool) -> None:
    """Another count, runs in vain, or anything that is wrong."""
    assert tally.differs == differs
