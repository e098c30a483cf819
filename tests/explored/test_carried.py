"""What loops carry from one turn to the next, seen at a call in the middle of them."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from harness.explored.carried import NOTHING, Carried, carried_at

FOUND: list[Carried] = []


def relax() -> None:
    """Note what the loops around the call carry."""
    frame = sys._getframe(1)
    FOUND.append(carried_at(frame.f_code, frame.f_lasti))


def read(value: int = 0) -> int:
    """Something that a loop calls."""
    return value


def no_loop() -> None:
    """What is not gone round in carries nothing."""
    turns = 0
    relax()
    turns += 1
    read(turns)


def sees_anew() -> None:
    """What is set before it is read is no state."""
    while state := read():
        read(state)
        relax()
    state = 1
    while state:
        relax()
        state = read()
        for each in range(3):
            read(each)


def counts() -> None:
    """A counter."""
    turns = 0
    while turns < 1:
        turns += 1
        relax()


def counts_down() -> None:
    """Two of them, one of them set only now and then."""
    left, late = 2, 0
    while left:
        if left == 1:
            late = left
        left -= 1
        read(late)
        relax()


def counts_outside() -> None:
    """A counter of an outer loop, while the inner one has none."""
    turns = 0
    while turns < 1:
        turns += 1
        while True:
            relax()
            if not read():
                break


def goes_through() -> None:
    """An iterator that was there before."""
    for _ in range(1):
        relax()


def closure() -> None:
    """A variable that another function shares."""
    turns = 0

    def seen() -> int:
        return turns

    while turns < 1:
        turns += 1
        read(seen())
        relax()


CASES: dict[Callable[[], None], list[tuple[set[str], bool]]] = {
    no_loop: [(set(), False)],
    sees_anew: [(set(), False)],
    counts: [({"turns"}, False)],
    counts_down: [({"left", "late"}, False)] * 2,
    counts_outside: [({"turns"}, False)],
    goes_through: [(set(), True)],
    closure: [({"turns"}, False)],
}


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
def test_what_a_loop_carries(function: Callable[[], None]) -> None:
    """Variables that it may read before it sets them again, and iterators."""
    FOUND.clear()
    function()
    assert [(set(found.names), found.counted) for found in FOUND] == CASES[function]


def test_outside_of_loops_nothing_is_read_again() -> None:
    """The same answer wherever that is."""
    FOUND.clear()
    no_loop()
    assert FOUND == [NOTHING]
