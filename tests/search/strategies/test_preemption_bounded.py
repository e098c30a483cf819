"""Beginnings of traces: equal exactly if they differ in the order of independent operations only."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from harness.explored.operations import Operation, dependent
from harness.search.strategies.preemption_bounded import State, _Beginning, _Known
from tests.explored.random_operations import always_the_same, sequence


def state(known: _Known, done: list[Operation]) -> State:
    """The last operation of each process after these."""
    beginning = _Beginning({}, {}, {})
    for operation in done:
        beginning = beginning.then(known, operation, ())
    return beginning.state


@always_the_same
@given(sequence, st.integers(0, 8))
def test_only_independent_operations_commute(done: list[Operation], at: int) -> None:
    """Two neighbours of different processes may change places if and only if `dependent` does not hold."""
    assume(at + 1 < len(done) and done[at][0] != done[at + 1][0])
    known = _Known()
    swapped = [*done[:at], done[at + 1], done[at], *done[at + 2 :]]
    assert (state(known, done) == state(known, swapped)) == (not dependent(done[at], done[at + 1]))
