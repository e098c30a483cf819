"""What a stage may call: the hypervisor it runs on, and the shared memory it lives in.

A stage declares its memory with `Struct`, `Field`, `Word` and `ListHead` and calls the methods of `Hypervisor`. It does nothing
else to reach the world, so the same stage runs on any engine. These types hold values and say *what* is accessed; *when* an
access happens, what it costs and who may come in between is the hypervisor's business.

Names are Xen's where Xen has one. An access is *plain* (the compiler and other CPUs may do what they like with it: two plain
accesses of which one is a write need an ordering between them) or *marked* (`read_atomic`, `write_atomic`, every operation of a
`Word`: indivisible, and ordered as on x86).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast, overload

T = TypeVar("T")

TIMER_SOFTIRQ = 0
SCHEDULE_SOFTIRQ = 1
NEW_TLBFLUSH_CLOCK_PERIOD_SOFTIRQ = 2
RCU_SOFTIRQ = 3

CPU_UP_PREPARE = "CPU_UP_PREPARE"
CPU_UP_CANCELED = "CPU_UP_CANCELED"
CPU_DEAD = "CPU_DEAD"

# Bytes of a cache line, and of what structures are made of (C on x86-64: `struct list_head`, pointers and `unsigned long`, `int`).
LINE_BYTES = 64
LIST_BYTES = 16
LONG_BYTES = 8
INT_BYTES = 4

# The two bits of tasklet_work_to_do.
TASKLET_ENQUEUED = 0
TASKLET_SCHEDULED = 1


class Cell:
    """One memory location: a name for reports, a value, and a `tag` that belongs to the engine."""

    __slots__ = ("name", "tag", "value")

    def __init__(self, hv: Hypervisor, name: str, value: Any, line: str) -> None:
        self.name = name
        self.value = value
        self.tag: Any = hv.place(self, line)


class Word(Cell):
    """A machine word that is only ever changed by atomic operations; every access is marked.

    Bits are numbered from 0. Every read-modify-write is a full barrier, as on x86.
    """

    __slots__ = ("hv",)

    def __init__(self, hv: Hypervisor, name: str, value: int = 0, line: str | None = None) -> None:
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
        self.fetch_or(1 << bit)

    def clear_bit(self, bit: int) -> None:
        """Clear `bit`."""
        self.fetch_and(~(1 << bit))

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
    """

    __slots__ = ("hv", "next_node", "owner", "prev_node")

    def __init__(self, hv: Hypervisor, name: str, owner: Any = None, line: str | None = None) -> None:
        super().__init__(hv, name, None, line or name)
        self.hv = hv
        self.owner = owner
        # None is the poison that list_del leaves behind.
        self.next_node: ListHead | None = self
        self.prev_node: ListHead | None = self

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

    def make(self, hv: Hypervisor, struct: Struct) -> Cell:
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

    def make(self, hv: Hypervisor, struct: Struct) -> Cell:
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

    def make(self, hv: Hypervisor, struct: Struct) -> Word:
        """Make the word for `struct`."""
        return Word(hv, f"{struct.name}.{self.name}", self.initial, self.line(struct))

    def __get__(self, struct: Struct, owner: type) -> Word:
        word: Word = struct.cells[self.slot]  # type: ignore[assignment]
        return word


class ListField(Declared):
    """A list node embedded in a `Struct`."""

    size = LIST_BYTES

    def make(self, hv: Hypervisor, struct: Struct) -> ListHead:
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

    def __init__(self, hv: Hypervisor, name: str) -> None:
        self.hv = hv
        self.name = name
        self.cells = [field.make(hv, self) for field in self.declared]

    def __repr__(self) -> str:
        return self.name


class SpinLock:
    """A spinlock; taken and released through `Hypervisor` only."""

    __slots__ = ("cell", "holder", "name", "state")

    def __init__(self, hv: Hypervisor, name: str) -> None:
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


class Hypervisor(Protocol):
    """The environment of a stage (xen-facts: "The environment a tasklet lives in").

    A method that finds its precondition violated ends the execution with a diagnosis: which call, which CPU, what was violated.
    """

    nr_cpus: int
    tasklet_work_to_do: PerCpu[Word]

    # Memory. Stages use the attributes and methods of Struct, Word and ListHead, which end up here.
    def place(self, cell: Cell, line: str) -> Any:
        """Give a new location its place; cells with the same `line` name share a cache line."""

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

    def cmpxchg_cell(self, cell: Cell, old: Any, new: Any) -> Any:
        """Atomic compare-and-exchange; returns the value found."""

    def read_atomic(self, struct: Struct, field: Field[T]) -> T:
        """Marked read of a field: `hv.read_atomic(t, Tasklet.scheduled_on)`."""

    def write_atomic(self, struct: Struct, field: Field[T], value: T) -> None:
        """Marked write of a field."""

    def per_cpu(self, name: str, make: Callable[[Hypervisor, str], T]) -> PerCpu[T]:
        """Make one object per possible CPU: `hv.per_cpu("softirq_list", ListHead)`."""

    # Lists.
    def INIT_LIST_HEAD(self, node: ListHead) -> None:
        """Make `node` an empty list of its own."""

    def list_empty(self, head: ListHead) -> bool:
        """Tell whether `head.next` is `head`."""

    def list_add_tail(self, node: ListHead, head: ListHead) -> None:
        """Link `node` in before `head`."""

    def list_del(self, node: ListHead) -> None:
        """Unlink `node` and poison its links."""

    def list_del_init(self, node: ListHead) -> None:
        """Unlink `node` and make it an empty list of its own."""

    def list_first_owner(self, head: ListHead) -> Any:
        """Return the structure that holds the first node of a list that is not empty."""

    def list_owners(self, head: ListHead) -> list[Any]:
        """Return the structures that hold the nodes of a list, first to last, as it is now."""

    def list_read(self, node: ListHead, link: str) -> ListHead:
        """Plain read of a link."""

    def list_write(self, node: ListHead, link: str, value: ListHead) -> None:
        """Plain write of a link."""

    # This CPU and its interrupts.
    def smp_processor_id(self) -> int:
        """The number of the CPU that calls."""

    def in_irq(self) -> bool:
        """Tell whether an interrupt handler is running on this CPU."""

    def local_irq_is_enabled(self) -> bool:
        """Tell whether this CPU takes interrupts."""

    def local_irq_disable(self) -> None:
        """Take no interrupts on this CPU."""

    def local_irq_enable(self) -> None:
        """Take interrupts on this CPU, pending ones at once."""

    def local_irq_save(self) -> bool:
        """Disable interrupts; returns the flags to restore (whether they were enabled)."""

    def local_irq_restore(self, flags: bool) -> None:
        """Undo the `local_irq_save` that returned `flags`."""

    def cpu_relax(self) -> None:
        """Wait a moment inside a loop that waits for something to change."""

    # Spinlocks.
    def spinlock(self, name: str) -> SpinLock:
        """Make a spinlock."""

    def spin_lock(self, lock: SpinLock) -> None:
        """Take the lock."""

    def spin_unlock(self, lock: SpinLock) -> None:
        """Release the lock."""

    def spin_lock_irq(self, lock: SpinLock) -> None:
        """Disable interrupts and take the lock; interrupts stay on between attempts."""

    def spin_unlock_irq(self, lock: SpinLock) -> None:
        """Release the lock and enable interrupts."""

    def spin_lock_irqsave(self, lock: SpinLock) -> bool:
        """Disable interrupts and take the lock; interrupts are as before between attempts. Returns the flags."""

    def spin_unlock_irqrestore(self, lock: SpinLock, flags: bool) -> None:
        """Release the lock and restore the flags."""

    # Softirqs, IPIs, hotplug.
    def open_softirq(self, nr: int, handler: Callable[[], None]) -> None:
        """Install the handler of softirq `nr` (0 runs first)."""

    def raise_softirq(self, nr: int) -> None:
        """Mark softirq `nr` pending on this CPU."""

    def cpu_raise_softirq(self, cpu: int, nr: int) -> None:
        """Mark softirq `nr` pending on `cpu`; if it was not and `cpu` is another CPU, send an event-check IPI."""

    def process_pending_softirqs(self) -> None:
        """Run pending softirqs other than SCHEDULE; not in an interrupt, interrupts enabled."""

    def on_selected_cpus(self, cpus: Iterable[int], fn: Callable[[Any], None], arg: Any, wait: bool) -> None:
        """Call `fn(arg)` in interrupt context on each of `cpus`; with `wait`, return when all have finished."""

    def cpu_online(self, cpu: int) -> bool:
        """Tell whether `cpu` is online (a marked read)."""

    def register_cpu_notifier(self, callback: Callable[[str, int], None]) -> None:
        """Have `callback(action, cpu)` called when a CPU comes or goes, on a CPU that stays."""

    # Diagnosis.
    def BUG(self, why: str) -> None:
        """Stop: the code has found itself in a state that must not be."""

    def BUG_ON(self, condition: bool, why: str) -> None:
        """`BUG` if `condition` holds."""
