"""Happens-before, which is kept location by location, against the order that pairs of dependent operations give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.explored.operations import Operation, dependent
from harness.search.happens_before import Order
from tests.explored.random_operations import always_the_same, execution_of, operation, sequence


def pasts(done: list[Operation]) -> list[int]:
    """For each operation, the transitive closure of dependence, as a mask."""
    found: list[int] = []
    for i, o in enumerate(done):
        past = 0
        for j in range(i):
            if dependent(done[j], o):
                past |= found[j] | 1 << j
        found.append(past)
    return found


def immediate_races(done: list[Operation], o: Operation, own: int, past: list[int]) -> int:
    """Operations of other processes that `o` depends on and that are not in its process' past, but for those that others come after."""
    racing = [j for j, other in enumerate(done) if dependent(other, o) and other[0] != o[0] and not own >> j & 1]
    return sum(1 << j for j in racing if not any(past[k] >> j & 1 for k in racing))


@always_the_same
@given(sequence)
def test_the_past_is_the_closure_of_dependence(done: list[Operation]) -> None:
    """Whatever the operations are."""
    order = Order()
    order.extend(execution_of(done))
    assert order.past == pasts(done)


@always_the_same
@given(sequence)
def test_races_are_immediate(done: list[Operation]) -> None:
    """A race is a conflict with nothing in between."""
    order = Order()
    order.extend(execution_of(done))
    past = pasts(done)
    assert order.races == [immediate_races(done[:i], o, order.own_past(i), past) for i, o in enumerate(done)]


@always_the_same
@given(sequence, operation)
def test_races_of_an_operation_that_is_still_to_come(done: list[Operation], pending: Operation) -> None:
    """They are those that it would have if it came now."""
    order = Order()
    engine = execution_of(done)
    order.extend(engine)
    assert order.of_pending(engine, pending) == immediate_races(done, pending, order.latest[pending[0]], pasts(done))


@always_the_same
@given(sequence, sequence, st.integers(0, 10))
def test_what_is_cut_off_is_forgotten(done: list[Operation], instead: list[Operation], length: int) -> None:
    """An order that was cut back and extended again is the order of the new execution."""
    order = Order()
    order.extend(execution_of(done))
    kept = done[: min(length, len(done))]
    order.cut(len(kept))
    order.extend(execution_of(kept + instead))
    assert order.past == pasts(kept + instead)
