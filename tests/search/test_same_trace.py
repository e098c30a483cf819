"""A trace with more barriers: it is possible still, or it is forbidden."""

from __future__ import annotations

import pytest

from harness.litmus.weak_programs import r, w
from harness.verify.barrier_points import KINDS, MB
from harness.verify.barrier_search import placed
from tests.verify.small_programs import SmallProgram

SB = ([w("x"), r("y")], [w("y"), r("x")])
BOTH_OLD = (((0,), (0,)), (1, 1))


@pytest.mark.parametrize("model", list(KINDS))
def test_store_buffering(model: str) -> None:
    """Both threads read what is old although one of them has a barrier in between, in whatever place; if both have, they cannot."""
    program = SmallProgram(model, SB, {BOTH_OLD})
    result = program.search()
    trace = program.trace(result.schedule)
    assert trace.failure is not None
    for barriers, possible in (([0], True), ([1], True), ([0, 10, 11], True), ([1, 11], False), ([0, 1, 10, 11], False)):
        program.barriers.placed = placed([(number, MB) for number in barriers])
        assert trace.fails_again(program.execute) is possible


def test_an_execution_in_another_order_is_found() -> None:
    """The stores of the trace arrive at the very end; with barriers that they could be before, they arrive there."""
    program = SmallProgram("tso", ([w("x"), r("z"), r("z")], [w("y"), r("z")]), {(((0, 0), (0,)), (1, 1, 0))})
    trace = program.trace([0, 0, 1, 2, 3])
    assert trace.failure is not None
    program.barriers.placed = placed([(1, MB), (2, MB), (11, MB)])
    assert trace.fails_again(program.execute)


def test_what_was_cut_off_is_not_followed() -> None:
    """Nothing is known of it."""
    program = SmallProgram("tso", SB, {BOTH_OLD})
    trace = program.trace(program.search().schedule)
    assert trace.fails_again(program.execute)
    trace.whole = False
    assert not trace.fails_again(program.execute)
