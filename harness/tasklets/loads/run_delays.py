"""How long tasklets wait for their runs, in the order of virtual time.

A CPU is executed ahead of the others as long as it touches nothing of theirs, so what is noted first need not have happened first. So all
is noted with its time, and what a run has waited for is found out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# What has happened to a tasklet; of two things at one time, the first comes first.
ASKED, RAN, KILLED = range(3)
# When, the number of the note, and what.
Mark = tuple[int, int, int]


class RunDelays:
    """Notes when tasklets are scheduled, run and killed; times are in cycles."""

    def __init__(self) -> None:
        self._marks: dict[Any, list[Mark]] = {}
        self._noted = 0
        self._from = 0

    def note(self, tasklet: Any, what: int, time: int) -> None:
        """Something happens to a tasklet."""
        self._marks.setdefault(tasklet, []).append((time, self._noted, what))
        self._noted += 1

    def reset(self) -> None:
        """Count only runs that are noted from now on."""
        self._from = self._noted

    @property
    def delays(self) -> list[int]:
        """From each schedule, the first of several, to the run that it leads to."""
        return [delay for marks in self._marks.values() for delay in self._of(marks)]

    def _of(self, marks: list[Mark]) -> Iterator[int]:
        asked: int | None = None
        for time, number, what in sorted(marks, key=lambda mark: (mark[0], mark[2], mark[1])):
            if what == ASKED:
                asked = time if asked is None else asked
                continue
            if what == RAN and asked is not None and number >= self._from:
                yield time - asked
            asked = None
