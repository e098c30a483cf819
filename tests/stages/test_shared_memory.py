"""The shared-memory types that stages declare: Struct, Field, Word and ListHead."""

from __future__ import annotations

import importlib
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.machine.machine import Machine
from harness.timed.timed_engine import TimedEngine
from stages import FIXED, POSTED
from stages.api import Stage
from stages.hypervisor import Field, Hypervisor, ListHead, PerCpu, Struct, Word


class Thing(Struct):
    """A structure with a location of each sort."""

    list = ListHead.field()
    state = Word.field(5)
    owner = Field(-1)
    data = Field[Any](None)


class Bigger(Thing):
    """One that inherits the fields of another."""

    extra = Field("x")


def make_hv() -> Hypervisor:
    """A machine that does not run: every access takes effect at once."""
    return cast(Hypervisor, Machine(TimedEngine(), 2))


@pytest.fixture
def hv() -> Hypervisor:
    """A machine that does not run."""
    return make_hv()


def test_fields_start_with_their_declared_values(hv: Hypervisor) -> None:
    """A new structure has the declared initial values, and a list node that is linked to itself."""
    thing = Thing(hv, "t")
    assert (thing.state.read(), thing.owner, thing.data) == (5, -1, None)
    assert thing.list.next is thing.list
    assert thing.list.prev is thing.list
    assert thing.list.owner is thing


def test_two_structures_share_nothing(hv: Hypervisor) -> None:
    """Assigning a field of one structure does not show in another of the same type."""
    one, other = Thing(hv, "one"), Thing(hv, "other")
    one.owner = 3
    one.state.write(9)
    assert (other.owner, other.state.read()) == (-1, 5)


def test_a_structure_names_its_locations_and_puts_them_on_one_line() -> None:
    """Locations are called `structure.field`, in the order of declaration, and are placed on the structure's line."""
    placed = []

    class Recording(Machine):
        def place(self, cell: Any, line: str, parts: Any = ()) -> Any:
            placed.append((cell.name, line))
            return super().place(cell, line, parts)

    hv = cast(Hypervisor, Recording(TimedEngine(), 1))
    placed.clear()
    Bigger(hv, "b")
    assert placed == [("b.list", "b"), ("b.state", "b"), ("b.owner", "b"), ("b.data", "b"), ("b.extra", "b")]


class Large(Struct):
    """One that is larger than a cache line."""

    flag = Field(False)
    queue = ListHead.field()
    count = Field(0)
    first = Word.field()
    title = Field("")
    buffer = Field[Any](None, size=24)
    last = Field(0)
    after = Word.field()


def test_a_structure_is_laid_out_as_in_c() -> None:
    """Fields stand in order, aligned to their sizes, and every 64 bytes share a line."""
    assert [(field.name, field.offset) for field in Large.declared] == [
        ("flag", 0),
        ("queue", 8),
        ("count", 24),
        ("first", 32),
        ("title", 40),
        ("buffer", 48),
        ("last", 72),
        ("after", 80),
    ]
    large = Large(make_hv(), "large")
    lines = [cell.tag for cell in large.cells]
    assert [line.name for line in lines] == ["large"] * 6 + ["large+64"] * 2
    assert len(set(map(id, lines))) == 2


@pytest.mark.parametrize("stage", [*FIXED.stages, *POSTED.stages], ids=lambda stage: stage.module)
def test_a_tasklet_fits_on_a_line(stage: Stage) -> None:
    """The structure that all stages share has 64 bytes at most, as in Xen: to schedule one is to move one line."""
    tasklet = importlib.import_module(stage.module).Tasklet
    assert all(cell.tag.name == "t" for cell in tasklet(make_hv(), "t").cells)


def test_a_subclass_keeps_the_fields_of_its_base(hv: Hypervisor) -> None:
    """Inherited fields stand before the new ones and work on both types."""
    bigger = Bigger(hv, "b")
    bigger.owner = 4
    assert [field.name for field in Bigger.declared] == ["list", "state", "owner", "data", "extra"]
    assert (bigger.owner, bigger.extra, Thing(hv, "t").owner) == (4, "x", -1)


def test_a_field_of_the_class_is_its_declaration(hv: Hypervisor) -> None:
    """`Thing.owner` is the declaration, by which marked accesses name a field."""
    thing = Thing(hv, "t")
    hv.write_atomic(thing, Thing.owner, 7)
    assert isinstance(Thing.owner, Field)
    assert hv.read_atomic(thing, Thing.owner) == thing.owner == 7


def test_a_field_that_is_not_declared_cannot_be_reached(hv: Hypervisor) -> None:
    """Reading an undeclared attribute is an error, as it is in C."""
    with pytest.raises(AttributeError):
        _ = Thing(hv, "t").nonsense  # type: ignore[attr-defined]


WORD_CALLS = {
    "xchg": lambda value, a, b: (value, a),
    "add": lambda value, a, b: (value, value + a),
    "fetch_or": lambda value, a, b: (value, value | a),
    "fetch_and": lambda value, a, b: (value, value & a),
    "cmpxchg": lambda value, a, b: (value, b if value == a else value),
    "test_and_set_bit": lambda value, a, b: (bool(value >> a & 1), value | 1 << a),
    "test_and_clear_bit": lambda value, a, b: (bool(value >> a & 1), value & ~(1 << a)),
    "test_bit": lambda value, a, b: (bool(value >> a & 1), value),
    "set_bit": lambda value, a, b: (None, value | 1 << a),
    "clear_bit": lambda value, a, b: (None, value & ~(1 << a)),
}


@given(st.integers(0, 15), st.lists(st.tuples(st.sampled_from(sorted(WORD_CALLS)), st.integers(0, 7), st.integers(0, 15))))
def test_a_word_does_what_an_integer_would(value: int, calls: list[tuple[str, int, int]]) -> None:
    """Every operation returns what it should have found and leaves the value that integer arithmetic gives."""
    word = Word(make_hv(), "w", value)
    for name, a, b in calls:
        arguments = (a, b) if name == "cmpxchg" else (a,)
        expected, value = WORD_CALLS[name](value, a, b)
        assert getattr(word, name)(*arguments) == expected, name
        assert word.read() == value, name


def test_links_can_be_assigned_as_in_c(hv: Hypervisor) -> None:
    """`next` and `prev` of a node are plain locations: assigning one touches no other link."""
    head, node = ListHead(hv, "head"), ListHead(hv, "node")
    head.next = node
    assert head.next is node
    assert head.prev is head
    assert node.next is node
    node.prev = head
    assert node.prev is head


def test_per_cpu_has_one_object_for_each_cpu(hv: Hypervisor) -> None:
    """`per_cpu` makes distinct objects that are named by CPU."""
    lists: PerCpu[ListHead] = hv.per_cpu("queue", ListHead)
    assert len(lists) == hv.nr_cpus == 2
    assert [item.name for item in lists] == ["queue[0]", "queue[1]"]
    assert lists[0] is not lists[1]
