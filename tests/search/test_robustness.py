"""Whether a late store could show: against what is known of programs, and against executions with store buffers.

RANDOM_PROGRAMS=3000 in the environment compares so many: always the same ones.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ENGINES, SC, TSO
from harness.litmus.litmus_programs import Arrange, executed
from harness.litmus.litmus_suite import PROGRAMS as LITMUS
from harness.litmus.weak_programs import MB, r, threads, w
from harness.search.race_detector import RaceDetector
from harness.search.robustness import DelayDetector, is_robust
from harness.search.search import LIMIT_REACHED, Execute, Limits, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.suite.program import Program
from harness.verify.no_races import executing
from tests.search import random_programs
from tests.search.test_random_programs import PROGRAMS

MOST = 400
SMALL = [program for program in LITMUS if program.known is not None and program.known.traces <= MOST]


def robust(execute: Execute, most: int = MOST) -> tuple[bool, bool, SearchResult]:
    """Whether all executions without store buffers are robust, whether one has a data race, and the search."""
    seen: list[tuple[bool, bool]] = []
    detector, delays = RaceDetector(), DelayDetector()

    def look(engine: ExploredEngine, _: SearchResult) -> None:
        seen.append((is_robust(engine), detector.finds_race(engine)))
        assert delays.finds_delay(engine) is not seen[-1][0], "what it says of an execution depends on those before"

    result = search(execute, OptimalDpor(ENGINES[SC]), Limits(executions=most, stop_at_failure=False), [look])
    return all(each for each, _ in seen), any(raced for _, raced in seen), result


@pytest.mark.parametrize("program", SMALL, ids=lambda program: program.name)
def test_programs_that_are_known(program: Program) -> None:
    """Those with more executions under total store order than without are not robust, and those with as many are."""
    assert program.known is not None
    found, _, _ = robust(executing(program, None, "any"), MOST + 1)  # type: ignore[arg-type]
    assert found == (program.known.under(TSO).traces == program.known.traces)


def locked(each: random_programs.Op) -> random_programs.Op:
    """Under the lock."""
    return "locked", 0, [each]


def test_what_is_written_under_a_lock_is_seen_by_who_takes_it_next() -> None:
    """Though its release is late, and what comes after it is not; who looks without the lock may see that."""
    write, read = ("write", 0, 1), ("read", 0)
    apart: random_programs.Program = ([[locked(write), ("read", 1)], [("add", 1), locked(read)]], [])
    beside: random_programs.Program = ([[locked(write), ("read", 1)], [("add", 1), read]], [])
    assert [robust(random_programs.executed_program(each))[0] for each in (apart, beside)] == [True, False]


def test_an_interrupt_right_behind_a_store() -> None:
    """It is raised when the store is made and has not arrived; whoever has raised it may not see the store."""
    raised: random_programs.Program = ([[("interrupt", 1, [("read", 1)]), ("read", 0)], [("write", 0, 1)]], [])
    found, _, without = robust(random_programs.executed_program(raised))
    with_buffers = search(random_programs.executed_program(raised), OptimalDpor(ENGINES[TSO]), Limits(stop_at_failure=False))
    assert not found
    assert set(with_buffers.finals) > set(without.finals)


@pytest.mark.parametrize(("between", "expected"), [([], False), ([MB], True)])
def test_a_barrier_that_is_no_operation(between: list[random_programs.Op], expected: bool) -> None:
    """It drains the store buffer although nothing is recorded of it but where it was."""
    arrange: Arrange = threads([w("x"), *between, r("y")], [w("y"), *between, r("x")])
    assert robust(executed(arrange))[0] is expected


@settings(max_examples=6 * PROGRAMS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(program=random_programs.late_programs)
def test_where_programs_are_robust_store_buffers_show_nothing_more(program: random_programs.Program) -> None:
    """The same final states, the same verdict."""
    execute = random_programs.executed_program(program)
    found, raced, without = robust(execute)
    if found and not raced and without.verdict != LIMIT_REACHED:
        with_buffers = search(execute, OptimalDpor(ENGINES[TSO]), Limits(executions=4 * MOST, stop_at_failure=False))
        if with_buffers.verdict != LIMIT_REACHED:
            assert set(with_buffers.finals) == set(without.finals)
            assert (with_buffers.verdict, bool(with_buffers.unsure)) == (without.verdict, bool(without.unsure))
