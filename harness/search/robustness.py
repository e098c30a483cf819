"""Tells whether store buffers could show anything that an execution without them does not.

A program is *robust* against total store order when every execution with store buffers is, as far as who reads what from whom goes, one
without them. It is not if and only if one CPU, the attacker, can delay a store past a later operation of its own, others do something that
comes after that operation, and one of them touches what was to be stored: in an execution without store buffers, in which all that happens
in this order, that shows (Bouajjani, Meyer, Möhlmann: "Deciding Robustness against Total Store Ordering", ICALP 2011; one attacker is
enough). So a search that has seen every execution without store buffers, and found none such, has nothing to look for with them.

What drains a store buffer is what `harness.explored.stores` says, and barriers. The release of a lock is a store like any other, but that
who takes the lock cannot see its delay: he waits for it (and what was stored before it has arrived then). Who tries the lock, or looks
whether it is held, sees it. Where interrupts are on, one may come right behind a store, and before the store arrives.

Who waits for a value that a store takes away does not come to an end without store buffers, and may with them. So what he waits for is
looked at as if he had found it: where he waits in the end, and where an interrupt came while he did.

A list operation counts as a read of its nodes, and a store to them. What others do in between its steps is a data race, and of an
execution with one nothing is said here. What a handler of the same CPU does there is none: `harness.search.list_steps` looks for that.
An invariant looks at memory after every operation, and no operation says at what: of a program with one nothing is said either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import compress, count
from operator import ne

from harness.explored.execution import Execution
from harness.explored.operations import Operation
from harness.explored.stores import DRAINING
from harness.machine.engine import AWAIT, INTERRUPT, LIST_WRITE, LOCK, STORE, UNLOCK, WRITE, Process
from harness.search.dependence import bits
from harness.search.list_steps import ListSteps

STORING = frozenset({WRITE, STORE, LIST_WRITE, UNLOCK})

# A store of the attacker: its place in the execution, the attacker's last operation before it that was no store, whether it frees a lock.
Late = tuple[int, int, bool]
# What somebody knows of the attacker: its last operation that was no store, its last store that has arrived. What the attacker itself does:
# its last operation that was no store, the last one that drained its store buffer.
Known = tuple[int, int]
NOTHING: Known = (-1, -1)
# The attacker's stores to a location, what is known to whoever has written it, and to whoever has read it.
Location = tuple[tuple[Late, ...], Known, Known]
UNTOUCHED: Location = ((), NOTHING, NOTHING)
# Of each location that an operation touches: what it was before.
Before = Sequence[tuple[int, Location]]


def is_robust(execution: Execution) -> bool:
    """Tell whether no delay of stores of one CPU would show in a complete execution without store buffers.

    It would in an operation of somebody else on the location of a store, if that operation comes after something that the attacker has
    done behind the store, and nothing that comes before it says that the store has arrived: no barrier and no later store of the attacker.
    What comes before what is asked, and not what stands in front of what: so all executions of a trace have one answer.
    """
    return not DelayDetector().finds_delay(execution)


class DelayDetector:
    """Looks at executions of one program, one after the other; what two of them have in common at their beginning is looked at once."""

    def __init__(self) -> None:
        self._done: Sequence[Operation] = ()
        # By process, in all executions so far: what it has touched, what it has stored to; and what several of them have touched.
        self._touched: defaultdict[int, int] = defaultdict(int)
        self._stored: defaultdict[int, int] = defaultdict(int)
        self._shared = 0
        self._attacks: dict[int, _Attack] = {}
        self._list_steps = ListSteps()

    def finds_delay(self, execution: Execution) -> bool:
        """Tell whether the delay of a store would show, or an interrupt that comes between two of them that are one operation here."""
        done = execution.done
        same = next(compress(count(), map(ne, self._done, done)), min(len(self._done), len(done)))
        self._done = done
        steps_seen = self._list_steps.may_be_seen(execution, same)
        if self._shares_more(execution, same):
            same = 0
        for attack in self._attacks.values():
            attack.go_back(same)
        if execution.invariant is not None or steps_seen:
            return True
        attackers = [p.pid for p in execution.processes if p.number >= 0 and self._stored[p.pid] & self._shared]
        return any(self._attack(pid).shows(execution, self._shared) for pid in attackers)

    def _shares_more(self, execution: Execution, same: int) -> bool:
        """Take in what is new in an execution; tell whether processes share locations that none have shared before."""
        touched = self._touched
        for at, (pid, kind, reads, writes) in enumerate(execution.done[same:], same):
            touched[pid] |= reads | writes
            if kind in STORING:
                self._stored[pid] |= writes
            elif kind is INTERRUPT:
                touched[pid] |= _awaited_at(execution, at)
        for p in execution.processes:
            touched[p.pid] |= _awaited_in_the_end(p)
        shared = every = 0
        for each in touched.values():
            shared |= every & each
            every |= each
        more = shared != self._shared
        self._shared = shared
        return more

    def _attack(self, pid: int) -> _Attack:
        if pid not in self._attacks:
            self._attacks[pid] = _Attack(pid)
        return self._attacks[pid]


class _Attack:
    """Has one CPU delay its stores as long as it can."""

    def __init__(self, attacker: int) -> None:
        self.attacker = attacker
        self.know: defaultdict[int, Known] = defaultdict(lambda: NOTHING)
        # By operation of the attacker: the last one that drained its store buffer, itself or before it.
        self.drained: dict[int, int] = {}
        # `touched`: the locations of which there is anything to know; none before the first store.
        self.touched = 0
        self.locations: dict[int, Location] = {}
        # Of each known operation: whose it is, and what that process knew, `touched`, and the locations that it touches were before it.
        self.undo: list[tuple[int, Known, int, Before]] = []

    def go_back(self, length: int) -> None:
        """Forget all operations but the first `length`."""
        undo, know, locations = self.undo, self.know, self.locations
        while len(undo) > length:
            pid, know[pid], self.touched, before = undo.pop()
            for bit, location in before:
                locations[bit] = location

    def shows(self, execution: Execution, shared: int) -> bool:
        """Whether the delay of a store would show; what only one process touches tells nobody anything."""
        done, attacker = execution.done, self.attacker
        for at in range(len(self.undo), len(done)):
            pid, kind, reads, writes = done[at]
            known, touched = self.know[pid], self.touched
            before: Before = ()
            if kind is INTERRUPT and known is not NOTHING and self._shows_in(AWAIT, _awaited_at(execution, at) & shared, known):
                return True
            if pid == attacker:
                # What it did before its first store shows nothing.
                if touched or (kind in STORING and writes & shared):
                    before = self._own(execution, at, shared)
            elif touched and (reads | writes) & (shared if known is not NOTHING else touched):
                reads &= shared
                writes &= shared
                if self._shows_in(kind, reads | writes, known):
                    return True
                now = self._learns(known, reads, writes)
                if now != NOTHING:
                    self.know[pid] = now
                    before = self._tells(now, reads, writes)
            self.undo.append((pid, known, touched, before))
        return any(
            self._shows_in(AWAIT, _awaited_in_the_end(p) & shared, self.know[p.pid]) for p in execution.processes if p.pid != attacker
        )

    def _own(self, execution: Execution, at: int, shared: int) -> Before:
        """Have the attacker do something; return what the locations were before."""
        pid, kind, reads, writes = execution.done[at]
        last, drained = self.know[pid]
        late = (at, last, kind is UNLOCK)
        stores = kind in STORING
        stored = 0
        if stores:
            reads |= writes if kind is LIST_WRITE else 0
            stored, writes = writes, 0
        if reads or writes or not stores:
            last = at
        if kind in DRAINING and at not in execution.marks:
            drained = at
        elif execution.fences:
            drained = max(drained, *(fence for fence, owner in execution.fences if owner == pid and fence <= at), -1)
        self.know[pid] = last, drained
        self.drained[at] = drained
        before = self._touching((reads | writes | stored) & shared)
        for bit, (earlier, written, read) in before:
            self.locations[bit] = (
                (*earlier, late) if bit & stored else earlier,
                (at, -1) if bit & writes else written,
                (at, -1) if bit & reads else read,
            )
        return before

    def _touching(self, touched: int) -> Before:
        """What locations are before they are touched."""
        self.touched |= touched
        if touched & (touched - 1) or not touched:
            return [(bit, self.locations.get(bit, UNTOUCHED)) for bit in bits(touched)]
        # Most operations touch one location.
        return ((touched, self.locations.get(touched, UNTOUCHED)),)

    def _shows_in(self, kind: str, touched: int, known: Known) -> bool:
        """Whether a delay would show in what somebody else does, who knows that before."""
        last, arrived = known
        if last <= arrived:
            return False
        for bit in bits(touched & self.touched):
            for at, _, unlock in self.locations[bit][0]:
                if arrived < at <= last and self.drained[last] <= at and not (unlock and kind is LOCK):
                    return True
        return False

    def _learns(self, known: Known, reads: int, writes: int) -> Known:
        """What somebody else knows who has touched that."""
        seen, came = known
        for bit in bits((reads | writes) & self.touched):
            stores, written, read = self.locations[bit]
            if stores:
                at, before, _ = stores[-1]
                seen, came = max(seen, before), max(came, at)
            seen, came = max(seen, written[0]), max(came, written[1])
            if bit & writes:
                seen, came = max(seen, read[0]), max(came, read[1])
        return seen, came

    def _tells(self, known: Known, reads: int, writes: int) -> Before:
        """Have whoever comes to the locations next know this; return what they were before."""
        before = self._touching(reads | writes)
        for bit, (stores, written, read) in before:
            if bit & reads:
                read = max(known[0], read[0]), max(known[1], read[1])
            self.locations[bit] = stores, known if bit & writes else written, read
        return before


def _awaited_at(execution: Execution, at: int) -> int:
    """What was waited for where operation `at`, an interrupt, was taken."""
    (_, kind, reads, _), _ = execution.announced[at]
    return reads if kind is AWAIT else 0


def _awaited_in_the_end(p: Process) -> int:
    """What a process waits for when an execution is over."""
    return p.announced[2] if not p.done and p.ready is not None and p.announced[1] is AWAIT else 0
