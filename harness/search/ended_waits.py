"""Of processes that wait for ever when an execution is over: for what, and who could have ended it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.explored.waiting import Awaiting
from harness.machine.diagnosis import DEADLOCK, NO_PROGRESS
from harness.machine.engine import AWAIT, LIST_READ, LIST_WRITE, LOCK, RELAX, RMW, STORE, TRY_LOCK, WRITE, Engine, Process
from harness.search.recorder import ARRIVAL, READS, OperationRow

TAKEN = frozenset({LOCK, TRY_LOCK})
CHANGES = frozenset({STORE, WRITE, RMW, LIST_WRITE})


def waits_at_the_end(engine: Engine, rows: Sequence[OperationRow]) -> tuple[str, ...]:
    """A sentence for each process that waits for ever; none where the execution has not ended because of that."""
    if engine.failure is None or engine.failure.kind not in (DEADLOCK, NO_PROGRESS):
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
    """What the last turn of the loop has looked at decides."""
    own = [row for row in rows if row.pid == p.pid]
    while own and own[-1].kind == RELAX:
        own.pop()
    begins = next((at + 1 for at in range(len(own) - 1, -1, -1) if own[at].kind == RELAX), 0)
    # (Where no turn has ended before, only the loop's own function counts.)
    turn = [row for row in own[begins:] if row.kind in (*READS, LIST_READ) and _function(row.where) == _function(str(p.what))]
    looked = dict.fromkeys(what for row in turn for what in row.nodes or (row.what,))
    seen = [f"{what}, {_last_change(what, rows)}" for what in looked]
    told = f" that looks at {'; at '.join(seen)}" if seen else ""
    return f"{p.name} waits in a loop at {p.what}{told}: only a change of that could end it, and nobody else can go on"


def _function(place: str) -> str:
    return place.partition("(")[2]


def _last_change(what: str, rows: Sequence[OperationRow]) -> str:
    """Who has changed it last, and in which row."""
    for at in range(len(rows) - 1, -1, -1):
        row = rows[at]
        changes = row.kind.removeprefix(ARRIVAL) in CHANGES and (row.nodes or "→" in row.value)
        if changes and what in (row.nodes or (row.what,)):
            return f"last written by {row.process} in row {at}"
    return "which nobody has written"
