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

from collections.abc import Sequence

from harness.explored.execution import Execution
from harness.explored.operations import Operation
from harness.explored.stores import DRAINING
from harness.machine.engine import LIST_WRITE, LOCK, STORE, UNLOCK, WRITE
from harness.search.dependence import bits

STORING = frozenset({WRITE, STORE, LIST_WRITE})

# A store that may be delayed: its place in the execution, its locations, the attacker's last operation before it, whether it frees a lock.
Delayed = tuple[int, int, int, bool]


def is_robust(execution: Execution) -> bool:
    """Tell whether no delay of stores of one CPU would show in a complete execution without store buffers."""
    done = execution.done
    attackers = {pid for pid, kind, _, _ in done if kind in STORING and execution.processes[pid].number >= 0}
    return not any(_Attack(execution, pid).shows(done) for pid in sorted(attackers))


class _Attack:
    """Has one CPU delay its stores as long as it can. Of everybody it is known which operation of the attacker comes before, the latest.

    While no store is late, nothing has to be known: what the attacker did before a store shows nothing of it.
    """

    def __init__(self, execution: Execution, attacker: int) -> None:
        self.attacker = attacker
        # The attacker's barriers, the last one first: each by how many operations there were before it.
        self.fences = [at for at, pid in reversed(execution.fences) if pid == attacker]
        self.marks = execution.marks
        self.delayed: list[Delayed] = []
        # Their locations.
        self.pending = 0
        # The attacker's last operation that was no store; by process and by location (who has written it, who has read it), what they know.
        self.last = -1
        self.know = [-1] * len(execution.processes)
        self.written: dict[int, int] = {}
        self.read: dict[int, int] = {}

    def shows(self, done: Sequence[Operation]) -> bool:
        """Whether the delay of a store would show."""
        attacker = self.attacker
        for at, operation in enumerate(done):
            if operation[0] == attacker:
                if self.delayed or operation[1] in STORING:
                    self._own(at, operation)
            elif self.delayed and self._other(operation):
                return True
        return False

    def _own(self, at: int, operation: Operation) -> None:
        _, kind, reads, writes = operation
        if self._drained_before(at) or (kind in DRAINING and at not in self.marks):
            self._arrive(len(self.delayed))
        if kind in STORING or (kind is UNLOCK and self.delayed):
            self.delayed.append((at, writes, self.last, kind is UNLOCK))
            self.pending |= writes
            reads |= writes if kind is LIST_WRITE else 0
            writes = 0
        if not self.delayed:
            return
        self.last = at
        for location in bits(reads):
            self.read[location] = at
        for location in bits(writes):
            self.written[location] = at

    def _drained_before(self, at: int) -> bool:
        """Whether there is a barrier between the attacker's last operation and this one."""
        fences = self.fences
        found = bool(fences) and fences[-1] <= at
        while fences and fences[-1] <= at:
            fences.pop()
        return found

    def _other(self, operation: Operation) -> bool:
        """Have somebody else do something; whether a delay would show in that."""
        pid, kind, reads, writes = operation
        know = self.know[pid]
        touched = reads | writes
        while touched & self.pending:
            first = next(nr for nr, store in enumerate(self.delayed) if store[1] & touched)
            at, _, _, unlock = self.delayed[first]
            if know >= at and not (unlock and kind is LOCK):
                return True
            # Nobody can tell yet that it is late: it arrives in time, and so does what was stored before it.
            self._arrive(first + 1)
        for location in bits(touched):
            know = max(know, self.written.get(location, -1))
        for location in bits(writes):
            know = max(know, self.read.get(location, -1))
        if know >= 0:
            self.know[pid] = know
            for location in bits(writes):
                self.written[location] = know
            for location in bits(reads):
                self.read[location] = max(know, self.read.get(location, -1))
        return False

    def _arrive(self, count: int) -> None:
        """Have the first stores arrive: who sees one knows what the attacker did before it."""
        if not count:
            return
        for _, locations, last, _ in self.delayed[:count]:
            for location in bits(locations):
                self.written[location] = max(last, self.written.get(location, -1))
        del self.delayed[:count]
        self.pending = 0
        for _, locations, _, _ in self.delayed:
            self.pending |= locations
        if not self.delayed:
            self.last = -1
            self.know = [-1] * len(self.know)
            self.written.clear()
            self.read.clear()
