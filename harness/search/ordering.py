"""Whether one operation of an execution happens before a later one, given what orders: one question, no clocks.

Two answers to what orders. By *messages*: what `data_races` says, in which a marked write orders with the marked reads after it. By
*barriers*: read-modify-writes of one location, locks, and the raising of an interrupt before its handler, but no marked read or write by
itself. What needs a barrier on hardware with store buffers has an order of this second kind; sequential consistency alone hides that.

Two read-modify-writes that change nothing are ordered with those that do, but not with each other: a search need not explore both orders.
Nor are two of different parts of one word, unless something else has them come in this order in every order of the same trace.
"""

from __future__ import annotations

from harness.explored.execution import Execution
from harness.machine.engine import INTERRUPT, LOCK, RAISE_IRQ, RMW, UNLOCK
from harness.search.data_races import ACQUIRING, RELEASING
from harness.search.happens_before import Order

BARRIERS = frozenset({RMW, LOCK, UNLOCK, RAISE_IRQ, INTERRUPT})


def ordered_by_messages(engine: Execution, earlier: int, later: int) -> bool:
    """Tell whether operation `earlier` happens before `later`, as the race detection sees it."""
    return _Spread(engine, earlier, ACQUIRING, RELEASING).by(later)


def ordered_by_barriers(engine: Execution, earlier: int, later: int) -> bool:
    """Tell whether operation `earlier` happens before `later` although a marked access by itself orders nothing."""
    return _Spread(engine, earlier, BARRIERS, BARRIERS).by(later)


class _Spread:
    """Who knows of an operation, as an execution goes on: processes, and the locations through which others can learn of it."""

    def __init__(self, engine: Execution, at: int, acquiring: frozenset[str], releasing: frozenset[str]) -> None:
        self.engine = engine
        self.at = at
        self.acquiring = acquiring
        self.releasing = releasing
        self.processes = {engine.done[at][0]}
        # Released by an operation that has written the location; by any.
        self.written = self.released = 0
        # By word that has parts: the read-modify-writes of those who knew.
        self.of_word: dict[int, int] = {}

    def by(self, later: int) -> bool:
        """Whether the process of operation `later` knows by then."""
        for at in range(self.at, later + 1):
            self._step(at)
        return self.engine.done[later][0] in self.processes

    def _step(self, at: int) -> None:
        pid, kind, reads, writes = self.engine.done[at]
        if kind is not INTERRUPT:
            reads &= ~self.engine.processes[pid].irq_tag
        if kind in self.acquiring and (self.written & reads or self.released & writes):
            self.processes.add(pid)
        if kind is RMW and self.engine.words:
            self._part_of_a_word(at, pid, reads | writes)
        if kind in self.releasing and pid in self.processes:
            self.written |= writes
            self.released |= reads | writes

    def _part_of_a_word(self, at: int, pid: int, touched: int) -> None:
        """Have operation `at` learn of an earlier one of another part of its word, if that comes earlier in every order of the trace."""
        for word in self.engine.words:
            if touched & word:
                if pid in self.processes:
                    self.of_word[word] = self.of_word.get(word, 0) | 1 << at
                elif word in self.of_word and self.of_word[word] & self._past(at):
                    self.processes.add(pid)

    def _past(self, at: int) -> int:
        order = Order()
        order.extend(self.engine)
        return order.past[at]
