"""Data races while a search goes from one execution to the next: only what is new in an execution is looked at.

It finds what `data_races.find_race` finds, which says what orders operations, looks at one execution from its beginning, and names both
operations. Here order is kept as bit masks of operation indices. What lies beyond the common beginning of an execution and the last one
is forgotten; a search by depth executes the same beginning again and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import compress, count, starmap
from operator import ne, or_

from harness.explored.execution import Execution
from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import Operation
from harness.explored.store_buffers import BufferedEngine
from harness.explored.view_record import ViewRecord
from harness.machine.diagnosis import RACE, Violation
from harness.machine.engine import INTERRUPT
from harness.search.access_sets import TRAITS, UNTOUCHED, Location, Traits, touch
from harness.search.buffered_races import BufferedRaces, find_buffered_race
from harness.search.data_races import find_race
from harness.search.dependence import bits
from harness.search.record import recorded
from harness.search.recorder import ARRIVAL, OperationRow
from harness.search.search import Execute


class RaceDetector:
    """Looks at executions of one program, one after the other; what it says of one does not depend on those before."""

    def __init__(self) -> None:
        # The last execution, as far as it is known here.
        self._done: Sequence[Operation] = ()
        # The interrupt lines: of each process, and all.
        self._line_of: list[int] = []
        self._lines = 0
        # What is ordered before the next operation of each process, the last one included.
        self._now: list[int] = []
        self._locations: dict[int, Location] = {}
        # Of each known operation: its process, what `_now` was before it, and what each location that it touched was.
        self._undo: list[tuple[int, int, Sequence[tuple[int, Location]]]] = []
        # Whether the last known operation completes a race.
        self._raced = False
        # Where there are store buffers.
        self._buffered = BufferedRaces()

    def finds_race(self, engine: Execution) -> bool:
        """Tell whether two operations of an execution race."""
        if isinstance(engine, ViewRecord):
            return next(engine.races(), None) is not None
        if isinstance(engine, BufferedEngine):
            return self._buffered.race_of(engine) is not None
        line_of = [process.irq_tag for process in engine.processes]
        if line_of != self._line_of:
            self._start_anew(line_of)
        done = engine.done
        # After an operation that completes a race nothing more is taken in.
        known = len(self._undo)
        self._go_back(next(compress(count(), map(ne, self._done, done)), min(len(self._done), len(done))))
        self._raced = self._raced and len(self._undo) == known
        self._done = done
        if not self._raced:
            self._raced = any(starmap(self._take_in, done[len(self._undo) :]))
        return self._raced

    def _start_anew(self, line_of: list[int]) -> None:
        """Forget everything: this is the first execution, or one of another program."""
        self._go_back(0)
        self._done = ()
        self._line_of = line_of
        self._lines = reduce(or_, line_of, 0)
        self._now = [0] * len(line_of)
        self._raced = False

    def _go_back(self, length: int) -> None:
        """Forget all operations but the first `length`."""
        undo, now, locations = self._undo, self._now, self._locations
        while len(undo) > length:
            pid, now[pid], before = undo.pop()
            for bit, location in before:
                locations[bit] = location

    def _take_in(self, pid: int, kind: str, reads: int, writes: int) -> bool:
        """Take in one more operation; tell whether it completes a race."""
        if kind is not INTERRUPT:
            # That a CPU takes interrupts is no access of it.
            reads &= ~self._line_of[pid]
        touched = reads | writes
        if touched & (touched - 1) or not touched:
            return self._several(pid, TRAITS[kind], bits(touched), writes)
        # Most operations touch one location.
        traits = TRAITS[kind]
        mine = self._now[pid]
        me = 1 << len(self._undo)
        location = self._locations.get(touched, UNTOUCHED)
        self._undo.append((pid, mine, ((touched, location),)))
        if traits[0]:
            mine |= location[0]
        self._now[pid] = mine | me
        racing, self._locations[touched] = touch(location, me, mine, traits, writes)
        return racing & ~mine != 0 and not touched & self._lines

    def _several(self, pid: int, traits: Traits, each: Sequence[int], writes: int) -> bool:
        """As `_take_in`, for an operation that touches several locations, or none."""
        mine = self._now[pid]
        me = 1 << len(self._undo)
        before = [(bit, self._locations.get(bit, UNTOUCHED)) for bit in each]
        self._undo.append((pid, mine, before))
        if traits[0]:
            for _, location in before:
                mine |= location[0]
        self._now[pid] = mine | me
        raced = 0
        for bit, location in before:
            racing, self._locations[bit] = touch(location, me, mine, traits, bit & writes)
            if not bit & self._lines:
                raced |= racing & ~mine
        return raced != 0


def race_of(engine: Execution) -> tuple[int, int] | None:
    """The first two operations of an execution that race, whatever the memory model."""
    if isinstance(engine, ViewRecord):
        return next(engine.races(), None)
    return find_buffered_race(engine) if isinstance(engine, BufferedEngine) else find_race(engine)


def described_race(execute: Execute, engine: ExploredEngine) -> str:
    """What the first data race of an execution is between, if it has one; the lines are found by executing it again."""
    race = race_of(engine)
    if race is None:
        return ""
    _, rows = recorded(execute, engine.schedule, engine.max_steps, type(engine))
    first, second = (_access(rows[at]) for at in race)
    return f"{first} and {second} are not ordered"


def _access(row: OperationRow) -> str:
    """Who accesses what, and where; a store that arrives is its CPU's, from the line that it comes from."""
    return f"{row.writer} at {row.where} ({row.kind.removeprefix(ARRIVAL)} of {row.location})"


def checking_races(execute: Execute) -> Execute:
    """Have an execution that has nothing else wrong fail for a data race."""
    detector = RaceDetector()

    def checked(engine: ExploredEngine) -> None:
        execute(engine)
        if engine.failure is None and not engine.blocked and detector.finds_race(engine) and (race := described_race(execute, engine)):
            engine.fail(Violation(RACE, race))

    return checked
