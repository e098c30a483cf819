"""The happens-before order of one execution: Mazurkiewicz's, program order and the order of conflicting operations.

Kept as bit masks of operation indices, extended as an execution goes on and cut back when a search backtracks. The reversible races that a
partial-order reduction needs fall out on the way.
"""

from __future__ import annotations

from harness.machine.engine import LOCK, UNLOCK
from harness.machine.explored import ExploredEngine

# Of a location: the past of its last write and of the reads since, that write, and those reads (all bit masks).
Location = tuple[int, int, int, int]
UNTOUCHED: Location = (0, 0, 0, 0)


class Order:
    """`past[i]`: what happens before operation i. `races[i]`: the operations of others that conflict with i and come immediately before.

    For the taking of a lock it is not the release before it that races (that one cannot come later), but the taking before that.
    """

    def __init__(self, processes: int) -> None:
        self.past: list[int] = []
        self.races: list[int] = []
        # What happens before the next operation of each process, the last one included.
        self.latest = [0] * processes
        self.locations: dict[int, Location] = {}
        # Of operation i on a lock: the operation on that lock before it.
        self.lock_before: dict[int, int] = {}
        self._undo: list[tuple[int, int, list[tuple[int, Location]]]] = []

    def cut(self, length: int) -> None:
        """Forget all operations but the first `length`."""
        undo = self._undo
        while len(undo) > length:
            pid, latest, before = undo.pop()
            self.latest[pid] = latest
            for bit, location in before:
                self.locations[bit] = location
        del self.past[length:]
        del self.races[length:]

    def extend(self, engine: ExploredEngine) -> None:
        """Take in what `engine` has done beyond the operations known so far."""
        schedule, kinds, reads, writes = engine.schedule, engine.kinds, engine.reads, engine.writes
        latest, locations, undo, all_past, races = self.latest, self.locations, self._undo, self.past, self.races
        for i in range(len(all_past), len(schedule)):
            pid = schedule[i]
            mine = past = latest[pid]
            me = 1 << i
            conflicting = 0
            before: list[tuple[int, Location]] = []
            w = writes[i]
            m = w
            while m:
                bit = m & -m
                m ^= bit
                location = locations.get(bit, UNTOUCHED)
                before.append((bit, location))
                past |= location[0] | location[1]
                conflicting |= location[2] | location[3]
            m = reads[i] & ~w
            while m:
                bit = m & -m
                m ^= bit
                location = locations.get(bit, UNTOUCHED)
                before.append((bit, location))
                past |= location[0]
                conflicting |= location[2]
            all_past.append(past)
            undo.append((pid, mine, before))
            known = latest[pid] = past | me
            for bit, location in before:
                locations[bit] = (known, 0, me, 0) if bit & w else (location[0], location[1] | known, location[2], location[3] | me)
            kind = kinds[i]
            if kind is LOCK or kind is UNLOCK:
                self.lock_before[i] = last = before[0][1][2].bit_length() - 1
                races.append(self._taking(kinds, last) & ~mine if kind is LOCK else 0)
            else:
                conflicting &= ~mine
                races.append(self._immediate(conflicting) if conflicting & (conflicting - 1) else conflicting)

    def own_past(self, i: int) -> int:
        """The previous operation of the same process as operation i, and what happens before that."""
        return self._undo[i][1]

    def of_pending(self, engine: ExploredEngine, pid: int, kind: str, reads: int, writes: int) -> int:
        """The races of an operation that was announced but not performed."""
        if kind is LOCK:
            last = self.locations.get(writes, UNTOUCHED)[2]
            return self._taking(engine.kinds, last.bit_length() - 1) & ~self.latest[pid]
        conflicting = 0
        for bit, location in self.locations.items():
            if bit & writes:
                conflicting |= location[2] | location[3]
            elif bit & reads:
                conflicting |= location[2]
        return self._immediate(conflicting & ~self.latest[pid])

    def _taking(self, kinds: list[str], at: int) -> int:
        """The last taking of a lock, as a mask, given the last operation on it (-1: none)."""
        if at >= 0 and kinds[at] is not LOCK:
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
