"""A compiled stage in this process: where its memory is, what it is called, and how it gets back to what it was.

Cells, with their places among the locations of an engine, are kept from one execution to the next: an address stands for the same location
in all executions of a search, whoever comes there first.
"""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_right, insort
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Protocol

from harness.machine.diagnosis import CannotRun, inner
from harness.native.cells import NativeCell, NativeNode, Region, cell, number_of, shown
from harness.native.layout import Layout, Leaf, Variable
from harness.native.layout_records import LIST, LOCK
from harness.native.runtime import Runtime, memory
from stages.shared_memory import Cell, ListHead

inner(__file__)

# Locations that are set aside for what a program or the stage makes, and for memory of which nothing is known.
RESERVED = 384
# How variables of glue begin that programs take for structures of their own.
DECLARED = "machine_declared_"
# Bytes of a link, and of memory of which nothing is known.
LINK = WORD = 8


class Placing(Protocol):
    """What is needed of an engine that gives cells their places."""

    weak: bool

    def reserve(self, count: int) -> tuple[int, int]:
        """Set locations aside: the number of the first one, and how far they are apart."""


@dataclass
class TypedMemory:
    """The cells, list nodes and locks of a piece of memory of which the type is known."""

    cells: list[NativeCell] = field(default_factory=list)
    nodes: list[NativeNode] = field(default_factory=list)
    # Where each is, and its name.
    locks: list[tuple[int, str]] = field(default_factory=list)

    def rename(self, old: str, new: str) -> None:
        """Call everything after another structure."""
        for each in (*self.cells, *self.nodes):
            each.name = new + each.name[len(old) :]
        self.locks = [(at, new + name[len(old) :]) for at, name in self.locks]


class Library:
    """The library at `path`, loaded into this process, with what its debugging information says."""

    def __init__(self, path: Path, layout: Layout, runtime: Runtime, intended_races: Collection[str] = ()) -> None:
        self.layout, self.runtime = layout, runtime
        # Variables, and members of structures ("request.done"), whose plain accesses are meant to be what marked ones are.
        self._intended = frozenset(intended_races)
        self._handle = ctypes.PyDLL(str(path))
        self.base = _base_of(self._handle)
        low, high = self._writable()
        self.data = Region(low, high)
        # (It has to stay where it is: the runtime is told its address.)
        self._before = bytes(memory(low, high - low))
        end = max(at + size for at, size in layout.sections.values())
        self._limits = (self.base, self.base + end, low, high, _address_of(self._before), len(self._before))
        self.arena = Region(runtime.arena, runtime.arena + runtime.arena_size)
        self._placements: dict[tuple[int, int, int, bool], Placement] = {}
        self._counts: dict[int, int] = {}

    def _writable(self) -> tuple[int, int]:
        """Where what code may write begins and ends, whichever sections that is in; nothing, if there is none."""
        sections = [self.layout.sections[name] for name in self.layout.writable]
        low = min((at for at, _ in sections), default=0)
        return self.base + low, self.base + max((at + size for at, size in sections), default=low)

    def select(self) -> None:
        """Have the runtime work for this library from here on, with memory as it was when it was loaded."""
        self.runtime.stage(*self._limits)
        self.runtime.reset()

    def is_intended(self, whole: str, suffix: str) -> bool:
        """Whether races on a member of a variable or of a structure of this type are meant to be there."""
        return bool(self._intended) and not self._intended.isdisjoint((whole, f"{whole}{_without_numbers(suffix)}"))

    def holds(self, address: int) -> bool:
        """Whether an address is in the library."""
        return self._limits[0] <= address < self._limits[1]

    def function(self, name: str) -> int:
        """The address of a function; 0 if there is none of this name."""
        at = self.layout.symbols.get(name)
        return self.base + at if at is not None and name in self.layout.functions else 0

    def function_at(self, address: int) -> str:
        """The name of the function that begins at an address; empty if there is none."""
        return next((name for name, each in self.layout.functions.items() if each.low == address - self.base), "")

    def place(self, pc: int) -> str:
        """The line that the code before `pc` is of."""
        return self.layout.place(pc - 1 - self.base)

    def placement(self, engine: Placing, cpus: int) -> Placement:
        """Where cells are among the locations of an explored engine: the same as for others that have come as far."""
        count = self.count(cpus)
        first, apart = engine.reserve(count + RESERVED)
        key = (first, apart, cpus, engine.weak)
        placement = self._placements.get(key)
        if placement is None:
            placement = self._placements[key] = Placement(self, cpus, _Numbers(first, apart, count + RESERVED, engine.weak))
        return placement

    def forget(self) -> None:
        """Another program begins: it finds memory as if it were the first one."""
        self._placements.clear()

    def count(self, cpus: int) -> int:
        """How many locations the variables of the stage have."""
        if cpus not in self._counts:
            self._counts[cpus] = sum(2 if leaf.type.kind == LIST else 1 for *_, leaf in self.leaves(cpus) if leaf.type.kind != LOCK)
        return self._counts[cpus]

    def leaves(self, cpus: int) -> Iterator[tuple[int, str, str, Leaf]]:
        """Address, whole, its name and leaf of all that the variables are made of; of what each CPU has its own, for so many CPUs."""
        for variable in self.layout.variables:
            if self._is_written(variable):
                for offset, name in _instances(variable, cpus):
                    for leaf in variable.leaves:
                        yield self.base + variable.address + offset + leaf.offset, variable.name, name + leaf.suffix, leaf

    def own_heads(self, cpus: int) -> Iterator[tuple[int, int]]:
        """Where list heads are that a CPU has its own, not in a structure that might itself be linked; and the CPU."""
        for variable in self.layout.variables:
            if variable.per_cpu and self._is_written(variable):
                heads = [leaf for leaf in variable.leaves if leaf.type.kind == LIST and not _without_numbers(leaf.suffix)]
                for cpu, leaf in product(range(cpus), heads):
                    yield self.base + variable.address + cpu * variable.stride + leaf.offset, cpu

    def _is_written(self, variable: Variable) -> bool:
        # (What the glue declares is there when a program wants it.)
        return self.base + variable.address in self.data and not variable.name.startswith(DECLARED)


def _without_numbers(suffix: str) -> str:
    return re.sub(r"\[\d+\]", "", suffix)


def _instances(variable: Variable, cpus: int) -> list[tuple[int, str]]:
    if not variable.per_cpu:
        return [(0, variable.name)]
    return [(cpu * variable.stride, f"{variable.name}[{cpu}]") for cpu in range(cpus)]


class _Numbers:
    """Hands out the locations that were set aside."""

    def __init__(self, first: int, apart: int, count: int, weak: bool) -> None:
        self._next, self._end, self._apart = first, first + count * apart, apart
        self.weak = weak

    def tag(self, _: Cell, __: int) -> int:
        """A location of its own."""
        if self._next >= self._end:
            raise CannotRun(f"uses more memory at once than can be looked at: {RESERVED} locations besides its variables")
        number, self._next = self._next, self._next + self._apart
        return 1 << number

    def link_tags(self, links: tuple[NativeCell, NativeCell]) -> tuple[Any, Any]:
        """Those of the two links of a node: one location, unless memory is weak."""
        first, second = self.tag(links[0], 0), self.tag(links[1], 0)
        return (first, second) if self.weak else (first, first)


class TimedLines:
    """Gives cells the cache lines that they have in C."""

    def __init__(self, place: Callable[[Cell, str], Any]) -> None:
        self._place = place

    def tag(self, cell: Cell, address: int) -> Any:
        """The cell's line."""
        return self._place(cell, f"line {address >> 6:#x}")

    def link_tags(self, links: tuple[NativeCell, NativeCell]) -> tuple[Any, Any]:
        """The lines of the two links of a node."""
        return self.tag(links[0], links[0].address), self.tag(links[1], links[1].address)


class Placement:
    """The cells of a library, each with its place, for machines with so many CPUs."""

    def __init__(self, library: Library, cpus: int, numbers: _Numbers | TimedLines) -> None:
        self.library, self.numbers = library, numbers
        self.cells: dict[int, NativeCell] = {}
        self.nodes: dict[int, NativeNode] = {}
        self.lock_places: set[int] = set()
        # Where cells begin, in order; how accesses that were made are to be made again (a request's key → what it comes to).
        self._starts: list[int] = []
        self.known: dict[int, Any] = {}
        self._objects: dict[tuple[int, str], tuple[str, TypedMemory]] = {}
        self.static = TypedMemory()
        for address, whole, name, leaf in library.leaves(cpus):
            self._add(self.static, library.data, address, name, leaf, library.is_intended(whole, leaf.suffix))
        # The list heads that there is one of for each CPU, and whose each is.
        self.own_heads: dict[ListHead, int] = {self.nodes[address]: cpu for address, cpu in library.own_heads(cpus)}

    def _add(self, found: TypedMemory, region: Region, address: int, name: str, leaf: Leaf, intended: bool) -> None:
        kind = leaf.type.kind
        if kind == LOCK:
            found.locks.append((address, name))
            self.lock_places.update(range(address, address + leaf.size))
        elif kind == LIST:
            self._add_node(found, region, address, name, leaf, intended)
        else:
            made = cell(region, name, address, leaf.size)
            made.tag = self.numbers.tag(made, address)
            made.intended = intended
            made.describe, made.number = shown(leaf.type, leaf.size, self.name_of), number_of(leaf.type, leaf.size)
            self._enter(made)
            found.cells.append(made)

    def _add_node(self, found: TypedMemory, region: Region, address: int, name: str, leaf: Leaf, intended: bool) -> None:
        links = (cell(region, f"{name}.next", address, LINK), cell(region, f"{name}.prev", address + LINK, LINK))
        node = NativeNode(name, links, self.node_at)
        for link, tag in zip(links, self.numbers.link_tags(links), strict=True):
            link.tag, link.node = tag, node
            link.intended = intended
            link.describe = shown(leaf.type, LINK, self.name_of)
            self._enter(link)
            found.cells.append(link)
        node.tag = links[0].tag | links[1].tag if isinstance(links[0].tag, int) else links[0].tag
        self.nodes[address] = node
        found.nodes.append(node)

    def _enter(self, made: NativeCell) -> None:
        if made.address not in self.cells:
            insort(self._starts, made.address)
        self.cells[made.address] = made
        self.known.clear()

    def make(self, struct: str, name: str, address: int) -> TypedMemory:
        """The cells of a structure that there is; an address stands for the same locations each time."""
        key = (address, struct)
        if key not in self._objects:
            found = TypedMemory()
            for leaf in self.library.layout.structs[struct].leaves:
                intended = self.library.is_intended(struct, leaf.suffix)
                self._add(found, self._region(address), address + leaf.offset, name + leaf.suffix, leaf, intended)
            self._objects[key] = (name, found)
        old, found = self._objects[key]
        if old != name:
            found.rename(old, name)
            self._objects[key] = (name, found)
        return found

    def cells_at(self, address: int, size: int) -> list[NativeCell]:
        """The cells that some bytes are of, in order; memory of which nothing is known gets cells of eight bytes."""
        known = self.cells.get(address)
        if known is not None and known.size >= size:
            return [known]
        found: list[NativeCell] = []
        at = address
        while at < address + size:
            there = self._covering(at)
            if there is None:
                if at in self.lock_places:
                    at += 1
                    continue
                there = self._unknown(at)
            found.append(there)
            at = there.address + there.size
        return found

    def _covering(self, address: int) -> NativeCell | None:
        at = bisect_right(self._starts, address) - 1
        if at < 0:
            return None
        there = self.cells[self._starts[at]]
        return there if address < there.address + there.size else None

    def _unknown(self, address: int) -> NativeCell:
        """A cell for memory without a type: up to eight bytes from where others end."""
        begin, end = address & ~(WORD - 1), (address & ~(WORD - 1)) + WORD
        at = bisect_right(self._starts, address)
        if at < len(self._starts):
            end = min(end, self._starts[at])
        before = self.cells[self._starts[at - 1]] if at else None
        if before is not None:
            begin = max(begin, before.address + before.size)
        made = cell(self._region(begin), self.name_of(begin), begin, end - begin)
        made.tag = self.numbers.tag(made, begin)
        self._enter(made)
        return made

    def _region(self, address: int) -> Region:
        library = self.library
        for region in (library.data, library.arena):
            if address in region:
                return region
        return _stack_region(library.runtime, address)

    def node_at(self, address: int) -> ListHead | None:
        """The list node at an address, if there is one."""
        return self.nodes.get(address)

    def name_of(self, address: int) -> str:
        """What an address is called: the same in every process."""
        if address in self.nodes:
            return f"&{self.nodes[address].name}"
        library = self.library
        runtime = library.runtime
        there = self._covering(address)
        if there is not None:
            inside = address - there.address
            return f"&{there.name}" if not inside else f"&{there.name} + {inside}"
        if library.data.low <= address < library.data.high or address == runtime.call_back:
            return "the program's function" if address == runtime.call_back else f"data + {address - library.data.low:#x}"
        if function := library.function_at(address):
            return function
        if address in library.arena:
            part, offset = divmod(address - library.arena.low, library.runtime.arena_size // len(runtime.of_cpu))
            return f"memory of CPU{part} + {offset:#x}"
        cpu = runtime.owner_of_stack(address)
        if cpu is not None:
            return f"stack of CPU{cpu} − {runtime.of_cpu[cpu][3] - address:#x}"
        return f"{address:#x}" if address < 1 << 16 else "an address of nothing"


_stacks: dict[int, Region] = {}


def _stack_region(runtime: Runtime, address: int) -> Region:
    cpu = runtime.owner_of_stack(address)
    if cpu is None:
        raise CannotRun("uses memory that is nobody's")
    if cpu not in _stacks:
        _stacks[cpu] = Region(*runtime.of_cpu[cpu][2:4])
    return _stacks[cpu]


class _LinkMap(ctypes.Structure):
    """The first member of what the dynamic linker knows of a library."""

    _fields_ = (("address", ctypes.c_uint64),)


def _base_of(handle: ctypes.PyDLL) -> int:
    """Where a library is."""
    dlinfo = ctypes.PyDLL(None).dlinfo
    dlinfo.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    found = ctypes.POINTER(_LinkMap)()
    link_map = 2
    if dlinfo(handle._handle, link_map, ctypes.byref(found)):
        raise OSError("the dynamic linker does not say where a library is")
    return int(found.contents.address)


def _address_of(content: bytes) -> int:
    return ctypes.cast(ctypes.c_char_p(content), ctypes.c_void_p).value or 0
