"""Tells whether store buffers could show anything that an execution without them does not.

A program is *robust* against total store order when every execution with store buffers is, as far as who reads what from whom goes, one
without them. It is not if and only if one CPU, the attacker, can delay a store past a later operation of its own, others do something that
comes after that operation, and one of them touches what was to be stored: in an execution without store buffers, in which all that happens
in this order, that shows (Bouajjani, Meyer, Möhlmann: "Deciding Robustness against Total Store Ordering", ICALP 2011; one attacker is
enough). So a search that has seen every execution without store buffers, and found none such, has nothing to look for with them.

What drains a store buffer is what `harness.explored.stores` says, and barriers. The release of a lock is a store whose delay nobody can
see: the next one to take the lock waits for it (but what was stored before it has arrived then). Where interrupts are on, one may come
right behind a store, and before the store arrives. A list operation counts as a read of its nodes, and a store to them: what comes in
between its steps is a data race, and of an execution with one nothing is said here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from harness.explored.execution import Execution
from harness.explored.operations import Operation
from harness.explored.stores import DRAINING
from harness.machine.engine import LIST_WRITE, LOCK, STORE, UNLOCK, WRITE
from harness.search.dependence import bits

STORING = frozenset({WRITE, STORE, LIST_WRITE})

# A store of the attacker: its place in the execution, the first place from which on it has arrived for certain, the attacker's last
# operation before it that was no store, whether it frees a lock.
Late = tuple[int, int, int, bool]
# What somebody knows of the attacker: its last operation that was no store, its last store that has arrived.
Known = tuple[int, int]
NOTHING: Known = (-1, -1)


def is_robust(execution: Execution) -> bool:
    """Tell whether no delay of stores of one CPU would show in a complete execution without store buffers.

    It would in an operation of somebody else on the location of a store, if that operation comes after something that the attacker has
    done behind the store, and nothing that comes before it says that the store has arrived: no barrier and no later store of the attacker.
    What comes before what is asked, and not what stands in front of what: so all executions of a trace have one answer.
    """
    return not any(_Attack(execution, pid).shows(execution.done) for pid in _attackers(execution))


def _attackers(execution: Execution) -> list[int]:
    """The CPUs that store to something that anybody else touches."""
    touched = [0] * len(execution.processes)
    stored = list(touched)
    for pid, kind, reads, writes in execution.done:
        touched[pid] |= reads | writes
        if kind in STORING:
            stored[pid] |= writes
    return [
        p.pid
        for p in execution.processes
        if p.number >= 0 and any(stored[p.pid] & others for pid, others in enumerate(touched) if pid != p.pid)
    ]


class _Attack:
    """Has one CPU delay its stores as long as it can."""

    def __init__(self, execution: Execution, attacker: int) -> None:
        self.attacker = attacker
        drains = [
            at for at, (pid, kind, _, _) in enumerate(execution.done) if pid == attacker and kind in DRAINING and at not in execution.marks
        ]
        self.drains = sorted([*drains, *(at for at, pid in execution.fences if pid == attacker)])
        self.end = len(execution.done)
        # By location.
        self.stores: dict[int, list[Late]] = {}
        # The attacker's last operation that was no store; what each process knows, whoever has written a location, whoever has read it.
        self.last = -1
        self.know = [NOTHING] * len(execution.processes)
        # `touched`: the locations of which there is anything to know.
        self.touched = 0
        self.written: dict[int, Known] = {}
        self.read: dict[int, Known] = {}

    def shows(self, done: Sequence[Operation]) -> bool:
        """Whether the delay of a store would show."""
        attacker = self.attacker
        for at, operation in enumerate(done):
            if operation[0] == attacker:
                # What it did before its first store shows nothing.
                if self.stores or operation[1] in STORING:
                    self._own(at, operation)
            elif self.stores and self._other(operation):
                return True
        return False

    def _own(self, at: int, operation: Operation) -> None:
        _, kind, reads, writes = operation
        self.touched |= reads | writes
        stores = kind in STORING or kind is UNLOCK
        if stores:
            nr = bisect_right(self.drains, at)
            late = (at, self.drains[nr] if nr < len(self.drains) else self.end, self.last, kind is UNLOCK)
            for location in bits(writes):
                self.stores.setdefault(location, []).append(late)
            reads |= writes if kind is LIST_WRITE else 0
            writes = 0
        if reads or writes or not stores:
            self.last = at
        for location in bits(reads):
            self.read[location] = (at, -1)
        for location in bits(writes):
            self.written[location] = (at, -1)

    def _other(self, operation: Operation) -> bool:
        """Have somebody else do something; whether a delay would show in that."""
        pid, kind, reads, writes = operation
        if self.know[pid] is NOTHING and not (reads | writes) & self.touched:
            return False
        last, arrived = self.know[pid]
        seen, came = last, arrived
        for location in bits(reads | writes):
            stores = self.stores.get(location)
            if stores:
                for at, drained, _, unlock in stores:
                    if arrived < at <= last < drained and not (unlock and kind is LOCK):
                        return True
                at, _, before, _ = stores[-1]
                seen, came = max(seen, before), max(came, at)
            known = self.written.get(location, NOTHING)
            seen, came = max(seen, known[0]), max(came, known[1])
        for location in bits(writes):
            known = self.read.get(location, NOTHING)
            seen, came = max(seen, known[0]), max(came, known[1])
        self._knows(pid, seen, came, reads, writes)
        return False

    def _knows(self, pid: int, seen: int, came: int, reads: int, writes: int) -> None:
        """Have a process know this, and whoever comes to the locations after it."""
        self.know[pid] = seen, came
        self.touched |= reads | writes
        for location in bits(writes):
            self.written[location] = seen, came
        for location in bits(reads):
            known = self.read.get(location, NOTHING)
            self.read[location] = max(seen, known[0]), max(came, known[1])
