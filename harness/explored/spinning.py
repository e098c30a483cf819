"""Finds loops that wait without saying so: no `cpu_relax`, nothing but looking, again and again.

Where they are is not known before one of them is seen to go round: when a process has performed many operations, and the last ones are the
same few without a change, the place of the next one is noted, and the search begins anew. From then on, a process that comes there again
and again without a change waits (`ExploredEngine.poll`), as it would in a loop that relaxes.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType

from harness.explored.execution import Execution
from harness.explored.polling import WAITING
from harness.explored.turns import WRITES
from harness.machine.diagnosis import FOREIGN, INNER
from harness.machine.engine import Process

# More operations than a process of a program has, and how many are compared.
MANY = 500
ROUNDS = 4
LONGEST_ROUND = 100

# Code, and an instruction in it.
Site = tuple[CodeType, int]
# Kind, locations read and written.
Done = tuple[str, int, int]


def site_of(frame: FrameType | None) -> Site | None:
    """Where a process stands, outside the machine."""
    while frame is not None and frame.f_code.co_filename in INNER:
        if frame.f_code in FOREIGN:
            return frame.f_code, FOREIGN[frame.f_code].offset(frame)
        frame = frame.f_back
    return None if frame is None else (frame.f_code, frame.f_lasti)


def here() -> Site | None:
    """Where the caller's caller stands."""
    return site_of(sys._getframe(2))


def last_turn(engine: Execution, p: Process) -> list[Done]:
    """The last operations of `p`, if it has done the same ones `ROUNDS` times, and none of them waits or changes anything."""
    end = len(engine.done)
    own: list[Done] = [performed[:3] for performed in engine.turn_of(p.pid, max(0, end - ROUNDS * MANY), end)]
    for length in range(1, LONGEST_ROUND + 1):
        if len(own) >= ROUNDS * length and all(own[-at - length] == own[-at] for at in range(1, (ROUNDS - 1) * length + 1)):
            turn = own[-length:]
            return turn if all(kind not in WAITING and not (kind in WRITES and writes) for kind, _, writes in turn) else []
    return []


def may_wait(p: Process, turn: list[Done]) -> bool:
    """Whether `p` would not be in anybody's way here: it holds no lock, and takes interrupts if it does so anywhere in its turn."""
    takes_interrupts = any(reads & p.irq_tag for _, reads, _ in turn)
    return not getattr(p, "held", ()) and (p.irqs_on or not takes_interrupts)
