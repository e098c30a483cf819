"""Where an execution goes wrong in the natural order, so that nobody comes in between: the rows that have decided it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from harness.machine.diagnosis import THE_MACHINE
from harness.machine.engine import RELAX, Engine
from harness.machine.nesting import HANDLER
from harness.search.ended_waits import rows_named
from harness.search.recorder import OperationRow

RACING = "the two accesses that race"
WAITING = "the last write of what is waited for, or who has taken the lock"
ASLEEP = "the stage's last write that the CPU saw before it fell asleep with work left"
LOOKED_AT = "the last write of what was looked at last before it went wrong; if there is none, what was done last"


@dataclass(frozen=True)
class WhatDecided:
    """`rows` that have decided what is wrong, if there are some, and what they are, in words."""

    rows: tuple[int, ...] = ()
    why: str = ""


NONE_DECIDE = WhatDecided()


def deciding_rows(
    engine: Engine, rows: Sequence[OperationRow], waits: Sequence[str], left: Sequence[str], race: Sequence[int]
) -> WhatDecided:
    """The two that `race`; or who has written last what was looked at last before it goes wrong: that look itself, if nobody has.

    Who looks is each process that waits for ever, as `waits` says; a CPU that sleeps though there is work, as `left` says; or whose call
    has failed. None where the order is not the natural one, and where something is found only in the end, which nobody has looked at.
    """
    failure = engine.failure
    if failure is None or any(row.deviation for row in rows):
        return NONE_DECIDE
    if race:
        return _deciding(race, RACING)
    if waits:
        return _deciding((at for wait in waits for at in _waited_for(wait, rows)), WAITING)
    if left:
        asleep = dict.fromkeys(each.partition(" sleeps ")[0] for each in left)
        return _deciding((at for name in asleep for at in _before_sleep(name, rows)), ASLEEP)
    return _deciding(_last_look(engine, failure.message, rows), LOOKED_AT)


def _deciding(rows: Iterable[int], why: str) -> WhatDecided:
    found = tuple(sorted(set(rows)))
    return WhatDecided(found, why if found else "")


def _waited_for(wait: str, rows: Sequence[OperationRow]) -> Iterator[int]:
    """Who has written what a loop has looked at last, or else the last row that the sentence names: of several, not the machine's own."""
    name, in_loop, _ = wait.partition(" waits in a loop ")
    last = next((row for row in reversed(rows) if in_loop and row.process == name and row.kind != RELAX), None)
    if last is not None and last.written_in is not None and rows[last.written_in].where != THE_MACHINE:
        yield last.written_in
    elif named := rows_named([wait]):
        yield max(named, key=lambda at: (rows[at].where != THE_MACHINE, at))


def _before_sleep(cpu: str, rows: Sequence[OperationRow]) -> Iterator[int]:
    """Who has written what the machine has found last on that CPU, if that was not the machine itself."""
    looks = (row for row in reversed(rows) if row.process == cpu and row.where == THE_MACHINE and HANDLER not in row.contexts)
    found = (row.written_in for row in looks if row.written_in is not None and rows[row.written_in].where != THE_MACHINE)
    yield from islice(found, 1)


def _last_look(engine: Engine, message: str, rows: Sequence[OperationRow]) -> Iterator[int]:
    """Of an execution that is cut off by what has failed: that is behind the last row, if its process is the one that has failed."""
    if engine.complete or not rows or not message.startswith(f"{rows[-1].process}: "):
        return
    look = rows[-1]
    yield max(look.links_in, default=len(rows) - 1) if look.written_in is None else look.written_in
