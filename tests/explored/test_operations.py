"""The primitives of dependence against their definition."""

from __future__ import annotations

from hypothesis import given

from harness.explored.operations import Operation, conflicts, dependent, disturbs, read_by
from harness.machine.engine import RMW, STORE
from tests.explored.random_operations import always_the_same, by_definition, locations, mask, operation, process


@always_the_same
@given(operation, operation)
def test_operations_depend_by_process_or_location(a: Operation, b: Operation) -> None:
    """One process, or a common location that one of them writes; whichever is named first."""
    assert dependent(a, b) == dependent(b, a) == by_definition(a, b)


@always_the_same
@given(operation, operation)
def test_a_conflict_does_not_ask_for_the_process(a: Operation, b: Operation) -> None:
    """It is about locations: as if two processes performed the operations."""
    assert conflicts(a, b) == conflicts(b, a) == by_definition((0, *a[1:]), (1, *b[1:]))


@always_the_same
@given(operation, process, mask)
def test_another_process_disturbs_by_a_write(a: Operation, pid: int, seen: int) -> None:
    """A process does not disturb itself, and a read disturbs nobody."""
    assert disturbs(a, pid, seen) == (a[0] != pid and not locations(a[3]).isdisjoint(locations(seen)))


def test_a_read_modify_write_reads_what_it_writes() -> None:
    """It is recorded as a write; a plain store reads nothing."""
    assert read_by((0, RMW, 4, 1)) == 5
    assert read_by((0, STORE, 4, 1)) == 4
