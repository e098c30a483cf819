"""Of processes that wait for ever when an execution is over: for what, and who could have ended it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.explored.waiting import Awaiting
from harness.machine.diagnosis import DEADLOCK, NO_PROGRESS
from harness.machine.engine import AWAIT, LIST_READ, LIST_WRITE, LOCK, RELAX, RMW, STORE, TRY_LOCK, WRITE, Engine, Process
from harness.search.recorder import ARRIVAL, READS, OperationRow

TAKEN = frozenset({LOCK, TRY_LOCK})
CHANGES = frozenset({STORE, WRITE, RMW, LIST_WRITE})
LOOKS = READS | {LIST_READ}
NOBODY = "which nobody has written"
# How a sentence about an execution names a row.
NAMED = re.compile(r"\brow (\d+)")


def rows_named(sentences: Iterable[str]) -> list[int]:
    """The rows that sentences about an execution name, in their order."""
    return [int(named[1]) for sentence in sentences for named in NAMED.finditer(sentence)]


def waits_at_the_end(engine: Engine, rows: Sequence[OperationRow]) -> tuple[str, ...]:
    """A sentence for each process that waits for ever; none where the execution has not ended because of that.

    Where somebody has gone on up to the limit of operations, that one is named, and might have ended what others wait for.
    """
    if engine.failure is None or engine.failure.kind not in (DEADLOCK, NO_PROGRESS):
        return ()
    if any(engine.failure.message.startswith(f"{p.name}: ") for p in engine.processes):
        return ()
    stuck = [p for p in engine.processes if not p.done and not p.dormant and p.kind in (LOCK, RELAX, AWAIT)]
    return tuple(_sentence(p, rows) for p in stuck)


def _sentence(p: Process, rows: Sequence[OperationRow]) -> str:
    if p.kind == LOCK:
        return _for_lock(p, rows)
    if p.kind == RELAX:
        return _in_loop(p, rows)
    if not isinstance(p.ready, Awaiting):
        return f"{p.name} waits {p.what}: nobody who could end that can go on"
    looked_at = p.ready.cell.name
    return (
        f"{p.name} waits {p.what}: only a change of {looked_at} could end that, {_last_change(looked_at, rows)}, and nobody else can go on"
    )


def _for_lock(p: Process, rows: Sequence[OperationRow]) -> str:
    lock, holder = p.what.name, p.what.holder
    if not isinstance(holder, Process):
        return f"{p.name} waits for {lock}, held by {holder}"
    taken = next((at for at in range(len(rows) - 1, -1, -1) if _takes(rows[at], holder.pid, lock)), None)
    since = "" if taken is None else f" since row {taken}"
    if holder.done:
        does = "has ended"
    elif holder.kind == LOCK:
        does = f"waits for {holder.what.name}"
    else:
        does = "waits itself"
    return f"{p.name} waits for {lock}: only {holder.name} could end that, which holds it{since} and {does}"


def _takes(row: OperationRow, pid: int, lock: str) -> bool:
    return row.pid == pid and row.kind in TAKEN and row.what == lock and row.value != "held"


def _in_loop(p: Process, rows: Sequence[OperationRow]) -> str:
    """What the turns that it would go on to repeat have looked at decides, whatever function that was in.

    What the loop changes itself, in each turn, is told apart: that has not kept it there.
    """
    turn = _turn(p, rows)
    own = {what for row in turn if _changes(row) for what in _on(row)}
    looked = dict.fromkeys(what for row in turn if row.kind in LOOKS and (row.value or row.nodes) for what in _on(row))
    written = {what: _last_change(what, rows) for what in looked if what not in own}
    seen = [f"{what}, {by}" for what, by in sorted(written.items(), key=lambda pair: pair[1] == NOBODY)]
    changed = own & looked.keys()
    seen += ["what it changes itself"] * bool(changed)
    told = f" that looks at {'; at '.join(seen)}" if seen else ""
    by = " by somebody else" if changed else ""
    return f"{p.name} waits in a loop at {p.what}{told}: only a change of that{by} could end it, and nobody else can go on"


def _turn(p: Process, rows: Sequence[OperationRow]) -> list[OperationRow]:
    """The rows of the turns of a loop that a process would go on to repeat."""
    own = [(at, row) for at, row in enumerate(rows) if row.pid == p.pid]
    while own and own[-1][1].kind == RELAX:
        own.pop()
    begins = max([p.relax_mark, *(at + 1 for at, row in own if row.kind == RELAX)])
    turn = [row for at, row in own if at >= begins]
    if any(map(_changes, turn)):
        return turn
    # (A loop that changes nothing may wait in its first turn: with that is what its process has done before.)
    first = next((at for at, row in enumerate(turn) if _function(row.where) == _function(str(p.what))), 0)
    return turn[first:]


def _on(row: OperationRow) -> tuple[str, ...]:
    return row.nodes or (row.what,)


def _changes(row: OperationRow) -> bool:
    return row.kind.removeprefix(ARRIVAL) in CHANGES and bool(row.nodes or "→" in row.value)


def _function(place: str) -> str:
    return place.partition("(")[2]


def _last_change(what: str, rows: Sequence[OperationRow]) -> str:
    """Who has changed it last, and in which row."""
    for at in range(len(rows) - 1, -1, -1):
        row = rows[at]
        if _changes(row) and what in _on(row):
            return f"last written by {row.writer} in row {at}"
    return NOBODY
