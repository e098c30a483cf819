"""A stage in C at work on a machine, in one execution: runs its code, and has the machine do what that asks for.

C code performs plain and volatile accesses itself, when the engine has allowed them; atomic operations are performed here, on its memory.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any, cast

from harness.machine.diagnosis import UNINITIALISED, CannotRun, ForeignCode, foreign, inner
from harness.machine.engine import LOAD, READ, STORE, WRITE
from harness.machine.machine import Machine
from harness.native import runtime as requests
from harness.native.block_references import BlockReferences
from harness.native.cells import NativeBitWord, NativeCell
from harness.native.changes import AtomicChange, atomic_change
from harness.native.library import Library, Placement, TimedLines, TypedMemory
from harness.native.own_lists import OwnLists
from harness.native.serving import Services
from stages.shared_memory import NEVER_INITIALISED, SpinLock

inner(__file__)

# Of the requests for single accesses: the operation's kind, and whether it writes.
ACCESSES = {
    requests.LOAD: (LOAD, False),
    requests.STORE: (STORE, True),
    requests.READ: (READ, False),
    requests.WRITE: (WRITE, True),
    requests.ACQUIRE: (READ, False),
    requests.RELEASE: (WRITE, True),
}

# Of memory that is allocated: it holds garbage, and its cells know which of them somebody has written.
KEPT_ACCOUNT_OF = 2
# What plain accesses become where their races are intended.
MARKED = {LOAD: READ, STORE: WRITE}

# An access to one location: kind, cell, whether it writes.
Access = tuple[str, NativeCell, bool]


class Binding:
    """`call` runs a function of the stage on the current CPU. This one is for engines that show all CPUs the same memory at once."""

    def __init__(self, library: Library, hv: Machine) -> None:
        self.library, self.hv, self.engine = library, hv, hv.engine
        runtime = self.runtime = library.runtime
        library.select()
        runtime.number(hv.positions)
        self.placement = self._placed(len(hv.positions))
        self.request, self.quiet, self.enter, self.resume = runtime.request, runtime.quiet, runtime.enter, runtime.resume
        self.locks: dict[int, SpinLock] = {}
        self.words: dict[int, NativeBitWord] = {}
        self.handles: list[tuple[Callable[[Any], Any], Any]] = []
        # The structures that programs have made, by their addresses.
        self.objects: dict[int, object] = {}
        self.add_locks(self.placement.static.locks)
        self.services = Services(self)
        self.own_lists = OwnLists(hv, self.placement.own_heads)

    def _placed(self, cpus: int) -> Placement:
        engine = self.engine
        if engine.has_numbers:
            return self.library.placement(cast(Any, engine), cpus)
        return Placement(self.library, cpus, TimedLines(lambda cell, line: engine.place(cell, line)))

    def add_locks(self, locks: list[tuple[int, str]]) -> None:
        """Have the machine know the locks in a piece of memory. In virtual time each has a cache line to itself, wherever it is."""
        for address, name in locks:
            self.locks[address] = self.hv.spinlock(name)

    def handle(self, function: Callable[[Any], Any], data: Any) -> int:
        """What C code is given for a function and its argument."""
        self.handles.append((function, data))
        return len(self.handles) - 1

    # Making memory.

    def allocate(self, struct: str, name: str) -> int:
        """Memory for a structure, by the name of its type, in which nobody has written anything: its address."""
        size = self.library.layout.structs[struct].size
        address = self.runtime.allocate(self.engine.current.number, size, KEPT_ACCOUNT_OF)
        if not address:
            raise CannotRun(f"leaves no memory for {name}")
        return address

    def found(self, struct: str, name: str, address: int, fresh: bool) -> TypedMemory:
        """The cells of a structure, by the name of its type, which nobody has written if it is in `fresh` memory."""
        found = self.placement.make(struct, name, address)
        for cell in found.cells:
            cell.garbage = fresh
        self.add_locks(found.locks)
        return found

    def machine_word(self, name: str) -> NativeBitWord:
        """The variable of that name, as a word of the machine."""
        cell = next(cell for cell in self.placement.static.cells if cell.name == name)
        word = self.words[cell.address] = NativeBitWord(cast(Any, self.hv), cell)
        return word

    # Running code.

    def call(self, function: int, a: int = 0, b: int = 0, c: int = 0, d: int = 0) -> int:
        """Run a function, given its address, on the current CPU; returns its result."""
        engine = self.engine
        n = engine.current.number
        self.quiet[0] = engine.frozen
        known, resume = self.placement.known, self.resume
        key = self.enter(n, function, a, b, c, d)
        while key:
            access = known.get(key)
            if access is None:
                self._other(key, self.request[1:5].tolist())
            else:
                kind, cell, write = access
                engine.access(kind, cell, write)
                if cell.garbage or (write and cell.node is not None):
                    self.touch(cell, write)
            key = resume(n)
        return int(self.request[0])

    def _other(self, key: int, arguments: list[int]) -> None:
        """A request that is no access of which is known already what it comes to."""
        operation = key >> 4 & 15
        if operation == requests.SERVICE:
            self.request[0] = self.services.perform(key >> 8, arguments)
        elif operation == requests.RMW:
            self._change(key, arguments)
        elif operation == requests.SET_RANGE:
            self._set_range(key >> 8, *arguments[:2])
        elif operation == requests.COPY_RANGE:
            self._copy_range(key >> 8, *arguments[:2])
        else:
            self._access(key, arguments[0])

    def _access(self, key: int, size: int) -> None:
        """An access to one location, or to several, one after the other."""
        for kind, cell, write in self._accesses(key, size):
            self.engine.access(kind, cell, write)
            self.touch(cell, write)

    def _accesses(self, key: int, size: int) -> list[Access]:
        """What a request for an access comes to."""
        operation, address = key >> 4 & 15, key >> 8
        if operation in ACCESSES:
            kind, write = ACCESSES[operation]
            found = [(MARKED.get(kind, kind) if cell.intended else kind, cell, write) for cell in self.cells_at(address, 1 << (key & 15))]
            # (A word of the machine is another one in each execution.)
            if len(found) == 1 and type(found[0][1]) is NativeCell:
                self.placement.known[key] = found[0]
            return found
        write = operation == requests.STORE_RANGE
        return [(STORE if write else LOAD, cell, write) for cell in self.cells_at(address, size)]

    def cells_at(self, address: int, size: int) -> list[Any]:
        """The cells of some bytes; a word of the machine stands for its own."""
        found = self.placement.cells_at(address, size)
        return [self.words.get(cell.address, cell) for cell in found] if self.words else found

    def touch(self, cell: NativeCell, write: bool) -> None:
        """A location has been accessed: was it ever written? And is it a link of a list that changes?"""
        if write:
            cell.garbage = False
            if cell.node is not None:
                self.own_lists.link_written(cell)
        elif cell.garbage:
            raise self.uninitialised(f"reads {cell.name}")

    def uninitialised(self, what: str) -> BaseException:
        """That memory is read that nobody has written."""
        return self.engine.violate(UNINITIALISED, f"{what}, which {NEVER_INITIALISED}, at {self.where()}")

    # Atomic operations.

    def _change(self, key: int, arguments: list[int]) -> None:
        address, size = key >> 8, 1 << (key & 15)
        (cell, *others) = self.cells_at(address, size)
        if others:
            raise CannotRun(f"changes {cell.name} and {others[0].name} by one atomic operation, at {self.where()}")
        change = atomic_change(*arguments, size, cell.size, address - self._address(cell))
        if cell.garbage:
            raise self.uninitialised(f"changes {cell.name}")
        target = cell
        if type(cell) is NativeBitWord and change.bits_only:
            target = cell.part_of(change.touched) or cell
        self.request[0] = change.seen(self._changed(target, change))

    @staticmethod
    def _address(cell: Any) -> int:
        return cast(int, cell.cell.address if type(cell) is NativeBitWord else cell.address)

    def _changed(self, cell: Any, change: AtomicChange) -> int:
        """Perform an atomic operation; returns the value that it has found."""
        hv = self.hv
        if change.exact is not None:
            return cast(int, hv.cmpxchg_cell(cell, *change.exact))
        if change.full:
            return cast(int, hv.update_cell(cell, change))
        if change.releases:
            hv.smp_mb__before_atomic()
        found: list[int] = []

        def noting(value: int) -> int:
            found.append(value)
            return change(value)

        hv.modify_cell(cell, noting)
        if change.acquires:
            hv.smp_rmb()
        return found[0]

    # Blocks of memory.

    def _set_range(self, address: int, size: int, byte: int) -> None:
        self._store_bytes(address, bytes([byte]) * size)

    def _copy_range(self, address: int, size: int, source: int) -> None:
        self._store_bytes(address, self._load_bytes(source, size))

    def _load_bytes(self, address: int, size: int) -> bytes:
        if not self._is_shared(address):
            return bytes(requests.memory(address, size))
        found = bytearray(size)
        for cell in self.cells_at(address, size):
            # (What nobody has written may be copied.)
            content = self.hv.load(cell).to_bytes(cell.size, "little")
            for at, value in enumerate(content, cell.address - address):
                if 0 <= at < size:
                    found[at] = value
        return bytes(found)

    def _is_shared(self, address: int) -> bool:
        """Whether somebody could write it: a constant of the stage's is none of the locations."""
        library = self.library
        return address in library.data or not library.holds(address)

    def _store_bytes(self, address: int, content: bytes) -> None:
        for cell in self.cells_at(address, len(content)):
            whole = bytearray(cell.value.to_bytes(cell.size, "little"))
            for at in range(cell.size):
                if 0 <= cell.address + at - address < len(content):
                    whole[at] = content[cell.address + at - address]
            self.hv.store(cell, int.from_bytes(whole, "little"))
            cell.garbage = False

    # Where code is, for reports and for loops that wait.

    def where(self) -> str:
        """The line at which the current CPU is."""
        return self.library.place(self.runtime.of_cpu[self.engine.current.number][0])

    def pc(self, frame: FrameType) -> int:
        """Where the code is that a frame of `call` runs, from the beginning of the library on."""
        (late,) = frame.f_locals.get("late", (0,))
        return cast(int, late or self.runtime.of_cpu[frame.f_locals["n"]][0]) - self.library.base


class NativeCode(ForeignCode):
    """What there is to know of C code, given the frame of Python that runs it."""

    def where(self, frame: FrameType) -> str:
        binding: Binding = frame.f_locals["self"]
        return binding.library.layout.place(binding.pc(frame) - 1)

    def entered(self, frame: FrameType) -> str:
        binding: Binding = frame.f_locals["self"]
        return binding.library.function_at(frame.f_locals["function"])

    def offset(self, frame: FrameType) -> int:
        binding: Binding = frame.f_locals["self"]
        return binding.pc(frame)

    def carried(self, frame: FrameType) -> int | None:
        binding: Binding = frame.f_locals["self"]
        cpu, runtime = frame.f_locals["n"], binding.runtime
        here = runtime.carried(cpu)
        return None if runtime.peek(cpu, binding.services.relax_key) == here else here


foreign(Binding.call.__code__, NativeCode())


class WeakBinding(Binding):
    """For engines under which a store is seen later, or a read may return an older value.

    What C code has stored is known when it makes its next request: it is taken back then, and given to the machine. An older value that a
    read is to return is in memory for that one read.
    """

    def call(self, function: int, a: int = 0, b: int = 0, c: int = 0, d: int = 0) -> int:
        engine = self.engine
        n = engine.current.number
        self.quiet[0] = engine.frozen
        engine.passed(a, b, c, d)
        known, of_cpu = self.placement.known, self.runtime.of_cpu[n]
        # Where the store was made that is performed now: the code has gone on.
        late = [0]
        key = self.enter(n, function, a, b, c, d)
        while key:
            accesses = self._plan(key, known)
            if not accesses:
                self._other(key, self.request[1:5].tolist())
                key = self.resume(n)
            elif accesses[0][2]:
                late[0] = of_cpu[0]
                key = self._stored(key, accesses, n)
                late[0] = 0
            else:
                key = self._loaded(key, accesses, n)
        return int(self.request[0])

    def _plan(self, key: int, known: dict[int, Access]) -> list[Access]:
        """The locations that a request is an access to; none if it is another one."""
        access = known.get(key)
        if access is not None:
            return [access]
        return self._accesses(key, self.request[1]) if key >> 4 & 15 in ACCESSES_OF_CODE else []

    def _loaded(self, key: int, accesses: list[Access], n: int) -> int:
        """Have code read what the machine says; returns its next request."""
        acquires = key >> 4 & 15 == requests.ACQUIRE
        shown = []
        for kind, cell, _ in accesses:
            value = self.hv.load_acquire(cell) if acquires else self._reads[kind](cell)
            self.touch(cell, False)
            if value != cell.value:
                shown.append((cell, cell.value))
                cell.value = value
        following = self.resume(n)
        for cell, value in shown:
            cell.value = value
        return following

    def _stored(self, key: int, accesses: list[Access], n: int) -> int:
        """Let code store, take that back and have the machine store it; returns the next request."""
        before = [cell.value for _, cell, _ in accesses]
        following = self.resume(n)
        asked = self._asked.tobytes() if following & 0xF0 not in SIMPLE or not following else b""
        values = [cell.value for _, cell, _ in accesses]
        for (_, cell, _), value in zip(accesses, before, strict=True):
            cell.value = value
        releases = key >> 4 & 15 == requests.RELEASE
        for (kind, cell, _), value in zip(accesses, values, strict=True):
            self.touch(cell, True)
            (self.hv.store_release if releases else self._writes[kind])(cell, value)
        if asked:
            # Others have made requests meanwhile.
            self._asked[:] = asked
        return following

    def __init__(self, library: Library, hv: Machine) -> None:
        super().__init__(library, hv)
        self._asked = self.request[:5].cast("B")
        if self.engine.viewed:
            cast(Any, self.engine).references = BlockReferences(self.runtime, self.engine.processes)
        self._reads: dict[str, Callable[[Any], Any]] = {LOAD: hv.load, READ: hv.read_cell}
        self._writes: dict[str, Callable[[Any, Any], None]] = {STORE: hv.store, WRITE: hv.write_cell}


# Requests that code performs itself, and those of them without arguments, as they are in a key.
ACCESSES_OF_CODE = frozenset({*ACCESSES, requests.LOAD_RANGE, requests.STORE_RANGE})
SIMPLE = frozenset(operation << 4 for operation in ACCESSES)

foreign(WeakBinding.call.__code__, NativeCode())


def binding(library: Library, hv: Machine) -> Binding:
    """The one that fits the engine of a machine."""
    return (WeakBinding if hv.engine.weak else Binding)(library, hv)
