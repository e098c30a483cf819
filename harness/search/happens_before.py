"""The happens-before order of one execution: Mazurkiewicz's, program order and the order of conflicting operations.

Kept as bit masks of operation indices, extended as an execution goes on and cut back when a search backtracks. The reversible races that a
partial-order reduction needs fall out on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from harness.explored.execution import Execution
from harness.explored.operations import Operation
from harness.machine.engine import LOCK, UNLOCK
from harness.search.dependence import LOCKING, bits

# Of a location, as bit masks: the past of its last write, the past of that and of the reads since, that write, that and those reads.
Location = tuple[int, int, int, int]
UNTOUCHED: Location = (0, 0, 0, 0)


class Order:
    """`past[i]`: what happens before operation i. `races[i]`: the operations of others that conflict with i and come immediately before.

    For the taking of a lock it is not the release before it that races (that one cannot come later), but the taking before that, and who
    has looked since the release whether it is held. To try to take it is always possible, and races with either; and so does the release
    with all that has tried it in vain, or has looked.
    """

    def __init__(self) -> None:
        self.past: list[int] = []
        self.races: list[int] = []
        # What happens before the next operation of each process, the last one included.
        self.latest: dict[int, int] = defaultdict(int)
        self.locations: dict[int, Location] = {}
        # Of operation i on a lock: the operation on that lock before it.
        self.lock_before: dict[int, int] = {}
        # Of each operation: its process, what `latest` was before it, that and what else it comes after whatever others do, and what each
        # location that it touched was.
        self._undo: list[tuple[int, int, int, Sequence[tuple[int, Location]]]] = []

    def cut(self, length: int) -> None:
        """Forget all operations but the first `length`."""
        undo, latest, locations = self._undo, self.latest, self.locations
        while len(undo) > length:
            pid, latest[pid], _, before = undo.pop()
            for bit, location in before:
                locations[bit] = location
        del self.past[length:]
        del self.races[length:]

    def extend(self, engine: Execution) -> None:
        """Take in what `engine` has done beyond the operations known so far."""
        # (`dependence.dependent`, by location.)
        latest, locations, all_past, races = self.latest, self.locations, self.past, self.races
        known = len(all_past)
        me = 1 << known
        before: Sequence[tuple[int, Location]]
        follows = engine.follows
        for pid, kind, r, w in engine.done[known:]:
            mine = was = latest[pid]
            if follows and (after := follows.get(len(all_past))):
                mine |= self.closure(after)
            touched = r | w
            if touched & (touched - 1) or not touched:
                before = [(bit, locations.get(bit, UNTOUCHED)) for bit in bits(touched)]
                past, conflicting = self._several(before, me, mine, w)
                latest[pid] = past | me
            else:
                # Most operations touch one location.
                location = locations.get(touched, UNTOUCHED)
                before = ((touched, location),)
                written, used, write, conflicting = location
                if w:
                    past = mine | used
                    latest[pid] = now = past | me
                    locations[touched] = (now, now, me, me)
                else:
                    past = mine | written
                    latest[pid] = now = past | me
                    locations[touched] = (written, used | now, write, conflicting | me)
                    conflicting = write
            all_past.append(past)
            self._undo.append((pid, was, mine, before))
            if kind in LOCKING:
                races.append(self._of_lock(engine, kind, w, before, len(races)) & ~mine)
            else:
                conflicting &= ~mine
                races.append(self._immediate(conflicting) if conflicting & (conflicting - 1) else conflicting)
            me <<= 1

    def _several(self, before: Sequence[tuple[int, Location]], me: int, mine: int, writes: int) -> tuple[int, int]:
        """Have an operation touch several locations, or none; return its past, and what it conflicts with."""
        past, conflicting = mine, 0
        for bit, (written, used, write, uses) in before:
            past |= used if bit & writes else written
            conflicting |= uses if bit & writes else write
        now = past | me
        for bit, (written, used, write, uses) in before:
            self.locations[bit] = (now, now, me, me) if bit & writes else (written, used | now, write, uses | me)
        return past, conflicting

    def _of_lock(self, engine: Execution, kind: str, lock: int, before: Sequence[tuple[int, Location]], at: int) -> int:
        """The races of operation `at` on a lock; note which one was before it."""
        _, _, write, uses = next(location for bit, location in before if bit == lock)
        last = write.bit_length() - 1
        self.lock_before[at] = last
        looked = self._immediate(uses & ~write)
        return looked | self._taking(engine, last) if kind is LOCK else looked

    def own_past(self, i: int) -> int:
        """The previous operation of the same process as operation i, and what happens before that; so for what it follows otherwise."""
        return self._undo[i][2]

    def closure(self, operations: int) -> int:
        """Operations, and what happens before them."""
        if operations and not operations & (operations - 1):
            # Mostly it is one.
            return operations | self.past[operations.bit_length() - 1]
        found = m = operations
        while m:
            bit = m & -m
            m ^= bit
            found |= self.past[bit.bit_length() - 1]
        return found

    def of_pending(self, engine: Execution, operation: Operation) -> int:
        """The races of an operation that was announced but not performed."""
        pid, kind, reads, writes = operation
        if kind is LOCK:
            _, _, write, uses = self.locations.get(writes, UNTOUCHED)
            return (self._taking(engine, write.bit_length() - 1) | self._immediate(uses & ~write)) & ~self.latest[pid]
        conflicting = 0
        for bit, location in self.locations.items():
            if bit & writes:
                conflicting |= location[3]
            elif bit & reads:
                conflicting |= location[2]
        return self._immediate(conflicting & ~self.latest[pid])

    def _taking(self, engine: Execution, at: int) -> int:
        """The last taking of a lock, as a mask, given the last operation on it (-1: none)."""
        if at >= 0 and engine.done[at][1] is UNLOCK:
            at = self.lock_before[at]
        return 1 << at if at >= 0 else 0

    def _immediate(self, candidates: int) -> int:
        """Drop those that happen before another one."""
        earlier = 0
        m = candidates
        while m:
            bit = m & -m
            m ^= bit
            earlier |= self.past[bit.bit_length() - 1]
        return candidates & ~earlier
