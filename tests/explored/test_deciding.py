"""Sleeping processes, and what wakes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import Operation, Sleep, dependent
from tests.explored.random_operations import PROCESSES, always_the_same, operation, sequence


@always_the_same
@given(sequence, st.lists(operation, max_size=PROCESSES), st.integers(0, 10))
def test_a_sleeper_is_woken_by_what_its_operation_depends_on(done: list[Operation], sleepers: list[Operation], start: int) -> None:
    """`wake`, which is written out for speed, wakes exactly the processes for whose operation `dependent` holds, and when it holds."""
    asleep: Sleep = {o[0]: o for o in sleepers}
    start = min(start, len(done))
    engine = ExploredEngine(asleep=asleep, asleep_from=start)
    engine.done = done
    engine.wake()
    expected = dict(asleep)
    for at in range(start, len(done)):
        expected = {pid: o for pid, o in expected.items() if not dependent(o, done[at])}
        assert engine.slept.get(at + 1, {}) == expected
    assert engine.asleep == expected
