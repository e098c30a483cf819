"""Random operations of three processes on four locations, and what a conflict is, said with sets."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import Operation
from harness.machine.engine import LOAD, READ, RMW, STORE, WRITE, Process

PROCESSES = 3
LOCATIONS = 4

# The same operations every time, however slow the machine is.
always_the_same = settings(derandomize=True, deadline=None, database=None)

KINDS = (LOAD, STORE, READ, WRITE, RMW)
process = st.integers(0, PROCESSES - 1)
# Mostly one location, at times several or none.
mask = st.one_of(st.integers(0, LOCATIONS - 1).map(lambda bit: 1 << bit), st.integers(0, (1 << LOCATIONS) - 1))


def operations_of(*kinds: str) -> st.SearchStrategy[Operation]:
    """Operations of these kinds that read, write or do both."""
    some = st.sampled_from(kinds)
    return st.one_of(
        st.tuples(process, some, mask, st.just(0)), st.tuples(process, some, st.just(0), mask), st.tuples(process, some, mask, mask)
    )


operation = operations_of(*KINDS)
sequence = st.lists(operation, max_size=10)


def locations(mask: int) -> set[int]:
    """The numbers of the locations in a mask."""
    return {bit for bit in range(LOCATIONS) if mask >> bit & 1}


def by_definition(a: Operation, b: Operation) -> bool:
    """Whether two operations depend on each other: one process, or a common location that one of them writes."""
    reads, writes = [locations(o[2]) for o in (a, b)], [locations(o[3]) for o in (a, b)]
    return a[0] == b[0] or bool(writes[0] & (reads[1] | writes[1]) | writes[1] & reads[0])


def execution_of(done: list[Operation]) -> Execution:
    """An execution that has performed these operations."""
    engine = ExploredEngine()
    for pid in range(PROCESSES):
        engine.add(Process(f"P{pid}", lambda: None))
    engine.done = done
    return engine
