"""The shared memory that a stage lives in: fields, words, list nodes, structures, and what there is one of for each CPU.

These types hold values and say *what* is accessed; *when* an access happens, what it costs and who may come in between is the business of
the hypervisor that they were made with.

An access is *plain* (the compiler and other CPUs may do what they like with it: two plain accesses of which one is a write need an
ordering between them) or *marked* (`read_atomic`, `write_atomic`, every operation of a `Word`: indivisible, and ordered as on x86).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast, overload

T = TypeVar("T")

# Bytes of a cache line, and of what structures are made of (C on x86-64: `struct list_head`, pointers and `unsigned long`, `int`).
LINE_BYTES = 64
LIST_BYTES = 16
LONG_BYTES = 8
INT_BYTES = 4

# What is said of a list node without links: `list_del` has taken them, or there never were any.
POISONED = "is poisoned"
NEVER_INITIALISED = "was never initialised"


class Garbage:
    """What a location holds that nobody has written since its memory was allocated."""

    def __repr__(self) -> str:
        return "garbage"


GARBAGE = Garbage()


class MemoryAccess(Protocol):
    """Where the accesses to these types end up: the part of the hypervisor that they need."""

    def place(self, cell: Cell, line: str, parts: Sequence[Cell] = ()) -> Any:
        """Give a new location its place, or that of its `parts` together; cells with the same `line` name share a cache line."""

    def load(self, cell: Cell) -> Any:
        """Plain read."""

    def store(self, cell: Cell, value: Any) -> None:
        """Plain write."""

    def read_cell(self, cell: Cell) -> Any:
        """Marked read."""

    def write_cell(self, cell: Cell, value: Any) -> None:
        """Marked write."""

    def update_cell(self, cell: Cell, change: Callable[[Any], Any]) -> Any:
        """Atomic read-modify-write; returns the value found."""

    def modify_cell(self, cell: Cell, change: Callable[[Any], Any]) -> None:
        """Atomic read-modify-write of which nobody sees the value found: on x86 a full barrier as well, elsewhere none."""

    def cmpxchg_cell(self, cell: Cell, old: Any, new: Any) -> Any:
        """Atomic compare-and-exchange; returns the value found."""

    def list_read(self, node: ListHead, link: str) -> ListHead:
        """Plain read of a link."""

    def list_write(self, node: ListHead, link: str, value: ListHead) -> None:
        """Plain write of a link."""


class Cell:
    """One memory location: a name for reports, a value, and a `tag` that belongs to the engine."""

    __slots__ = ("name", "tag", "value")

    def __init__(self, hv: MemoryAccess, name: str, value: Any, line: str) -> None:
        self.name = name
        self.value = value
        self.tag: Any = hv.place(self, line)

    def spoil(self) -> None:
        """Make this memory that nobody has initialised."""
        self.value = GARBAGE


class Word(Cell):
    """A machine word that is only ever changed by atomic operations; every access is marked.

    Bits are numbered from 0. A read-modify-write that returns what it has found is a full barrier. `set_bit`, `clear_bit` return nothing,
    and are one on x86 only; elsewhere `smp_mb__before_atomic` and `smp_mb__after_atomic` make them one.
    """

    __slots__ = ("hv",)

    def __init__(self, hv: MemoryAccess, name: str, value: int = 0, line: str | None = None) -> None:
        super().__init__(hv, name, value, line or name)
        self.hv = hv

    @staticmethod
    def field(value: int = 0) -> WordField:
        """Declare a word inside a `Struct`."""
        return WordField(value)

    def read(self) -> int:
        """Return the value."""
        value: int = self.hv.read_cell(self)
        return value

    def write(self, value: int) -> None:
        """Store `value`."""
        self.hv.write_cell(self, value)

    def cmpxchg(self, old: int, new: int) -> int:
        """Store `new` if the value is `old`; return the value found. A failed exchange is a read."""
        return cast(int, self.hv.cmpxchg_cell(self, old, new))

    def xchg(self, new: int) -> int:
        """Store `new`, return the value found."""
        return cast(int, self.hv.update_cell(self, lambda _: new))

    def add(self, amount: int) -> int:
        """Add `amount`, return the value found."""
        return cast(int, self.hv.update_cell(self, lambda value: value + amount))

    def fetch_or(self, mask: int) -> int:
        """Set the bits of `mask`, return the value found."""
        return cast(int, self.hv.update_cell(self, lambda value: value | mask))

    def fetch_and(self, mask: int) -> int:
        """Keep the bits of `mask` only, return the value found."""
        return cast(int, self.hv.update_cell(self, lambda value: value & mask))

    def test_bit(self, bit: int) -> bool:
        """Tell whether `bit` is set."""
        return bool(self.read() >> bit & 1)

    def set_bit(self, bit: int) -> None:
        """Set `bit`."""
        self.hv.modify_cell(self, lambda value: value | 1 << bit)

    def clear_bit(self, bit: int) -> None:
        """Clear `bit`."""
        self.hv.modify_cell(self, lambda value: value & ~(1 << bit))

    def test_and_set_bit(self, bit: int) -> bool:
        """Set `bit`; tell whether it was set before."""
        return bool(self.fetch_or(1 << bit) >> bit & 1)

    def test_and_clear_bit(self, bit: int) -> bool:
        """Clear `bit`; tell whether it was set before."""
        return bool(self.fetch_and(~(1 << bit)) >> bit & 1)


class ListHead(Cell):
    """A node or the head of an intrusive doubly linked list; its two links are one location.

    `owner` is the structure that the node is embedded in (None for a head). Link with the list calls of `Hypervisor`, or, as C code
    can, by assigning `next` and `prev`.

    One that a stage makes itself is declared statically: an empty list, as `LIST_HEAD` makes it. One for each CPU (`Hypervisor.per_cpu`)
    is in zeroed memory, and one in a structure that somebody has allocated in garbage: they are no lists before `INIT_LIST_HEAD`.
    """

    __slots__ = ("hv", "next_node", "owner", "poison", "prev_node")

    def __init__(self, hv: MemoryAccess, name: str, owner: Any = None, line: str | None = None) -> None:
        super().__init__(hv, name, None, line or name)
        self.hv = hv
        self.owner = owner
        # None is a link that leads nowhere, and `poison` says why.
        self.next_node: ListHead | None = self
        self.prev_node: ListHead | None = self
        self.poison = POISONED

    def spoil(self) -> None:
        """Make this memory that nobody has initialised: zeros are no list either."""
        self.next_node = self.prev_node = None
        self.poison = NEVER_INITIALISED

    @staticmethod
    def field() -> ListField:
        """Declare a node inside a `Struct`."""
        return ListField()

    @property
    def next(self) -> ListHead:
        """The next node: a plain read."""
        return self.hv.list_read(self, "next")

    @next.setter
    def next(self, node: ListHead) -> None:
        self.hv.list_write(self, "next", node)

    @property
    def prev(self) -> ListHead:
        """The previous node: a plain read."""
        return self.hv.list_read(self, "prev")

    @prev.setter
    def prev(self, node: ListHead) -> None:
        self.hv.list_write(self, "prev", node)


class Declared:
    """What `Struct` wants of a declaration in its body: where its cell stands, and how to make it.

    `slot` counts the fields of the structure, `offset` its bytes; `size` is in bytes.
    """

    name = ""
    slot = 0
    offset = 0
    size = LONG_BYTES

    def __set_name__(self, owner: type[Struct], name: str) -> None:
        self.name = name

    def make(self, hv: MemoryAccess, struct: Struct) -> Cell:
        """Make the cell of this field for `struct`."""
        raise NotImplementedError

    def line(self, struct: Struct) -> str:
        """The cache line on which this field of `struct` begins."""
        begin = self.offset - self.offset % LINE_BYTES
        return f"{struct.name}+{begin}" if begin else struct.name


class Field(Declared, Generic[T]):
    """A plain field of a `Struct`: reading and assigning the attribute are plain accesses.

    A field that starts as a number or a truth value is an `int`, any other a pointer, unless `size` says something else.
    """

    def __init__(self, initial: T, size: int | None = None) -> None:
        self.initial = initial
        self.size = size or (INT_BYTES if isinstance(initial, int) else LONG_BYTES)

    def make(self, hv: MemoryAccess, struct: Struct) -> Cell:
        """Make the cell of this field for `struct`."""
        return Cell(hv, f"{struct.name}.{self.name}", self.initial, self.line(struct))

    @overload
    def __get__(self, struct: None, owner: type) -> Field[T]: ...
    @overload
    def __get__(self, struct: Struct, owner: type) -> T: ...
    def __get__(self, struct: Struct | None, owner: type) -> Field[T] | T:
        if struct is None:
            return self
        value: T = struct.hv.load(struct.cells[self.slot])
        return value

    def __set__(self, struct: Struct, value: T) -> None:
        struct.hv.store(struct.cells[self.slot], value)

    def cell(self, struct: Struct) -> Cell:
        """Return the location of this field in `struct`, without an access."""
        return struct.cells[self.slot]


class WordField(Declared):
    """A `Word` embedded in a `Struct`."""

    def __init__(self, initial: int) -> None:
        self.initial = initial

    def make(self, hv: MemoryAccess, struct: Struct) -> Word:
        """Make the word for `struct`."""
        return Word(hv, f"{struct.name}.{self.name}", self.initial, self.line(struct))

    def __get__(self, struct: Struct, owner: type) -> Word:
        word: Word = struct.cells[self.slot]  # type: ignore[assignment]
        return word


class ListField(Declared):
    """A list node embedded in a `Struct`."""

    size = LIST_BYTES

    def make(self, hv: MemoryAccess, struct: Struct) -> ListHead:
        """Make the node for `struct`."""
        return ListHead(hv, f"{struct.name}.{self.name}", struct, self.line(struct))

    def __get__(self, struct: Struct, owner: type) -> ListHead:
        node: ListHead = struct.cells[self.slot]  # type: ignore[assignment]
        return node


class Struct:
    """A structure in shared memory: subclass it and declare `Field`, `Word.field()` and `ListHead.field()` in the body.

    The declaration is also the layout, as in C: the fields follow each other in order, each aligned to its size (a list node to that of
    a pointer), and the structure begins on a line of its own. So the first 64 bytes share a cache line, the next 64 another, and so on.
    """

    declared: ClassVar[tuple[Declared, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = [value for value in vars(cls).values() if isinstance(value, Declared)]
        cls.declared = (*cls.declared, *own)
        end = 0
        for slot, field in enumerate(cls.declared):
            alignment = min(field.size, LONG_BYTES)
            field.slot, field.offset = slot, -(-end // alignment) * alignment
            end = field.offset + field.size

    def __init__(self, hv: MemoryAccess, name: str) -> None:
        self.hv = hv
        self.name = name
        self.cells = [field.make(hv, self) for field in self.declared]

    @property
    def list_nodes(self) -> list[ListHead]:
        """The list nodes in it; where memory is C's, these are no cells, but each link of theirs is one."""
        return [cell for cell in self.cells if isinstance(cell, ListHead)]

    def __repr__(self) -> str:
        return self.name


class SpinLock:
    """A spinlock; taken and released through `Hypervisor` only."""

    __slots__ = ("cell", "holder", "name", "state")

    def __init__(self, hv: MemoryAccess, name: str) -> None:
        self.name = name
        self.cell = Cell(hv, name, 0, name)
        self.holder: Any = None
        self.state: Any = None


class PerCpu(Generic[T]):
    """One `T` per possible CPU, indexed by CPU number."""

    __slots__ = ("items",)

    def __init__(self, items: Sequence[T]) -> None:
        self.items = tuple(items)

    def __getitem__(self, cpu: int) -> T:
        return self.items[cpu]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)
