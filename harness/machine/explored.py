"""The explored engine: no time; before every visible operation it is decided anew which process goes on.

An operation is recorded as the process that performed it, its kind, and two sets of locations, as bit masks: read, written. A CPU that
takes interrupts reads its interrupt line in every operation, so whoever raises an interrupt there conflicts with all of them; the taking
of the interrupt is an operation of its own. Waiting blocks, so a search need not explore how often somebody looked in vain.

Who goes on is decided by a `script` (process numbers) as far as it reaches, then by a chooser, or, without one, in the *natural order*:
the process that performed the last operation goes on while it can, then the next one in cyclic order of their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from greenlet import GreenletExit

from harness.machine.diagnosis import LOCK_MISUSE, NO_PROGRESS, Violation, crash, where
from harness.machine.engine import (
    AWAIT,
    HALT,
    INTERRUPT,
    LOCK,
    RAISE_IRQ,
    READ,
    RELAX,
    UNLOCK,
    Engine,
    Footprint,
    Process,
)
from harness.machine.waiting import Awaiting, Halted, Relaxing, worker
from stages.hypervisor import Cell, ListHead, SpinLock

# A program needs a few hundred operations.
MAX_STEPS = 5_000

# Operations that a process performs only when another one, or an interrupt, lets it.
WAITING = frozenset({HALT, AWAIT, RELAX, INTERRUPT})

# An operation as announced: kind, locations read and written, what it waits for.
Announced = tuple[str, int, int, Callable[[], bool] | None]
# For each sleeping process, what its next operation reads and writes.
Sleep = dict[int, tuple[int, int]]


class Chooser(Protocol):
    """Says who performs the next visible operation."""

    def __call__(self, engine: ExploredEngine, enabled: list[Process], current: Process) -> Process | None:
        """Pick one of `enabled` (never empty, in pid order); None ends the execution. `current` performed the last operation."""


class Recorder(Protocol):
    """Is told of every operation, for counterexamples."""

    def __call__(self, engine: ExploredEngine, process: Process, kind: str, what: Any) -> None:
        """`process` performs `kind` on `what` now; what it changes is seen when the next operation is recorded."""


class ExploredEngine(Engine):
    """Runs one execution. `schedule[i]`, `kinds[i]`, `reads[i]`, `writes[i]`: who did operation i, what, and on which locations.

    `announced[i]` is there where operation i could have been another one, or could not have been, in another state: it tells what the
    process had announced. `asleep` holds at operation `asleep_from`, which `script` must reach: a sleeping process is not chosen until an
    operation conflicts with its own; `blocked` tells that all who could go on were asleep.
    """

    def __init__(
        self,
        choose: Chooser | None = None,
        max_steps: int = MAX_STEPS,
        script: Sequence[int] = (),
        asleep: Sleep | None = None,
        asleep_from: int = 0,
    ) -> None:
        super().__init__()
        self.choose = choose
        self.max_steps = max_steps
        self.script = script
        self.asleep = asleep or {}
        self.asleep_from = asleep_from
        self.schedule: list[int] = []
        self.kinds: list[str] = []
        self.reads: list[int] = []
        self.writes: list[int] = []
        self.announced: dict[int, Announced] = {}
        # The value that a written cell had before operation i, and the operations that came with an event-check IPI to a process.
        self.values: dict[int, Any] = {}
        self.kicks: list[tuple[int, int]] = []
        self.recorder: Recorder | None = None
        self.limit_reached = False
        self.blocked = False
        self.diverged = ""
        # The execution ended although somebody could have gone on.
        self.cut = False
        # What the program wants to tell about the state at the end.
        self.final: Any = None
        self.list_cells = 0
        self._cells = 0
        self._cells_of: dict[int, int] = {}
        self._scripted = 0
        self._natural = False
        self._starting = False
        self._closing = False
        # For each process and loop, where its last turns started.
        self._turns: dict[tuple[int, str], list[int]] = {}

    # Places and processes.

    def place(self, cell: Cell, line: str) -> int:
        """Every cell is a location of its own: one bit. One that is made during the run has a number that is its maker's own."""
        if self.frozen:
            self._cells += 1
            bit = 1 << self._cells
        else:
            pid = self.current.pid
            made = self._cells_of.get(pid, 0)
            self._cells_of[pid] = made + 1
            bit = 1 << (self._cells + 1 + made * len(self.processes) + pid)
        if isinstance(cell, ListHead):
            self.list_cells |= bit
        return bit

    def run(self) -> None:
        """Run to the end: every process done, or none that can go on."""
        self.frozen = False
        # What a process does before its first operation is no operation: start them all, one after the other.
        self._starting = True
        for process in self.processes:
            process.glet = worker(self.hub)
            process.ready = None
            process.started = True
            self.current = process
            process.glet.switch(self, process)
        self._starting = False
        self._scripted = min(len(self.script), self.max_steps)
        while self.failure is None and not self.cut:
            chosen = self._next()
            if chosen is None:
                break
            self.current = chosen
            assert chosen.glet is not None
            chosen.glet.switch()
        self.frozen = True
        if self.failure is not None:
            self.cut = True
        elif not self.cut:
            self.judge_end()

    def close(self) -> None:
        """Unwind every process that has not ended; a program that holds on to its life is not asked again."""
        self.frozen = self._closing = True
        for process in self.processes:
            glet, process.glet = process.glet, None
            if glet is not None and process.started and not process.done and not glet.dead:
                self.current = process
                try:
                    glet.throw(GreenletExit)
                except BaseException as error:
                    if self.failure is None:
                        self.fail(crash(error))

    def forget(self, length: int) -> None:
        """Drop what was done in turn, past the limit: nobody chose that."""
        if len(self.schedule) > length:
            self.cut = True
            for operations in (self.schedule, self.kinds, self.reads, self.writes):
                del operations[length:]
            self.announced = {at: announced for at, announced in self.announced.items() if at < length}

    def _can_go_on(self, p: Process) -> bool:
        return not p.done and (p.ready is None or (p.attention and p.irqs_on) or p.ready())

    def _next(self) -> Process | None:
        """Decide who performs the next operation; None if nobody can, or the execution is to end here."""
        at = len(self.schedule)
        if at < self._scripted:
            return self._from_script(at)
        if at >= self.max_steps:
            return self._in_turn(at)
        if self._natural:
            p = self.current
            if at and self._can_go_on(p):
                return p
            return next((q for q in self._cyclic(p) if self._can_go_on(q)), None)
        return self._choose()

    def _from_script(self, at: int) -> Process | None:
        pid = self.script[at]
        if not 0 <= pid < len(self.processes) or not self._can_go_on(self.processes[pid]):
            self.diverged = f"process {pid} cannot perform operation {at}"
            self.cut = True
            return None
        return self.processes[pid]

    def _in_turn(self, at: int) -> Process | None:
        """Past the limit: give everybody a turn, as real CPUs would; if that does not end either, it is no progress."""
        self.limit_reached = True
        if at >= 2 * self.max_steps:
            self.fail(Violation(NO_PROGRESS, f"{at} operations, the last {self.max_steps} of them in turn, and no end"))
            return None
        return next((q for q in self._cyclic(self.current) if self._can_go_on(q)), None)

    def _cyclic(self, p: Process) -> list[Process]:
        return self.processes[p.pid + 1 :] + self.processes[: p.pid + 1]

    def _choose(self) -> Process | None:
        """Past the script, with a chooser or with processes asleep."""
        enabled = [p for p in self.processes if self._can_go_on(p)]
        if not enabled:
            return None
        if self.choose is not None:
            chosen = self.choose(self, enabled, self.current)
            if chosen is None:
                self.blocked = self.cut = True
            return chosen
        self._wake()
        if not self.asleep:
            self._natural = True
        awake = [p for p in enabled if p.pid not in self.asleep]
        if not awake:
            self.blocked = self.cut = True
            return None
        if self.current in awake and self.schedule:
            return self.current
        return next(p for p in self._cyclic(self.current) if p in awake)

    def _wake(self) -> None:
        """Wake whom the operations since the last time conflict with."""
        for at in range(self.asleep_from, len(self.schedule)):
            if not self.asleep:
                break
            r, w, pid = self.reads[at], self.writes[at], self.schedule[at]
            self.asleep = {q: (r2, w2) for q, (r2, w2) in self.asleep.items() if q != pid and not (w & (r2 | w2) or r & w2)}
        self.asleep_from = len(self.schedule)

    # The one place where an operation happens.

    def _step(self, kind: str, what: Any, reads: int, writes: int, ready: Callable[[], bool] | None = None, again: bool = True) -> bool:
        """Announce an operation, wait to be chosen, record it. False if an interrupt came instead and `again` is off."""
        p = self.current
        schedule = self.schedule
        while True:
            announced_reads = reads | p.irq_tag if p.irqs_on else reads
            p.kind = kind
            p.what = what
            p.ready = ready
            p.reads = announced_reads
            p.writes = writes
            # The quick way for what happens most: the script, or the natural order, has this process go on.
            at = len(schedule)
            if at < self._scripted and ready is None and self.script[at] == p.pid:
                pass
            elif not (self._natural and ready is None and at < self.max_steps):
                self._yield(p)
            if not (p.irqs_on and p.attention):
                break
            self.announced[len(schedule)] = (kind, announced_reads, writes, ready)
            self._record(p, INTERRUPT, p.name, p.irq_tag, p.irq_tag)
            p.ready = None
            p.take_interrupt()
            if not again:
                return False
        if ready is not None:
            self.announced[len(schedule)] = (kind, announced_reads, writes, ready)
            p.ready = None
        schedule.append(p.pid)
        self.kinds.append(kind)
        self.reads.append(announced_reads)
        self.writes.append(writes)
        if self.recorder is not None:
            self.recorder(self, p, kind, what)
        if self.invariant is not None:
            self.invariant()
        return True

    def _yield(self, p: Process) -> None:
        """Let the one go on whose turn it is, which may be `p` itself; returns when it is `p`'s."""
        if self.failure is not None:
            raise self.failure
        at = len(self.schedule)
        if at < self._scripted:
            # Also a quick way: the script names somebody who does not wait.
            chosen: Process | None = self.processes[self.script[at]] if 0 <= self.script[at] < len(self.processes) else None
            if chosen is None or chosen.done or chosen.ready is not None:
                chosen = self._next()
        elif self._starting:
            chosen = None
        else:
            chosen = self._next()
        if chosen is p:
            return
        if chosen is None:
            self.hub.switch()
        else:
            self.current = chosen
            chosen.glet.switch()  # type: ignore[union-attr]
        if self._closing:
            raise GreenletExit

    def _record(self, p: Process, kind: str, what: Any, reads: int, writes: int) -> None:
        self.schedule.append(p.pid)
        self.kinds.append(kind)
        self.reads.append(reads)
        self.writes.append(writes)
        if self.recorder is not None:
            self.recorder(self, p, kind, what)
        if self.invariant is not None:
            self.invariant()

    def _idle(self) -> bool:
        """Whether operations take effect at once; ends a process that goes on although it is being unwound."""
        if self._closing:
            raise GreenletExit
        return self.frozen

    # Memory.

    def access(self, kind: str, cell: Cell, write: bool) -> None:
        """One operation on one location."""
        if self.frozen:
            self._idle()
        elif write:
            self._step(kind, cell, 0, cell.tag)
            self.values[len(self.schedule) - 1] = cell.value
        else:
            self._step(kind, cell, cell.tag, 0)

    def only_read(self) -> None:
        """Narrow the last operation to a read."""
        if not self.frozen:
            at = len(self.schedule) - 1
            self.announced[at] = (self.kinds[at], self.reads[at], self.writes[at], None)
            self.reads[at] |= self.writes[at]
            self.writes[at] = 0

    def access_list(self, kind: str, footprint: Footprint, what: str) -> None:
        """One operation on all nodes of the footprint, taken again when it is performed; in another state it might be any nodes."""
        if self._idle():
            return
        reads, writes = _masks(footprint)
        self._step(kind, what, reads, writes)
        at = len(self.schedule) - 1
        line = self.reads[at] & ~reads
        performed = _masks(footprint)
        any_reads = self.list_cells if performed[0] & self.list_cells else 0
        any_writes = self.list_cells if performed[1] & self.list_cells else 0
        if any_reads or any_writes:
            self.announced[at] = (kind, self.reads[at] | performed[0] | any_reads, writes | performed[1] | any_writes, None)
        self.reads[at], self.writes[at] = performed[0] | line, performed[1]

    # Locks.

    def acquire(self, lock: SpinLock, irqs_off: bool) -> None:
        """Blocked while another process holds the lock."""
        p = self.current
        if lock.holder is p:
            raise self.violate(LOCK_MISUSE, f"takes {lock.name}, which it holds already, at {where()}")
        if not self._idle():
            self._step(LOCK, lock, 0, lock.cell.tag, ready=lambda: lock.holder is None)
        lock.holder = p
        if irqs_off:
            p.irqs_on = False

    def release(self, lock: SpinLock) -> None:
        """A write of the lock's location."""
        if not self._idle():
            self._step(UNLOCK, lock, 0, lock.cell.tag)
        lock.holder = None

    # Interrupts, waiting, time.

    def irq_point(self, kind: str) -> None:
        """An operation on nothing but this CPU's interrupt line."""
        if not self._idle():
            self._step(kind, self.current.name, self.current.irq_tag, 0)

    def raise_irq(self, process: Process, deliver: Callable[[], None], cost: str) -> None:
        """A write of the interrupt line."""
        if not self._idle():
            self._step(RAISE_IRQ, process.name, 0, process.irq_tag)
        deliver()

    def kick(self, process: Process, deliver: Callable[[], None]) -> None:
        """The IPI and the change that it tells of are one operation: in between, the target could only wake up for nothing."""
        self.kicks.append((len(self.schedule) - 1, process.pid))
        deliver()

    def halt(self, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Blocked until `ready()`, which only kicks make true, or an interrupt; the operations that kicks come with write `cells`."""
        if self._idle():
            return
        cpu, reads = self.current.name, _mask(cells)
        if not self._step(HALT, cpu, reads, 0, ready=Halted(self, ready), again=False):
            # What an interrupt has woken looks whether it was kicked as well: that has to be ordered with the kicks.
            self._step(READ, f"what is pending on {cpu}", reads, 0)

    def wait(self, what: str, ready: Callable[[], bool], cells: Sequence[Cell]) -> None:
        """Blocked until `ready()`, a function of the value of the one cell in `cells`."""
        if not self._idle():
            (cell,) = cells
            self._step(AWAIT, what, cell.tag, 0, ready=Awaiting(ready, cell))

    def relax(self) -> None:
        """Blocked until another process writes something that this one has read before, in this turn of its loop."""
        if self._idle():
            return
        p = self.current
        stirred = Relaxing(self, p)
        self._step(RELAX, where(), stirred.seen, 0, ready=stirred, again=False)
        p.relax_mark = len(self.schedule)

    def poll(self, site: str) -> None:
        """As `relax`, once two turns in a row have been the same in every operation and value: more of them would change nothing.

        A loop that counts its turns where the machine cannot see it is not told from one that goes on for ever, unless what it does there
        says so (`progress`).
        """
        if self._idle():
            return
        p, here = self.current, len(self.schedule)
        starts = self._turns.setdefault((p.pid, site), [])
        starts.append(here)
        if len(starts) < 3:
            return
        before, last = starts[-3], starts[-2]
        del starts[0]
        turn = self._turn(p.pid, last, here)
        if not WAITING.isdisjoint(kind for kind, *_ in turn) or not _same(turn, self._turn(p.pid, before, last)):
            return
        if self._disturbed(p, before, here):
            return
        p.relax_mark = last
        self.relax()
        starts.clear()

    def progress(self) -> None:
        """Start counting turns anew."""
        for (pid, _), starts in self._turns.items():
            if pid == self.current.pid:
                starts.clear()

    def _disturbed(self, p: Process, start: int, end: int) -> bool:
        """Whether another process has written what this one had accessed before: then the next turn may find it different."""
        seen = 0
        for at in range(start, end):
            if self.schedule[at] == p.pid:
                seen |= (self.reads[at] | self.writes[at]) & ~p.irq_tag
            elif self.writes[at] & seen:
                return True
        return False

    def _turn(self, pid: int, start: int, end: int) -> list[tuple[str, int, int, Any]]:
        """What a process did between two operations: kind, locations read and written, the value that was overwritten."""
        at_work = (at for at in range(start, end) if self.schedule[at] == pid)
        return [(self.kinds[at], self.reads[at], self.writes[at], self.values.get(at)) for at in at_work]

    def sleep(self, cycles: int) -> None:
        """There is no time here."""

    def spend(self, cost: str) -> None:
        """There is no time here."""

    def now(self) -> int:
        """How many operations the current process has performed: the same in all orders of the same trace."""
        return self.schedule.count(self.current.pid)


def _same(turn: list[tuple[str, int, int, Any]], other: list[tuple[str, int, int, Any]]) -> bool:
    """Compare values without calling what a stage may have put there."""
    return len(turn) == len(other) and all(
        a[:3] == b[:3] and (a[3] is b[3] or (type(a[3]) is type(b[3]) is int and a[3] == b[3])) for a, b in zip(turn, other, strict=True)
    )


def _mask(cells: Sequence[Cell]) -> int:
    mask = 0
    for cell in cells:
        mask |= cell.tag
    return mask


def _masks(footprint: Footprint) -> tuple[int, int]:
    read, written = footprint()
    return _mask(read), _mask(written)
