"""The cells of a compiled stage: what each location is called, and that it stays the same one."""

from __future__ import annotations

from dataclasses import replace

from harness.explored.explored_engine import ExploredEngine
from harness.machine.machine import Machine
from harness.native.glue import NativeCall
from harness.native.library import Library
from harness.native.loading import load_stage
from tests.native.in_c import needs_cc, source
from tests.native.running import GLUE, functions

pytestmark = needs_cc


def made() -> tuple[Library, Machine]:
    """The library, and a machine on which it is at work."""
    module = functions()
    machine = Machine(ExploredEngine(), 2)
    machine.install(module.Functions)
    return module.Functions.library, machine


def test_each_location_has_its_own_bit() -> None:
    """No two scalars are the same location, but for the two links of a list node."""
    library, machine = made()
    placement = library.placement(machine.engine, 2)
    links = {link for node in placement.static.nodes for link in node.links}
    tags = [cell.tag for cell in placement.static.cells if cell not in links]
    assert len(set(tags)) == len(tags) > 5
    assert all(node.links[0].tag == node.links[1].tag for node in placement.static.nodes)


def test_names_are_those_of_c() -> None:
    """Variables, members, and data that there is one of for each CPU."""
    library, machine = made()
    names = [cell.name for cell in library.placement(machine.engine, 2).static.cells]
    assert {"number", "half[1]", "some.link.next", "some.small[3]", "counter[0]", "counter[1]"} <= set(names)
    assert "counter[2]" not in names


def test_an_address_has_a_name_that_is_the_same_in_every_process() -> None:
    """A variable, a member, a function, memory and stacks; of all else, nothing is said."""
    library, machine = made()
    placement = library.placement(machine.engine, 2)
    at = {cell.name: cell.address for cell in placement.static.cells}
    assert placement.name_of(at["some.number"]) == "&some.number"
    assert placement.name_of(at["word"] + 4) == "&word + 4"
    assert placement.name_of(library.function("tells")) == "tells"
    assert placement.name_of(library.arena.low + 0x40) == "memory of CPU0 + 0x40"
    assert placement.name_of(library.runtime.of_cpu[1][3] - 16) == "stack of CPU1 − 0x10"
    assert placement.name_of(1 << 50) == "an address of nothing"


def test_structures_that_programs_make_keep_their_places() -> None:
    """What is made at the same address in another execution is the same location, by another name."""
    library, machine = made()
    placement = library.placement(machine.engine, 2)
    first = placement.make("thing", "a", library.arena.low)
    tags = [cell.tag for cell in first.cells]
    again = placement.make("thing", "b", library.arena.low)
    assert [cell.tag for cell in again.cells] == tags
    assert [cell.name for cell in again.cells][:2] == ["b.link.next", "b.link.prev"]


def test_memory_without_a_type_is_cut_where_others_begin() -> None:
    """Bytes of which nothing is known get cells of up to eight bytes, which cover all of them once."""
    library, machine = made()
    placement = library.placement(machine.engine, 2)
    low = library.arena.high - 64
    cells = placement.cells_at(low + 3, 20)
    assert [(cell.address - low, cell.size) for cell in cells] == [(0, 8), (8, 8), (16, 8)]
    assert placement.cells_at(low + 9, 2) == cells[1:2]


def test_what_code_may_write_is_restored_wherever_it_lies() -> None:
    """Also a section with a name of its own, and no other data with a value from the beginning."""
    text = 'struct thing { int a; }; int kept __attribute__((section("own_data"))) = 5; void one(struct thing *t) { kept++; t->a = kept; }'
    glue = replace(GLUE, calls=(NativeCall("one", ("one",)),))
    module = load_stage(source(text), glue, "kept")
    for _ in range(2):
        machine = Machine(ExploredEngine(), 2)
        stage = machine.install(module.Functions)
        thing = module.Thing(machine, "x")
        stage.one(thing)
        assert [(cell.name, cell.value) for cell in thing.cells] == [("x.a", 6)]
