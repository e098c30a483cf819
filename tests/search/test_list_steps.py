"""Where an interrupt comes between the steps of a list operation: what is known without store buffers, and what is with them."""

from __future__ import annotations

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ENGINES, SC, TSO
from harness.machine.diagnosis import LIST_CORRUPTION
from harness.search.list_steps import ListSteps
from harness.search.search import Limits, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from tests.search import random_programs

APPEND = ("append", 0)


def interrupted(cpu: list[random_programs.Op], handler: list[random_programs.Op]) -> random_programs.Program:
    """A CPU, and a handler that may interrupt it at any time."""
    return [cpu], [("interrupt", 0, handler)]


# Programs, and whether a handler may see the steps of a list operation of its CPU.
PROGRAMS: dict[str, tuple[random_programs.Program, bool]] = {
    "both append": (interrupted([APPEND], [APPEND]), True),
    "the handler walks": (interrupted([APPEND], [("walk", 0)]), True),
    "interrupts are off": (interrupted([("irqs off", [APPEND])], [APPEND]), False),
    "another list": (interrupted([APPEND], [("append", 1)]), False),
    "it only walks": (interrupted([("walk", 0)], [APPEND]), False),
    "another CPU is interrupted": (([[APPEND], []], [("interrupt", 1, [("walk", 1)])]), False),
    "behind the handler": (interrupted([APPEND, ("irqs off", [APPEND])], [("read", 0)]), False),
    "a handler that lets others in": (interrupted([APPEND, ("irqs off", [("walk", 0)])], [("irqs on",)]), True),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_who_may_see_the_steps(name: str) -> None:
    """The same for one who looks at each execution anew, and for one who goes on from the last one."""
    program, expected = PROGRAMS[name]
    steps, found = ListSteps(), []
    done: list[object] = []

    def look(engine: ExploredEngine, _: SearchResult) -> None:
        same = next((i for i, (a, b) in enumerate(zip(done, engine.done, strict=False)) if a != b), min(len(done), len(engine.done)))
        done[:] = engine.done
        found.append(steps.may_be_seen(engine, same))
        assert ListSteps().may_be_seen(engine, 0) is found[-1]

    search(random_programs.executed_program(program), OptimalDpor(ENGINES[SC]), Limits(stop_at_failure=False), [look])
    assert any(found) is expected


def test_with_store_buffers_a_list_is_corrupt_there() -> None:
    """And without them it is not: the handler comes before the operation, or behind it."""
    execute = random_programs.executed_program(PROGRAMS["both append"][0])
    kinds = []
    for model in (SC, TSO):
        failure = search(execute, OptimalDpor(ENGINES[model]), Limits()).failure
        kinds.append(failure and failure.kind)
    assert kinds == [None, LIST_CORRUPTION]
