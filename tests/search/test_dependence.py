"""What is built on the primitives of dependence: beginnings of sequences, locks, races."""

from __future__ import annotations

from hypothesis import given

from harness.explored.operations import Operation, dependent
from harness.machine.engine import AWAIT, LOAD, LOCK, READ, STORE, UNLOCK, WRITE
from harness.search.dependence import begins, bits, initials, is_free, races, writes_to
from tests.explored.random_operations import LOCATIONS, always_the_same, mask, operation, sequence


@always_the_same
@given(mask)
def test_bits_are_the_single_locations(locations: int) -> None:
    """Lowest first, and together they are the mask."""
    assert bits(locations) == [1 << i for i in range(LOCATIONS) if locations >> i & 1]


@always_the_same
@given(operation, mask)
def test_an_operation_writes_its_locations(o: Operation, location: int) -> None:
    """What it only reads does not count."""
    assert writes_to(o, location) == any(bit in bits(o[3]) for bit in bits(location))


@always_the_same
@given(operation, sequence)
def test_an_operation_begins_what_it_does_not_depend_on(o: Operation, following: list[Operation]) -> None:
    """`begins`, which is written out for speed, agrees with `dependent` on all that comes before the process' own first operation."""
    own = next((i for i, other in enumerate(following) if other[0] == o[0]), len(following))
    assert begins(o, following) == (not any(dependent(o, other) for other in following[:own]))


@always_the_same
@given(sequence)
def test_initials_can_be_moved_to_the_front(following: list[Operation]) -> None:
    """The first operation of a process is an initial if and only if it begins what comes before it."""
    expected = {}
    for i, o in enumerate(following):
        if all(other[0] != o[0] for other in following[:i]) and begins(o, following[:i]):
            expected[o[0]] = o
    assert initials(following) == expected


def test_a_lock_is_free_after_its_release() -> None:
    """The last operation on the lock counts, whatever was done to others since."""
    taken, released, other = (0, LOCK, 0, 1), (0, UNLOCK, 0, 1), (1, LOCK, 0, 2)
    assert is_free(1, [])
    assert is_free(1, [other])
    assert not is_free(1, [other, taken, released])
    assert is_free(1, [other, released, taken])


def test_only_plain_accesses_race() -> None:
    """Two processes, a write, and one of the two accesses plain."""
    assert races((0, LOAD, 1, 0), (1, STORE, 0, 1))
    assert races((0, READ, 1, 0), (1, STORE, 0, 1))
    assert not races((0, READ, 1, 0), (1, WRITE, 0, 1))
    assert not races((0, LOAD, 1, 0), (1, LOAD, 1, 0))
    assert not races((0, STORE, 0, 1), (0, STORE, 0, 1))
    assert not races((0, LOAD, 1, 0), (1, STORE, 0, 2))


def test_a_wait_does_not_race() -> None:
    """It looks at memory, but it is the machine that does."""
    assert not races((0, AWAIT, 1, 0), (1, STORE, 0, 1))
