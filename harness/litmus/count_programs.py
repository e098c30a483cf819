"""Counts the executions of litmus programs under a memory model, and compares that with what is published."""

from __future__ import annotations

from dataclasses import dataclass

from harness.explored.models import ENGINES
from harness.litmus.published_counts import published
from harness.litmus.table_programs import TableProgram
from harness.machine.diagnosis import DEADLOCK
from harness.search.search import INTERRUPTED, Limits, cut_off, search
from harness.search.strategies.optimal_dpor import OptimalDpor


@dataclass(frozen=True)
class ExecutionCount:
    """What was counted of a program under a model, and what is published of that, None for nothing.

    `gave_up`: executions that do not count, as a thread gives up in them. `reached`: what ended the search, if it was cut off.
    `wrong`: what else is not as it has to be.
    """

    program: str
    model: str
    executions: int
    blocked: int
    published: int | None
    gave_up: int = 0
    reached: str = ""
    wrong: str = ""

    @property
    def differs(self) -> bool:
        """Whether the count is another one, runs were in vain, or something is wrong; one that was cut off differs if it is too large."""
        if self.wrong or self.blocked:
            return True
        if self.published is None:
            return False
        return self.executions > self.published if self.reached else self.executions != self.published


def count_program(program: TableProgram, model: str, executions: int) -> ExecutionCount:
    """Search a program under a model with optimal DPOR, up to so many executions."""
    limits = Limits(executions, stop_at_failure=False)
    result = search(program.execute, OptimalDpor(ENGINES[model]), limits)
    if result.reached == INTERRUPTED:
        raise KeyboardInterrupt
    counted = sum(count for final, count in result.finals.items() if program.counts(final))
    deadlocks = program.known.deadlocks if program.known else 0
    reached = cut_off(result, limits)
    wrong = ""
    if result.failures != result.finals[DEADLOCK] or (not reached and result.failures != deadlocks):
        wrong = str(result.failure or f"{result.failures} deadlocks, not {deadlocks}")
    known = published(program.name, program.known, model)
    return ExecutionCount(program.name, model, counted, result.blocked, known, result.executions - counted, reached, wrong)
