"""Whether a late store could show: against what is known of programs, and against executions with store buffers.

RANDOM_PROGRAMS=3000 in the environment compares so many: always the same ones.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


X, Y, MUTEX = 0, 1, 0
# CPU 0 does something that others see late, then reads y; CPU 1 writes y, and looks. Of which of them store buffers show something more.
LOOKING: dict[str, tuple[list[random_programs.Op], random_programs.Op, bool]] = {
    "a release, and who tries the lock": ([("locked", MUTEX, [])], ("try", MUTEX, []), True),
    "a release, and who looks whether it is held": ([("locked", MUTEX, [])], ("held", MUTEX), True),
    "a release, and who takes the lock": ([("locked", MUTEX, [])], ("locked", MUTEX, []), False),
    "a release of a lock that was tried": ([("try", MUTEX, [])], ("try", MUTEX, []), True),
    "a release, and a barrier": ([("locked", MUTEX, []), ("mb",)], ("try", MUTEX, []), False),
    "a release, and a lock that is tried and held": ([("locked", MUTEX, []), ("locked", 1, [])], ("try", MUTEX, []), False),
    "a store that takes away what is waited for": ([("write", X, 1)], ("given", X, 0), True),
    "an atomic operation that takes it away": ([("cas", X, 0, 1)], ("given", X, 0), False),
}


@pytest.mark.parametrize("name", LOOKING)
def test_who_may_see_that_a_store_is_late(name: str) -> None:
    """Store buffers show something more just where a program is not robust."""
    late, look, expected = LOOKING[name]
    execute = random_programs.executed_program(([[*late, ("read", Y)], [("cas", Y, 0, 1), look]], []))
    found, raced, without = robust(execute)
    assert (found, raced) == (not expected, False)
    with_buffers = search(execute, OptimalDpor(ENGINES[TSO]), Limits(stop_at_failure=False))
    assert (set(with_buffers.finals) > set(without.finals)) is expected


def test_an_interrupt_hides_no_wait_that_could_have_ended() -> None:
    """The handler, which waits for it, tells that the store has arrived; before it came, the wait could have been over."""
    handler = [("read", X)]
    waits = [("cas", Y, 0, 1), ("given", X, 0)]
    again = [("await", X, 1), ("interrupt", 1, handler), ("cas", X, 1, 0)]
    execute = random_programs.executed_program(([[("write", X, 1), ("read", Y)], waits, again], []))
    assert not robust(execute)[0]


def test_of_a_program_with_an_invariant_nothing_is_said() -> None:
    """It looks at what no operation touches just then."""

    def execute(engine: ExploredEngine) -> None:
        engine.invariant = lambda: None
        random_programs.executed_program(([[("read", X)], [("read", X)]], []))(engine)

    assert not robust(execute)[0]


@pytest.mark.parametrize("kind", ["late", "trying", "lists"])
@settings(max_examples=4 * PROGRAMS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_where_programs_are_robust_store_buffers_show_nothing_more(kind: str, data: st.DataObject) -> None:
    """The same final states, the same verdict."""
    shows_nothing_more(data.draw(KINDS_OF_LATE[kind]))


# What may show that a store is late; that locks are free; the steps of list operations.
KINDS_OF_LATE = {
    "late": random_programs.late_programs,
    "trying": random_programs.trying_programs,
    "lists": random_programs.list_programs,
}


def shows_nothing_more(program: random_programs.Program) -> bool:
    """Hold a program against itself with store buffers, if it is robust: it has the same final states, and the same verdict."""
    execute = random_programs.executed_program(program)
    found, raced, without = robust(execute)
    if not found or raced or without.verdict == LIMIT_REACHED:
        return False
    with_buffers = search(execute, OptimalDpor(ENGINES[TSO]), Limits(executions=4 * MOST, stop_at_failure=False))
    if with_buffers.verdict == LIMIT_REACHED:
        return False
    assert set(with_buffers.finals) == set(without.finals)
    assert (with_buffers.verdict, bool(with_buffers.unsure)) == (without.verdict, bool(without.unsure))
    return True
