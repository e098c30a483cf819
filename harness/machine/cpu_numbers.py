"""The numbers by which a stage knows the CPUs, where they are not those by which the machine counts them.

The machine, its programs and all reports count CPUs from 0, and a CPU that is numbered so fits wherever somebody puts it. To a stage under
test CPU0 is 61, CPU1 64, CPU2 62 and CPU3 63: even two CPUs are on both sides of 64, so a number that is kept in too few bits does not
stay unnoticed. The other numbers below the highest are those of CPUs that never come.

What is wrong for number 0 only needs a machine that has it: the executions in virtual time do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from stages.hypervisor import PerCpu

T = TypeVar("T")

FIRST = 61
NUMBERS = (61, 64, 62, 63)


def stage_number(cpu: int) -> int:
    """The number by which a stage knows a CPU that the machine calls number `cpu`."""
    return NUMBERS[cpu] if cpu < len(NUMBERS) else FIRST + cpu


def cpu_of_number(number: int) -> int | None:
    """Which CPU a stage knows by that number, as the machine counts them; None if there is none."""
    if number in NUMBERS:
        return NUMBERS.index(number)
    cpu = number - FIRST
    return cpu if cpu >= len(NUMBERS) else None


class ByNumber(PerCpu[T]):
    """What there is one of for each CPU, by the number that the stage knows; `missing` is asked for that of a CPU that never comes."""

    __slots__ = ("absent", "missing", "positions")

    def __init__(self, items: Sequence[T], positions: Mapping[int, int], missing: Callable[[int], T]) -> None:
        super().__init__(items)
        self.positions = positions
        self.missing = missing
        self.absent: dict[int, T] | None = None

    def __getitem__(self, cpu: int) -> T:
        try:
            return self.items[self.positions[cpu]]
        except KeyError:
            return self._absent(cpu)

    def _absent(self, cpu: int) -> T:
        """What `missing` gives, the same each time."""
        self.absent = self.absent or {}
        if cpu not in self.absent:
            self.absent[cpu] = self.missing(cpu)
        return self.absent[cpu]
