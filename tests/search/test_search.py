"""What a search says: its verdicts, and what may count as a pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.litmus.litmus_programs import Threads, counter, executed, locked_counter
from harness.machine.diagnosis import ASSERTION, NO_PROGRESS, Violation
from harness.machine.engine import Process
from harness.machine.interrupts import Interrupts
from harness.search.search import (
    DIVERGED,
    EXHAUSTED,
    FAILED,
    LIMIT_REACHED,
    PASSED,
    UNDECIDED,
    Limits,
    SearchResult,
    Strategy,
    judge,
    search,
)
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.strategies.preemption_bounded import PreemptionBounded
from harness.search.strategies.source_dpor import SourceDpor
from stages.hypervisor import Hypervisor, Word

STRATEGIES = [DepthFirst, OptimalDpor, SourceDpor, lambda: PreemptionBounded(2)]


@pytest.mark.parametrize("make", STRATEGIES)
def test_execution_limit_is_not_exhaustion(make: Callable[[], Strategy]) -> None:
    """A search that its limit stops says how far it got, and does not pass."""
    result = search(executed(counter(2, 2)), make(), Limits(executions=5))
    assert (result.verdict, result.executions + result.blocked) == (LIMIT_REACHED, 5)
    assert result.reached == "5 executions"
    assert judge(result) == UNDECIDED


def test_limit_that_is_just_enough_is_exhaustion() -> None:
    """A limit of as many executions as there are does not stop anything."""
    assert search(executed(counter(2, 2)), OptimalDpor(), Limits(executions=34)).verdict == EXHAUSTED


def test_time_limit_is_not_exhaustion() -> None:
    """No time at all is enough for one execution and no verdict."""
    result = search(executed(counter(2, 2)), OptimalDpor(), Limits(seconds=0))
    assert (result.verdict, result.reached, judge(result)) == (LIMIT_REACHED, "the time is up", UNDECIDED)


def test_interrupted_search_keeps_what_is_done() -> None:
    """Ctrl-C ends a search; the executions so far count, and it does not pass."""
    left = [3]

    def execute(engine: ExploredEngine) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        executed(counter(2, 2))(engine)

    result = search(execute, OptimalDpor())
    assert (result.verdict, result.reached, result.executions, judge(result)) == (LIMIT_REACHED, "interrupted", 3, UNDECIDED)


def test_exhaustion_passes() -> None:
    """A space explored to its end without a failure is a pass, and so is one within a bound that is named."""
    assert judge(search(executed(locked_counter(2, 2)), OptimalDpor())) == PASSED
    bounded = search(executed(counter(3, 1)), PreemptionBounded(0))
    assert bounded.verdict == "exhausted within 0 preemptions"
    assert judge(bounded) == PASSED


@pytest.mark.parametrize("verdict", ["", LIMIT_REACHED, DIVERGED])
def test_nothing_else_passes(verdict: str) -> None:
    """No other verdict is a pass."""
    assert judge(SearchResult("any", verdict)) == UNDECIDED


@pytest.mark.parametrize("make", STRATEGIES)
def test_lost_update_is_found(make: Callable[[], Strategy]) -> None:
    """Every strategy finds the lost update; the failing schedule, executed again, fails again."""

    def execute(engine: ExploredEngine) -> None:
        executed(counter(2, 1))(engine)
        if engine.final == 1:
            engine.fail(Violation(ASSERTION, "an update is lost"))

    result = search(execute, make())
    assert (result.verdict, judge(result)) == (FAILED, FAILED)
    again = ExploredEngine(script=result.schedule)
    execute(again)
    assert str(again.failure) == str(result.failure) == "assertion: an update is lost"


@pytest.mark.parametrize("make", STRATEGIES)
def test_nondeterministic_program_diverges(make: Callable[[], Strategy]) -> None:
    """A program that keeps something from one execution to the next is noticed."""
    executions = [0]

    def arrange(t: Threads) -> None:
        x, y = t.word("x"), t.word("y")
        executions[0] += 1
        late = executions[0] > 1

        def body() -> None:
            if late:
                y.read()
            x.write(1)
            if not late:
                y.read()

        t.thread(body)
        t.thread(lambda: x.write(2))
        t.thread(lambda: y.write(2))

    result = search(executed(arrange), make())
    assert result.verdict in (DIVERGED, EXHAUSTED)
    if make in (OptimalDpor, SourceDpor):
        assert result.verdict == DIVERGED
        assert judge(result) == UNDECIDED


def waiting(
    body: Callable[[Interrupts, Word, Word], None], other: Callable[[Interrupts, Word, Word], None]
) -> Callable[[ExploredEngine], None]:
    """Two CPUs with two words."""

    def execute(engine: ExploredEngine) -> None:
        machine = Interrupts(engine, 2)
        x, y = Word(cast(Hypervisor, machine), "x"), Word(cast(Hypervisor, machine), "y")
        for cpu, does in zip(machine.cpus, (body, other), strict=True):
            cpu.body = lambda does=does: does(machine, x, y)  # type: ignore[misc]
            engine.add(cpu)
        engine.run()
        engine.close()

    return execute


def test_spinning_does_not_explode() -> None:
    """A loop that relaxes until another CPU writes is explored in as many traces as there are orders, not turns."""

    def spin(machine: Interrupts, x: Word, y: Word) -> None:
        while not x.read():
            machine.cpu_relax()

    result = search(waiting(spin, lambda machine, x, y: x.write(1)), OptimalDpor())
    assert (result.verdict, result.executions) == (EXHAUSTED, 2)


def test_loop_that_nobody_ends_is_found() -> None:
    """Who spins on a word that nobody writes makes no progress."""

    def spin(machine: Interrupts, x: Word, y: Word) -> None:
        while not x.read():
            machine.cpu_relax()

    result = search(waiting(spin, lambda machine, x, y: y.write(1)), OptimalDpor())
    assert result.failure is not None
    assert result.failure.kind == NO_PROGRESS


def test_livelock_is_found() -> None:
    """Two CPUs that keep each other spinning make no progress, however fairly they are scheduled."""

    def chase(machine: Interrupts, mine: Word, other: Word) -> None:
        while True:
            mine.add(1)
            other.read()
            machine.cpu_relax()

    execute = waiting(chase, lambda machine, x, y: chase(machine, y, x))
    result = search(execute, OptimalDpor(), Limits(steps=300))
    assert result.failure is not None
    assert result.failure.kind == NO_PROGRESS


def test_unfair_spinning_is_no_failure_and_no_exhaustion() -> None:
    """A loop that does not even relax ends once everybody gets a turn; the search cannot claim to have seen everything."""

    def spin(machine: Interrupts, x: Word, y: Word) -> None:
        while not x.read():
            pass

    result = search(waiting(spin, lambda machine, x, y: x.write(1)), OptimalDpor(), Limits(steps=50, executions=100))
    assert result.failure is None
    assert result.endless > 0
    assert judge(result) == UNDECIDED


def test_process_that_swallows_its_end_is_unwound() -> None:
    """A process that catches everything, and goes on when it is unwound, does not keep the search."""

    def stubborn(machine: Interrupts, x: Word, y: Word) -> None:
        for _ in range(3):
            try:
                machine.engine.wait("for ever", lambda: x.value == 7, [x])
            except BaseException:
                continue

    result = search(waiting(stubborn, lambda machine, x, y: y.write(1)), OptimalDpor())
    assert result.failure is not None
    assert "for ever" in result.failure.message


def test_cells_made_during_a_run_have_places_of_their_own() -> None:
    """The location of a cell that a process makes does not depend on what others have made before."""
    places: set[tuple[int, int]] = set()

    def execute(engine: ExploredEngine) -> None:
        machine = Interrupts(engine, 2)
        shared = Word(cast(Hypervisor, machine), "shared")
        tags = [0, 0]

        def make(which: int) -> None:
            shared.add(1)
            word = Word(cast(Hypervisor, machine), f"own {which}")
            tags[which] = word.tag
            word.add(1)

        for which in range(2):
            engine.add(Process(f"P{which}", lambda which=which: make(which)))  # type: ignore[misc]
        engine.run()
        engine.close()
        places.add((tags[0], tags[1]))

    assert search(execute, DepthFirst()).executions == 6
    assert len(places) == 1
    assert len(set(places.pop())) == 2
