"""Tells a turn of a waiting loop that repeats an earlier one from one that does not (`ExploredEngine.relax` asks).

The next turn repeats this one unless somebody else writes what this one has read, if the loop carries nothing in its local variables and
has changed nothing that it reads. Else the next turn is executed and compared: what the loop carries, and what was done. When they come
back to what they were, that is a cycle, and whoever goes round in it waits for what was read in all of it. If they go on to change, the
loop waits all the same after `MOST` turns, but then nobody knows what one turn more would do: `unsure`. All this depends on what the
process has done and read, and on nothing else: it is the same in all orders of a trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CellType, FrameType, FunctionType
from typing import Any

from harness.explored.carried import NOTHING, carried_at
from harness.explored.execution import Execution, Performed
from harness.machine.diagnosis import FOREIGN, INNER
from harness.machine.engine import LIST_WRITE, RMW, STORE, WRITE, Process

MOST = 8
# Turns without a single operation cost nothing, and no other process can come in between.
MOST_WITHOUT_OPERATIONS = 10_000

WRITES = frozenset({STORE, WRITE, RMW, LIST_WRITE})
CHANGING = (list, dict, set, bytearray)

# What the loop carries, and what was done in the turn: kind, locations read and written, value overwritten.
State = tuple[list[Any], list[Performed]]


class WaitingTurn:
    """One turn: where it began, whether it has written anything, and its state at the end."""

    __slots__ = ("start", "state", "wrote")

    def __init__(self, start: int, wrote: bool, state: State) -> None:
        self.start = start
        self.wrote = wrote
        self.state = state


class Turns:
    """The turns of one process' present loop that did not wait, the last one last."""

    __slots__ = ("engine", "frame", "idle", "turns", "unsure")

    def __init__(self, engine: Execution) -> None:
        self.engine = engine
        self.frame: FrameType | None = None
        self.turns: list[WaitingTurn] = []
        self.idle = 0
        # The loop waits although its next turn might be another one.
        self.unsure = False

    def repeats(self, p: Process, frame: FrameType) -> bool:
        """Note that `p` ends a turn; tell whether it has to wait, for what it has read since `p.relax_mark`, which may be moved back."""
        operations = self._operations(p)
        wrote = _has_changed(operations)
        loops = list(_loops(frame))
        held = _carried(loops)
        if not loops or (held is None and not wrote):
            self.forget()
            return True
        if loops[0] is not self.frame:
            self.forget()
            self.frame = loops[0]
        self.turns.append(WaitingTurn(p.relax_mark, wrote, (held or [], operations)))
        cycle = self._cycle()
        self.idle = 0 if operations else self.idle + 1
        self.unsure = not cycle and (len(self.turns) > MOST if operations else self.idle > MOST_WITHOUT_OPERATIONS)
        if not operations and not self.unsure:
            self.turns.pop()
        if not cycle and not self.unsure:
            return False
        p.relax_mark = self.turns[-cycle].start if cycle else self.turns[0].start
        self.turns.clear()
        return True

    def forget(self) -> None:
        """Begin anew: another loop, or one that has waited."""
        self.turns.clear()
        self.frame = None
        self.idle = 0
        self.unsure = False

    def _operations(self, p: Process) -> list[Performed]:
        return self.engine.turn_of(p.pid, p.relax_mark, len(self.engine.done))

    def _cycle(self) -> int:
        """How many turns lead from a state back to it; 0 if none. Of turns that write, every one must have been there twice."""
        turns = self.turns
        for length in range(1, len(turns)):
            back = turns[-length - 1]
            if not same(back.state, turns[-1].state):
                continue
            if not any(turn.wrote for turn in turns[-length:]):
                return length
            if len(turns) >= 2 * length and all(same(turns[-at].state, turns[-at - length].state) for at in range(1, length + 1)):
                return length
        return 0


def _has_changed(operations: list[Performed]) -> bool:
    """Whether a turn has written what it had read."""
    seen = 0
    for kind, reads, writes, _ in operations:
        if kind in WRITES and writes & (seen | (writes if kind is RMW else 0)):
            return True
        seen |= reads
    return False


def carried_in(frame: FrameType) -> list[Any] | None:
    """What the loops that a process is in carry into their next turns; None if they carry nothing."""
    return _carried(list(_loops(frame)))


def _loops(frame: FrameType | None) -> Iterator[FrameType]:
    """The frames of this process that are in a loop and are not the machine's, the innermost first."""
    while frame is not None:
        if frame.f_code.co_filename in INNER:
            # (Of code in another language it is not known whether it is in a loop.)
            if frame.f_code in FOREIGN:
                yield frame
        elif carried_at(frame.f_code, frame.f_lasti) is not NOTHING:
            yield frame
        frame = frame.f_back


def _carried(frames: list[FrameType]) -> list[Any] | None:
    """The values of what the loops in these frames carry; None if they carry nothing."""
    values: list[Any] = []
    carries = False
    for frame in frames:
        if frame.f_code in FOREIGN:
            number = FOREIGN[frame.f_code].carried(frame)
            values.append(number)
            carries = carries or number is not None
            continue
        carried = carried_at(frame.f_code, frame.f_lasti)
        held = frame.f_locals
        changing = [name for name in carried.read if isinstance(held.get(name), CHANGING)]
        if carried.names or carried.counted or changing:
            carries = True
            values += [_plain(held[name]) for name in sorted(held) if carried.counted or name in carried.names or name in changing]
    return values if carries else None


def _plain(value: Any, depth: int = 3) -> Any:
    """A value that stays as it is: a copy of what may change."""
    if depth and isinstance(value, list | tuple):
        return [_plain(each, depth - 1) for each in value]
    if depth and isinstance(value, dict):
        return [(_plain(key, depth - 1), _plain(each, depth - 1)) for key, each in value.items()]
    if isinstance(value, set | bytearray):
        return value.copy()
    if isinstance(value, FunctionType):
        return [
            value.__code__,
            *(_plain(cell.cell_contents, depth - 1) for cell in value.__closure__ or () if depth and isinstance(cell, CellType)),
        ]
    return value


def same(one: Any, other: Any) -> bool:
    """Compare without calling what a stage may have put there."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, int | str | bytes | float | set | bytearray) and bool(one == other)
