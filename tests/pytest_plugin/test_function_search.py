"""Test functions, searched in this process."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from typing import Any

import pytest

from harness.pytest_plugin.function_machine import FunctionMachine
from harness.pytest_plugin.function_search import ESCAPES, FAILS, HOLDS, OPEN, UNSOUND, FunctionResult, FunctionSearch, Wanted
from harness.report.looks import EVERYWHERE
from harness.search.replay_string import Replay
from stages.hypervisor import Field, Struct

KEPT: list[int] = []
Function = Callable[[FunctionMachine], object]


class Pair(Struct):
    """Plain memory."""

    first = Field(0)


def searched(function: Function, **wanted: Any) -> FunctionResult:
    """What a search of a function finds."""
    return search_of(function, **wanted).searched(EVERYWHERE)


def search_of(function: Function, **wanted: Any) -> FunctionSearch:
    """The search of a function; exceptions are shown by their classes."""
    given = Wanted(**{"model": "sc", **wanted})
    return FunctionSearch(function.__name__, function, sys.modules[__name__], given, lambda error: type(error).__name__)


def lost(machine: FunctionMachine) -> None:
    """Two CPUs count, and one may not be seen."""
    count = machine.word("count")
    for cpu in (0, 1):
        machine.cpu(cpu, lambda: count.write(count.read() + 1))
    machine.run()
    assert count.value == 2, f"only {count.value}"


def counted(machine: FunctionMachine) -> None:
    """As `lost`, by an atomic operation."""
    count = machine.word("count")
    machine.cpu(0, lambda: count.add(1))
    machine.cpu(1, lambda: count.add(1))
    machine.run()
    assert count.value == 2


def late(machine: FunctionMachine) -> None:
    """Store buffering: without store buffers, one of two sees the other's store."""
    words = machine.word("x"), machine.word("y")
    seen = [1, 1]

    def look(cpu: int) -> None:
        words[cpu].write(1)
        seen[cpu] = words[1 - cpu].read()

    machine.cpu(0, lambda: look(0))
    machine.cpu(1, lambda: look(1))
    machine.run()
    assert seen != [0, 0]


def interrupted(machine: FunctionMachine) -> None:
    """What a handler asserts is asserted."""
    word = machine.word("word")
    machine.cpu(0, lambda: (word.write(1), word.write(0)))

    def handler() -> None:
        assert not word.read(), "in between"

    machine.interrupts(0, handler)


def racing(machine: FunctionMachine) -> None:
    """Two plain stores."""
    pair = Pair(machine.hv, "pair")
    for cpu in (0, 1):
        machine.cpu(cpu, lambda: setattr(pair, "first", 1))


def test_every_interleaving_is_executed() -> None:
    """What holds in all of them passes, and says how many there were."""
    found = searched(counted)
    assert (found.outcome, found.reached, found.remark) == (HOLDS, "2 executions, every one, memory model sc", "")


def test_the_failing_one_is_found_and_executed_again() -> None:
    """With its own lines; the same deviations fail in the same way, and none do not."""
    search = search_of(lost)
    found = search.searched(EVERYWHERE)
    assert (found.outcome, found.raised) == (FAILS, "AssertionError")
    assert found.reason.startswith("assertion: only 1, at test_function_search.py:")
    assert "  1*  read count = 0 " in found.execution
    assert found.failure is not None
    replay = Replay("pytest", 0, "f", "test", "t", deviations=dict(found.failure.deviations), max_steps=found.failure.steps)
    again = search.replayed(replay, EVERYWHERE)
    assert (again.outcome, again.reason, again.execution) == (found.outcome, found.reason, found.execution)
    assert search.replayed(Replay("pytest", 0, "f", "test", "t", max_steps=5000), EVERYWHERE).outcome == HOLDS


@pytest.mark.parametrize(("model", "outcome"), [("sc", HOLDS), ("tso", FAILS)])
def test_memory_models(model: str, outcome: str) -> None:
    """Store buffers make a difference."""
    assert searched(late, model=model).outcome == outcome


def test_interrupt_handlers_assert() -> None:
    """It is no crash."""
    assert searched(interrupted).reason.startswith("assertion: in between, at test_function_search.py:")


@pytest.mark.parametrize(("races", "outcome"), [(True, FAILS), (False, HOLDS)])
def test_data_races(races: bool, outcome: str) -> None:
    """They fail if nobody says otherwise."""
    assert searched(racing, races=races).outcome == outcome


def test_less_than_every_interleaving_is_no_pass() -> None:
    """But where the test says so; then it is told."""
    assert searched(counted, executions=1, preemptions=0).outcome == OPEN
    found = searched(counted, executions=1, preemptions=0, exhaustive=False)
    assert (found.outcome, found.remark) == (HOLDS, f"{found.reached}, as exhaustive=False allows")


def uses_random(machine: FunctionMachine) -> None:
    """Not the same twice, though the machine does the same."""
    machine.cpu(0, lambda: machine.word("word").write(1))
    machine.run()
    assert random.random() >= 0


def random_operations(machine: FunctionMachine) -> None:
    """What the machine does is not the same either, and why is known."""
    word = machine.word("word")
    machine.cpu(0, lambda: [word.write(1) for _ in range(random.randrange(1000))])


def seeds_random(machine: FunctionMachine) -> None:
    """The same each time."""
    random.seed(1)
    machine.cpu(0, lambda: machine.word("word").write(random.randrange(9)))


def keeps(machine: FunctionMachine) -> None:
    """Has a list that lives longer."""
    word = machine.word("word")
    machine.cpu(0, lambda: (word.write(1), KEPT.append(1)))
    machine.cpu(1, lambda: word.write(1))


def wavers() -> Function:
    """A function that does more from call to call."""
    calls = iter(range(10**6))

    def wavering(machine: FunctionMachine) -> None:
        word = machine.word("word")
        times = next(calls)
        machine.cpu(0, lambda: [word.write(1) for _ in range(times)])

    return wavering


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (uses_random, "the test does not do the same twice: it takes numbers from `random`"),
        (random_operations, "the test does not do the same twice: it takes numbers from `random`"),
        (keeps, "the test keeps state where the machine does not see it: KEPT changes while keeps runs"),
        (wavers(), "the test does not do the same twice: "),
    ],
)
def test_what_is_not_deterministic_is_told(function: Function, said: str) -> None:
    """Before anything is said of its executions."""
    found = searched(function)
    assert found.outcome == UNSOUND
    assert found.reason.startswith(said)
    assert searched(seeds_random).outcome == HOLDS


def test_skipping_is_skipping() -> None:
    """What ends the test without a verdict is no failure."""
    found = searched(lambda machine: pytest.skip("not today"))
    assert (found.outcome, found.reason, found.escaped) == (ESCAPES, "not today", "Skipped")


def test_run_is_for_once() -> None:
    """A second call, or one out of a CPU's function, is an error of the test."""

    def twice(machine: FunctionMachine) -> None:
        machine.run()
        machine.run()

    assert "RuntimeError: machine.run() is for the test function itself, and for once" in searched(twice).reason
    assert "RuntimeError" in searched(lambda machine: machine.cpu(0, machine.run)).reason


def passing_on(machine: FunctionMachine) -> None:
    """A barrier is missing: who has seen the flag reads plainly what was written before it."""
    pair, flag, hv = Pair(machine.hv, "pair"), machine.word("sent"), machine.hv

    def send() -> None:
        hv.write_atomic(pair, Pair.first, 1)
        hv.smp_wmb()
        flag.write(1)

    def receive() -> None:
        if flag.read():
            assert pair.first == 1

    machine.cpu(0, send)
    machine.cpu(1, receive)


def test_a_plain_read_that_races_is_undecided_under_arm() -> None:
    """Whether or not races are asked for; `exhaustive=False` allows that, and tells of it. The other models have no older values."""
    named = "a plain read of pair.first races at test_function_search.py:"
    found = searched(passing_on, model="arm", races=False)
    assert found.outcome == OPEN
    assert found.reason.startswith(f"undecided: {named}")
    allowed = searched(passing_on, model="arm", races=False, exhaustive=False)
    assert allowed.outcome == HOLDS
    assert named in allowed.remark
    assert searched(passing_on, model="arm").outcome == FAILS
    assert searched(passing_on, model="tso", races=False).outcome == HOLDS


def test_an_execution_with_a_plain_read_that_races_proves_little() -> None:
    """One that is executed again and violates nothing says so."""
    replay = Replay("pytest", 0, "f", "test", "passing_on", model="arm", max_steps=500)
    again = search_of(passing_on, model="arm", races=False).replayed(replay, EVERYWHERE)
    assert again.outcome == HOLDS
    assert "violates nothing; a plain read of pair.first races at" in again.remark
