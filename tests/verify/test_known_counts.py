"""Programs that are counted: right counts pass, wrong ones do not, large ones are not run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.litmus.litmus_programs import NO_STAGE, THREADS, ab_ba, arranging, inc
from harness.suite.clause import Clause, clause
from harness.suite.program import Known, Program
from harness.verify.checking import Budget, check
from harness.verify.deepening import Effort
from harness.verify.known_counts import WRONG_COUNT
from harness.verify.verdicts import ERROR, FAIL, NOT_RUN, PASS, KindResult

RIGHT = Program("inc(2)", "Two threads.", (THREADS,), arranging(inc(2)), Known(4))
LARGE = Program("inc(3)", "Three threads.", (THREADS,), arranging(inc(3)), Known(36))
STUCK = Program("AB-BA", "Two locks.", (THREADS,), arranging(ab_ba), Known(3, deadlocks=1))


def checked(*programs: Program, executions: int = 20_000) -> KindResult:
    """Check a clause with these programs."""
    made: Clause = clause("sample", "A sentence.", programs, (THREADS,))
    return check(NO_STAGE, made, THREADS, Budget(effort=Effort(executions)))


def test_right_counts_pass() -> None:
    """Also that of the deadlocks; and all of it was explored."""
    result = checked(RIGHT, LARGE, STUCK)
    assert (result.verdict, result.complete, result.failure, result.executions) == (PASS, True, None, 4 + 36 + 3)
    assert result.programs == result.exhausted == 3


@pytest.mark.parametrize(
    ("program", "known", "said"),
    [
        (RIGHT, Known(5), "inc(2): 4 executions, 0 deadlocks and 0 runs in vain, not 5, 0 and 0; the search is exhausted"),
        (RIGHT, Known(3), "inc(2): 4 executions, 0 deadlocks and 0 runs in vain, not 3, 0 and 0; the search is exhausted"),
        (STUCK, Known(3), "AB-BA: 3 executions, 1 deadlocks and 0 runs in vain, not 3, 0 and 0; the search is failed"),
        (RIGHT, Known(4, deadlocks=1), "inc(2): 4 executions, 0 deadlocks and 0 runs in vain, not 4, 1 and 0; the search is exhausted"),
    ],
)
def test_a_wrong_count_fails(program: Program, known: Known, said: str) -> None:
    """More or fewer executions, a deadlock that nobody has published, one that did not come; the programs after it are counted too."""
    result = checked(replace(program, known=known), LARGE)
    assert (result.verdict, result.complete) == (FAIL, False)
    assert result.failure is not None
    assert (result.failure.kind, result.failure.program, result.failure.message) == (WRONG_COUNT, program.name, said)
    assert [count.good for count in result.counts] == [False, True]


def test_a_failure_that_is_no_deadlock_is_never_published() -> None:
    """The number of executions is right, but one of them crashes."""

    def crashes(threads: object) -> None:
        raise ValueError("no")

    result = checked(Program("crash", "Crashes.", (THREADS,), arranging(crashes), Known(1)))
    assert result.verdict == FAIL


def test_a_large_program_is_not_run() -> None:
    """That is told, and no verdict rests on it alone."""
    result = checked(RIGHT, LARGE, executions=35)
    assert (result.verdict, result.complete, result.executions) == (PASS, False, 4)
    assert [(end.program, end.how_far) for end in result.open_ends] == [("inc(3)", NOT_RUN)]
    nothing = checked(LARGE, executions=35)
    assert (nothing.verdict, nothing.failure and nothing.failure.kind) == (ERROR, NOT_RUN)
