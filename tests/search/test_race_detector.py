"""The detector that goes along with a search says of every execution what `find_race` says of it alone."""

from __future__ import annotations

import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ENGINES, SC, TSO
from harness.explored.operations import Operation
from harness.machine.engine import AWAIT, INTERRUPT, LOAD, LOCK, RAISE_IRQ, READ, RMW, STORE, UNLOCK, WRITE
from harness.machine.machines import machine_on
from harness.search.data_races import find_race
from harness.search.race_detector import RaceDetector, checking_races
from harness.search.search import Limits, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from stages.hypervisor import Field, Hypervisor, Struct
from tests.explored.random_operations import LOCATIONS, always_the_same, execution_of, operations_of
from tests.search.random_programs import Program, executed_program, programs

MIXED = operations_of(LOAD, STORE, STORE, READ, WRITE, RMW, LOCK, UNLOCK, INTERRUPT, RAISE_IRQ, AWAIT)
# How many operations of the last execution are kept, and what follows.
STEPS = st.lists(st.tuples(st.integers(0, 12), st.lists(MIXED, max_size=8)), min_size=1, max_size=6)


@always_the_same
@given(steps=STEPS, lines=st.booleans())
def test_it_agrees_with_the_search_of_each_execution(steps: list[tuple[int, list[Operation]]], lines: bool) -> None:
    """Of executions that have beginnings in common, or none, with interrupt lines among the locations or without."""
    detector = RaceDetector()
    done: list[Operation] = []
    for kept, following in steps:
        done = done[:kept] + following
        engine = execution_of(list(done))
        if lines:
            for process in engine.processes:
                process.irq_tag = 1 << LOCATIONS - 1 - process.pid
        assert detector.finds_race(engine) == (find_race(engine) is not None)


@always_the_same
@given(program=programs)
def test_it_agrees_in_a_search(program: Program) -> None:
    """Also where an execution is cut off, and whatever the last operation turned out to be."""
    detector = RaceDetector()

    def look(engine: ExploredEngine, _: SearchResult) -> None:
        assert detector.finds_race(engine) == (find_race(engine) is not None)

    search(executed_program(program), OptimalDpor(), Limits(executions=60, steps=60, stop_at_failure=False), [look])


def test_a_race_is_forgotten_with_its_operation() -> None:
    """An execution that shares what comes before the race, but not the race, has none; one that shares the race has it."""
    detector = RaceDetector()
    first, second, third = (0, STORE, 0, 1), (1, STORE, 0, 1), (1, STORE, 0, 2)
    found = [detector.finds_race(execution_of(done)) for done in ([first, second], [first, second, third], [first, third], [first])]
    assert found == [True, True, False, False]


def test_another_program_is_looked_at_anew() -> None:
    """Operations that look alike mean something else where other locations are interrupt lines."""
    detector = RaceDetector()
    done = [(0, STORE, 0, 1), (1, LOAD, 1, 0)]
    assert detector.finds_race(execution_of(done))
    other = execution_of(done)
    other.processes[1].irq_tag = 1
    assert not detector.finds_race(other)


class Plain(Struct):
    """Something with a plain field."""

    x = Field(0)


@pytest.mark.parametrize("model", [SC, TSO])
def test_a_race_is_of_cpus(model: str) -> None:
    """A store that arrives late is its CPU's, and no store buffer's: what races has the same words under each memory model."""

    def execute(engine: ExploredEngine) -> None:
        machine = machine_on(engine, 2)
        plain = Plain(cast(Hypervisor, machine), "plain")
        for cpu in machine.cpus:
            cpu.body = lambda: setattr(plain, "x", 1)
        engine.run()
        engine.close()

    failure = search(checking_races(execute), OptimalDpor(ENGINES[model])).failure
    assert failure is not None
    place = r"test_race_detector\.py:\d+ \(<lambda>\) \(store of plain\.x\)"
    assert re.fullmatch(rf"CPU0 at {place} and CPU1 at {place} are not ordered", failure.message)
