"""The record of one execution: what was performed, what had been announced, and how the execution ended.

Who goes on is decided in `deciding`, operations are performed in `explored_engine`; what waits, polls, chooses or listens is handed an
`Execution`, and needs neither of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from harness.explored.operations import Announced, Operation, Sleep
from harness.machine.engine import Engine, Process
from stages.hypervisor import ListHead

# What a process has done: kind, locations read and written, a value.
Performed = tuple[str, int, int, Any]


class UntriedRead(NamedTuple):
    """A read, operation `at`, that races with a write, and was given one value where a machine has several to give.

    If the write comes before the read, that was given the newest value, and not the older ones; if it comes behind it, not what it writes.
    """

    at: int
    write: int


class Execution(Engine):
    """One execution as far as it has come.

    `done[i]`: who performed operation i, what it was, and on which locations. `announced[i]` is there where operation i could have been
    another one, or could not have been performed, in another state: it tells what the process had announced.
    """

    # Few executions set these, and there are many executions: so the defaults are kept in the class.
    listener: OperationListener | None = None
    # Told of what processes print.
    hears: Callable[[Process, str], None] | None = None
    # Where loops are known to wait without saying so, and whether one more was found; None: nobody looks.
    spin_sites: set[Any] | None = None
    found_spin = False
    # What the program wants to tell about the state at the end.
    final: Any = None
    # The locations that are list nodes.
    list_cells = 0
    # Locations that are parts of one word.
    words: tuple[int, ...] = ()
    # Each event-check IPI: the operation that it came with, and the process that it was sent to.
    kicks: tuple[tuple[int, int], ...] = ()
    # Each full barrier that is no operation: how many operations there were before it, and of which process it is; the operations by which
    # a program has noted what it sees.
    fences: tuple[tuple[int, int], ...] = ()
    marks: frozenset[int] = frozenset()

    # Where stores take time to arrive in memory, operations are ordered by more than their locations: `follows[i]`, those that operation i
    # comes after.
    follows: Mapping[int, int] = MappingProxyType({})

    # The execution ended although some process could have gone on; all processes that could go on were asleep; there were too many
    # operations.
    cut = blocked = limit_reached = False
    # Why nobody knows whether what waits for ever would go on, if that is so.
    unsure = ""
    # Why the execution did not follow its script, if it did not.
    diverged = ""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Operation] = []
        self.announced: dict[int, Announced] = {}
        # The value that a written cell had before operation i.
        self.values: dict[int, Any] = {}
        # The list nodes that there are.
        self.nodes: list[ListHead] = []

    @property
    def schedule(self) -> list[int]:
        """Who performed each operation, as a script says it."""
        return self.schedule_to(len(self.done))

    def schedule_to(self, end: int) -> list[int]:
        """As far as operation `end`."""
        return [operation[0] for operation in self.done[:end]]

    def fence(self) -> None:
        """Stores are seen at once: there is nothing to wait for."""
        if not self.frozen:
            self.fences += ((len(self.done), self.current.pid),)

    def marked(self) -> None:
        """The last operation notes what a program sees."""
        if not self.frozen:
            self.marks |= {len(self.done) - 1}

    def owner_of(self, pid: int) -> int:
        """The process whose doing it is what process `pid` does: it may be a store buffer."""
        return pid

    def switches(self, code: int, running: int) -> bool:
        """Whether to go on with that is a switch away from the process that runs."""
        return code != running

    def code(self, operation: Operation) -> int:
        """What a script says of an operation: who performs it, and which way, if there are several."""
        return operation[0]

    def named(self, code: int) -> int:
        """Among those that can go on, the number of the one that a script means."""
        return code

    def arriving(self, full: Sequence[Process], current: Process, goes_on: bool) -> tuple[list[Process], list[Process]]:
        """Of these store buffers, those that come before all other processes in the natural order, and those that come after them.

        A store arrives as soon as it can. If it was passed over once, it arrives when its CPU waits for it, or nobody else goes on.
        """
        return [], []

    def relocated(self, operation: Operation, i: int, before: int, kept: Collection[int]) -> Operation:
        """What operation `i`, or one that was announced there, touches after those before `before` and those of `kept`."""
        return operation

    def widened(self, operation: Operation) -> Operation:
        """An announced operation with all that it might touch somewhere."""
        return operation

    def awaited_by(self, i: int) -> int | None:
        """What the operation that was announced at `i`, where an interrupt was taken, waits for, as a mask; None if it does in vain."""
        return 0

    def waiting_for(self, p: Process) -> Callable[[], bool] | None:
        """What a process waits for with what it has announced last, its store buffers aside."""
        return p.ready

    def awaited_now(self, p: Process) -> int | None:
        """As `awaited_by`, for what a process has announced last."""
        return 0

    def untried(self) -> UntriedRead | None:
        """The first plain read that races where not all values are played out that it may find; None: there is none."""
        return None

    def turn_of(self, pid: int, start: int, end: int) -> list[Performed]:
        """What a process has done between two operations: kind, locations of cells read and written, and the value that was overwritten."""
        return [(*self.done[at][1:], self.values.get(at)) for at in range(start, end) if self.done[at][0] == pid]

    def next_arrivals(self) -> Iterable[tuple[Operation, int]]:
        """Of each store buffer that is not empty, the next operation, and what it comes after whatever others do."""
        return ()

    def asleep_at(self, at: int, sleeping: Sleep) -> Sleep:
        """Those that sleep before operation `at`, with what each would do there."""
        return sleeping

    def forget(self, length: int) -> None:
        """Drop what was done in turn, past the limit: nobody chose that."""
        if len(self.done) > length:
            self.cut = True
            del self.done[length:]
            self.announced = {at: announced for at, announced in self.announced.items() if at < length}


class Chooser(Protocol):
    """Says who performs the next visible operation."""

    def __call__(self, engine: Execution, enabled: list[Process], current: Process) -> Process | None:
        """Pick one of `enabled` (never empty, in pid order); None ends the execution. `current` performed the last operation."""


class OperationListener(Protocol):
    """Is told of every operation, for counterexamples."""

    def __call__(self, engine: Execution, process: Process, kind: str, what: Any) -> None:
        """`process` performs `kind` on `what` now; what it changes is seen when the next operation is told of."""
