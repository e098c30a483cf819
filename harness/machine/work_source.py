"""Work that is done in the idle vCPU only, as the scheduler and the idle loop see it; whose work it is, they do not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stages.hypervisor import PerCpu, Word


@dataclass(eq=False)
class WorkSource:
    """Somebody's work: a word per CPU by which he and the scheduler tell each other, and `run`, which the idle loop calls in each turn.

    Bit number `enqueued` says that there is work, bit number `scheduled` that the scheduler has put the idle vCPU on for it.
    """

    words: PerCpu[Word]
    run: Callable[[], None]
    enqueued: int = 0
    scheduled: int = 1

    def wanted(self, cpu: int) -> bool:
        """The scheduler's part, in the SCHEDULE softirq of `cpu`: note that the idle vCPU is (or is no more) on for this; is it needed?"""
        word = self.words[cpu]
        bits = word.read()
        if bits == 1 << self.enqueued:
            word.set_bit(self.scheduled)
        elif bits == 1 << self.scheduled:
            word.clear_bit(self.scheduled)
        return bool(bits >> self.enqueued & 1)
