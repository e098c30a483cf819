"""How much a process grows that executes stages in C, also such as fail in every way that there is.

Usage: `python -m tests.bench.native_memory [EXECUTIONS]`. Rounds of searches, each with programs of the contract on stages of `fixed-c`
and with the functions of tests/native/running.c that fail, under each memory model. It prints the resident memory after warming up and from
there on, and how much it has grown; it ends with status 1 if that is 5 MiB or more.
"""

from __future__ import annotations

import gc
import resource
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.explored.models import ENGINES
from harness.jobs.watchdog import on_duty
from harness.search.search import Execute, Limits, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.tasklets.contract import CHECKED
from tests.native.running import executing
from tests.native.twins import STAGES, executed, in_c

EXECUTIONS = 200_000
WARMING_UP = 10_000
MOST_MIB = 5.0
REPORTS = 10
# So many executions of a program, in a round.
EACH = 40
FAILING = (
    ("follows_null",),
    ("reads_a_wild_pointer",),
    ("calls_null",),
    ("writes_a_constant",),
    ("divides_by_zero",),
    ("overflows",),
    ("is_wrong",),
    ("reads_garbage",),
    ("uses_another_cpu",),
    ("unlocks_what_is_free",),
    ("touches_what_it_has_freed",),
    ("frees_twice",),
    ("touches_beyond",),
    ("reads_fresh_memory",),
    ("stores_and_looks", "stores_and_looks_back"),
    ("tells", "hears"),
    # One CPU fails while the other one is in the middle of something.
    ("adds_under_lock", "follows_null"),
    ("waits_for_flag", "is_wrong"),
)


def resident() -> float:
    """Resident memory of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def searches() -> Iterator[Execute]:
    """What a round executes."""
    for names in FAILING:
        yield executing(*names, at_last="expects_one_to_have_seen" if "stores_and_looks" in names else "")
    for stage in (STAGES[0], STAGES[-1]):
        for clause in CHECKED:
            program = clause.programs[-1]
            yield executed(program, in_c(stage), program.kinds[0])


class Grown:
    """Executes, and keeps account."""

    def __init__(self, executions: int) -> None:
        self.wanted = executions
        self.ended: Counter[str] = Counter()
        self.after: list[tuple[int, float]] = []

    @property
    def done(self) -> int:
        """Executions so far."""
        return sum(self.ended.values())

    def run(self) -> None:
        """Rounds until there are enough; memory is noted after warming up, and a few times from there on."""
        step, due = max(1, self.wanted // REPORTS), WARMING_UP
        work = list(searches())
        while self.done < self.wanted + WARMING_UP:
            for model in ENGINES:
                for execute in work:
                    self._search(execute, model)
            if self.done >= due:
                gc.collect()
                self.after.append((self.done, resident()))
                print(f"{self.done:,} executions: {resident():.2f} MiB", flush=True)
                due = self.done + step

    def _search(self, execute: Execute, model: str) -> None:
        with on_duty():
            result = search(execute, OptimalDpor(ENGINES[model]), Limits(executions=EACH, stop_at_failure=False))
        self.ended["failing"] += result.failures
        self.ended["others"] += result.executions + result.blocked - result.failures

    @property
    def growth(self) -> float:
        """MiB since warming up."""
        return self.after[-1][1] - self.after[0][1]


def main(arguments: Sequence[str]) -> int:
    """Run and print."""
    grown = Grown(int(arguments[0]) if arguments else EXECUTIONS)
    grown.run()
    ended = f"{grown.ended['failing']:,} executions failed, {grown.ended['others']:,} did not"
    print(f"{ended}; {grown.growth:.2f} MiB more than in the first line")
    return 1 if grown.growth >= MOST_MIB else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
