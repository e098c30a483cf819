"""The end of an endless execution goes round in circles: where the same operations come again and again, once is enough to be shown."""

from __future__ import annotations

from dataclasses import dataclass

from harness.search.counterexample import CounterexampleRow

# What comes so often, up to the end, is folded; it has to be so many rows, or there is nothing to gain.
TIMES = 3
ROWS = 12


@dataclass(frozen=True)
class Fold:
    """From row `start` on, the same `length` rows come `times` times; then the execution ends, at most one round less a row later."""

    start: int
    length: int
    times: int

    @property
    def rest(self) -> int:
        """The first row after the last whole round."""
        return self.start + self.length * self.times

    @property
    def sentence(self) -> str:
        """What stands in place of the rounds that are not shown."""
        return f"these {self.length} rows repeat {self.times} times" if self.length > 1 else f"this row repeats {self.times} times"


def folded(rows: tuple[CounterexampleRow, ...]) -> Fold | None:
    """The shortest round that the execution goes on with to its end; None if it does not."""
    same = [(row.pid, row.text) for row in rows]
    total = len(same)
    for length in range(1, total // TIMES + 1):
        start = total - length
        while start and same[start - 1] == same[start - 1 + length]:
            start -= 1
        times = (total - start) // length
        if times >= TIMES and total - start >= ROWS:
            return Fold(start, length, times)
    return None
