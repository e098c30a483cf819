"""What the machine asks of an engine, and the processes that an engine runs.

The machine performs an operation by calling the engine first (`access`, `acquire`, …) and changing its state when that call returns: from
there to the next call nothing else happens. The engine decides when the call returns, and what it costs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from harness.machine.contexts import Uses
from harness.machine.core import MENDED, Core
from harness.machine.diagnosis import DEADLOCK, NO_PROGRESS, Violation, crash, overflow
from harness.machine.spectator import Spectator
from stages.hypervisor import Cell, SpinLock

# The kinds of visible operations, as counterexamples print them.
LOAD = "load"
STORE = "store"
READ = "read"
WRITE = "write"
RMW = "rmw"
LIST_READ = "list read"
LIST_WRITE = "list write"
LOCK = "lock"
UNLOCK = "unlock"
# Of the explored engine: to take a lock if it is free.
TRY_LOCK = "try lock"
IRQ_ON = "irq on"
IRQ_OFF = "irq off"
INTERRUPT = "interrupt"
RAISE_IRQ = "raise irq"
HALT = "halt"
RELAX = "relax"
AWAIT = "await"
# Of engines with store buffers: a store before which an interrupt may come, a barrier, and what a program has seen.
BUFFER = "buffer"
FENCE = "fence"
MARK = "mark"

PLAIN = frozenset({LOAD, STORE, LIST_READ, LIST_WRITE})

# The cells that a list operation reads and writes; computed anew when it is performed.
Footprint = Callable[[], tuple[Sequence[Cell], Sequence[Cell]]]


NO_OPERATION = (-1, "", 0, 0)


class Process:
    """Something that performs operations: a CPU, or a device.

    `irqs_on` and `attention` (an interrupt is pending) are kept here because engines look at them before every operation;
    `take_interrupt` runs the handlers.
    """

    __slots__ = (
        "announced", "appointment", "attention", "blocked", "body", "clock", "done", "dormant", "glet", "irq_cell", "irq_tag",
        "irqs_off_since", "irqs_on", "kicked_from", "kind", "known_as", "name", "number", "pid", "ready", "relax_mark", "started",
        "take_interrupt", "what",
    )  # fmt: skip

    def __init__(self, name: str, body: Callable[[], None]) -> None:
        self.name = name
        self.body = body
        self.pid = -1
        # Of the CPU, as the machine counts and as a stage knows it; devices have none.
        self.number = self.known_as = -1
        self.glet: greenlet | None = None
        self.done = False
        # It may wait for ever: nothing is wrong if nobody wakes it.
        self.dormant = False
        self.started = False
        self.irqs_on = False
        self.attention = False
        self.irq_cell: Cell | None = None
        self.irq_tag: Any = 0
        self.take_interrupt: Callable[[], None] = nothing
        # What it waits for, as reports want it.
        self.kind = ""
        self.what: Any = None
        # The explored engine's: what it is about to do, what it waits for, and where the turn of its loop began.
        self.announced = NO_OPERATION
        self.ready: Callable[[], bool] | None = None
        self.relax_mark = 0
        # Explored: the first operation of which a kick still counts; those before the run do.
        self.kicked_from = -1
        # The timed engine's: its time, since when its interrupts are off (if they are), whether it is off the queue, and the one of its
        # appointments that is valid.
        self.clock = 0
        self.irqs_off_since = 0
        self.blocked = False
        self.appointment: object = None

    def __repr__(self) -> str:
        return self.name


def nothing() -> None:
    """Do that."""


# Who is at work before anybody is; it is never run, and nothing about it changes.
BOOT = Process("boot", nothing)


class Engine(ABC):
    """Runs processes; see the module docstring. `failure` is the first violation of the execution."""

    # Whether a store takes time to arrive in memory.
    buffered = False
    # Whether a read may return an older value than the newest.
    viewed = False
    # Whether either is so.
    weak = False
    # Which barriers the core of the machine on it has.
    core: Core = MENDED
    # What the stage has done where an interrupt could come in between; few executions have anything of the kind.
    uses: Uses | None = None
    failure: Violation | None = None
    # Whether a program has found something that is for others to judge, unless a late store is the reason; and whether that is known to
    # come to pass without one, so that it is for others under a weak memory model as well.
    doubtful = False
    forgiving = False
    # Called after every operation, where a program asks for it.
    invariant: Callable[[], None] | None = None
    # Who watches the execution, if anybody does.
    spectator: Spectator | None = None

    def __init__(self) -> None:
        self.processes: list[Process] = []
        # While boot code and final checks run, operations take effect at once and are not part of the execution.
        self.frozen = True
        self.current = BOOT
        self.hub = getcurrent()
        # What a process of the machine does that waits for others.
        self.pause: Callable[[], None] = self.relax
        # What cuts the circles in which the machine, and who uses it, lead back to themselves; see `harness.explored.places`.
        self.circles: list[Callable[[], None]] = []

    def add(self, process: Process) -> Process:
        """Add a process before the run starts; its number among all is its `pid`."""
        process.pid = len(self.processes)
        self.processes.append(process)
        if process.irq_cell is not None:
            process.irq_tag = process.irq_cell.tag
        return process

    def _main(self, process: Process) -> None:
        """Run the body of `process` in its greenlet; whatever comes out of it ends here."""
        try:
            process.body()
        except GreenletExit:
            return
        except Violation as violation:
            self.fail(violation)
        except RecursionError as error:
            self.fail(overflow(error, process.name))
        except BaseException as error:
            self.fail(crash(error))
        process.done = True
        # It may lead back to here: what is no longer needed goes at once, without the garbage collector.
        process.body = nothing

    @property
    def complete(self) -> bool:
        """Whether the execution went on until nothing more could happen: one that was cut off has not done all that it would have."""
        return True

    def fail(self, violation: Violation) -> None:
        """Record the verdict of this execution; the first one counts."""
        if self.failure is None:
            self.failure = violation

    def violate(self, kind: str, message: str) -> Violation:
        """Record a violation and return it, to be raised."""
        violation = Violation(kind, f"{self.current.name}: {message}")
        self.fail(violation)
        return violation

    def close(self) -> None:
        """Unwind every process that has not ended."""
        self.frozen = True
        for process in self.processes:
            glet = process.glet
            if glet is not None and process.started and not glet.dead:
                glet.parent = getcurrent()
                try:
                    glet.throw(GreenletExit)
                except BaseException as error:
                    if self.failure is None:
                        self.fail(crash(error))
            process.glet = None

    @abstractmethod
    def place(self, cell: Cell, line: str, parts: Sequence[Cell] = ()) -> Any:
        """Return the tag of a new cell, or of one made of `parts`, which have theirs; cells of the same `line` share a cache line."""

    # Whether the places of cells are numbers, of which some can be set aside.
    has_numbers = False

    def stagger(self, cycles: int) -> None:  # noqa: B027
        """Have each process start at a time of its own, up to `cycles` from now; where there is no time, it starts at any time anyway."""

    @abstractmethod
    def run(self) -> None:
        """Run until nothing more can happen, then see whether that is as it should be (`failure`)."""

    @abstractmethod
    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """One memory operation of the current process on one cell."""

    @abstractmethod
    def only_read(self) -> None:
        """The operation just allowed as a write turns out to have been a read: it has changed nothing."""

    def passed(self, *values: Any) -> None:  # noqa: B027
        """The current process is handed values that may be addresses, by no read of its own that orders anything."""

    def looked_only_at(self, cell: Cell) -> None:  # noqa: B027
        """What the current process goes on with depends, of all that it has just read, on one cell only: it would be the same."""

    @abstractmethod
    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One list operation of the current process, on several nodes."""

    def marked(self) -> None:  # noqa: B027
        """The last operation is no part of the machine: a program notes with it what it sees, and it is no barrier."""

    def fence(self) -> None:  # noqa: B027
        """A full barrier of the current process: its stores are seen before what it does next happens."""

    def write_fence(self) -> None:  # noqa: B027
        """A write barrier of the current process: its stores before it are seen before those after it."""

    def read_fence(self) -> None:  # noqa: B027
        """A read barrier of the current process: what it has read before is no older than what it reads after."""

    def fence_at_atomic(self) -> None:  # noqa: B027
        """A full barrier beside an atomic operation without a value, on machines where that is not one by itself."""

    @abstractmethod
    def acquire(self, lock: SpinLock, irqs_off: bool) -> None:
        """Return when the current process is the lock's holder; with `irqs_off`, its interrupts go off in the same step."""

    def try_acquire(self, lock: SpinLock) -> bool:
        """Take a lock if it is free; if not, it has only been looked at."""
        if lock.holder is not None:
            self.access(READ, lock.cell, False)
            return False
        self.acquire(lock, False)
        return True

    @abstractmethod
    def release(self, lock: SpinLock) -> None:
        """Let go of `lock`: it has no holder, or the next one, when this returns."""

    @abstractmethod
    def irq_point(self, kind: str) -> None:
        """The current CPU is about to switch its interrupts on or off."""

    @abstractmethod
    def raise_irq(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        """The current process sends an interrupt to a CPU: `deliver` makes it pending there, now or after the flight time `cost`."""

    @abstractmethod
    def kick(self, process: Process, deliver: Callable[[], None]) -> None:
        """An event-check IPI to a CPU that may be asleep: `deliver` makes its `halt` ready."""

    def ran_out(self) -> None:  # noqa: B027
        """The current CPU has found nothing more that it was kicked for: from here on a kick is news."""

    @abstractmethod
    def look_for_work(self, cells: Sequence[Cell], kicked: Cell, what: str) -> bool:
        """One look at `cells` and `kicked` before a `halt`: tell whether any of them was not 0.

        What another process raises in `kicked` comes with a kick. Before the look or after it, the CPU does not sleep: so the look may
        leave it to the `halt` to find out.
        """

    @abstractmethod
    def halt(self, ready: Callable[[], bool], kicked: Sequence[Cell], awake: bool = False) -> None:
        """Sleep until an interrupt is pending or `ready()`, which a kick makes true.

        `kicked`: cells that are not 0 from the write that a kick comes with until this CPU has run out of what it was kicked for.
        `awake`: the CPU has made one of them so itself.
        """

    @abstractmethod
    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Block the current process until `ready()`, which depends on `cells` only; interrupts are taken meanwhile."""

    @abstractmethod
    def relax(self) -> None:
        """One turn of a waiting loop."""

    def said(self, text: str) -> None:  # noqa: B027
        """The current process prints a line; only who writes an execution down has a use for it."""

    def poll(self, site: str) -> None:  # noqa: B027
        """One turn of the loop `site`, which may go round for ever without a `relax`; only an engine without time has to notice."""

    def progress(self) -> None:  # noqa: B027
        """The current process has done something that loops noticed by `poll` are there for, though the machine may not see it."""

    @abstractmethod
    def sleep(self, cycles: int) -> None:
        """Let `cycles` pass, less if an interrupt is taken or an event-check IPI arrives."""

    @abstractmethod
    def spend(self, cost: str) -> None:
        """Let the time of a named cost pass."""

    @abstractmethod
    def now(self) -> int:
        """The time of the current process, in cycles (timed) or operations (explored)."""

    def judge_end(self) -> None:
        """Nothing can happen any more: whoever waits for a lock or spins will do so for ever."""
        stuck = [p for p in self.processes if not p.done and not p.dormant and p.kind in (LOCK, RELAX, AWAIT)]
        if self.failure is None and stuck:
            kind = DEADLOCK if any(p.kind == LOCK for p in stuck) else NO_PROGRESS
            report = [f"{p.name} waits {_for_what(p)}" for p in stuck]
            if cycle := _cycle(stuck):
                report.append("cycle: " + " → ".join(p.name for p in cycle))
            self.fail(Violation(kind, "; ".join(report)))


def _cycle(stuck: Sequence[Process]) -> list[Process]:
    """The first processes that wait for each other's locks in a circle, the first of them once more at the end; empty if there are none."""
    for first in stuck:
        path = [first]
        while path[-1].kind == LOCK and isinstance(holder := path[-1].what.holder, Process) and not holder.done:
            if holder in path:
                return [*path[path.index(holder) :], holder]
            path.append(holder)
    return []


def _for_what(p: Process) -> str:
    if p.kind == LOCK:
        return f"for {p.what.name}, held by {p.what.holder}"
    if p.kind == RELAX:
        return f"in a loop that nobody ends, at {p.what}"
    return str(p.what)


def emptied(thing: object) -> None:
    """Take all attributes from an object that nobody uses any more: what it has led to goes, if nobody else has it.

    (To clear the dictionary that it has them in makes CPython 3.13.0 use memory that it has freed.)
    """
    thing.__dict__ = {}
