"""How long tasklets wait for their runs, in the order of virtual time.

A CPU is executed ahead of the others as long as it touches nothing of theirs, so what is noted first need not have happened first. So all
is noted with its time, and what a run has waited for is found out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# What has happened to a tasklet; of two things at one time, the first of these comes first. A schedule comes last: as it takes time, it has
# not led to a run that begins at the same time, and is not cancelled by a kill that returns then.
RAN, KILLED, ASKED = range(3)
# When, what, and the number of the note.
Mark = tuple[int, int, int]


class RunDelays:
    """Notes when tasklets are scheduled, run and killed; times are in cycles."""

    def __init__(self) -> None:
        self._marks: dict[Any, list[Mark]] = {}
        self._noted = 0
        self._from = 0

    def note(self, tasklet: Any, what: int, time: int) -> None:
        """Something happens to a tasklet."""
        self._marks.setdefault(tasklet, []).append((time, what, self._noted))
        self._noted += 1

    def reset(self) -> None:
        """Count only runs that are noted from now on."""
        self._from = self._noted

    @property
    def delays(self) -> list[int]:
        """From each schedule to the first run that begins after it; of several before one run, from the first. All are above zero."""
        return [delay for marks in self._marks.values() for delay in self._of(marks)]

    def _of(self, marks: list[Mark]) -> Iterator[int]:
        asked: int | None = None
        for time, what, number in sorted(marks):
            if what == ASKED:
                asked = time if asked is None else asked
                continue
            if what == RAN and asked is not None and number >= self._from:
                yield time - asked
            asked = None
