"""Programs of reads, writes and exchanges with a place for a barrier in front of each, which must not end in certain states."""

from __future__ import annotations

import random
from collections.abc import Collection, Hashable, Sequence
from itertools import combinations

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ENGINES
from harness.litmus.litmus_programs import Threads, executed
from harness.litmus.weak_programs import Op, r, w, xchg
from harness.machine.diagnosis import ASSERTION, Violation
from harness.search.same_trace import Trace
from harness.search.search import FAILED, Limits, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.verify.barrier_points import KINDS, Barriers
from harness.verify.barrier_search import Barrier, placed

STEPS = 200
ALL = Limits(steps=STEPS, stop_at_failure=False)


class SmallProgram:
    """Threads of operations; in front of operation i of thread t is the place 10 × t + i. It fails where it ends in a `wrong` state."""

    def __init__(self, model: str, threads: Sequence[Sequence[Op]], wrong: Collection[Hashable] = ()) -> None:
        self.model = model
        self.threads = threads
        self.wrong = wrong
        self.barriers = Barriers()
        self._execute = executed(self._arrange)

    def _arrange(self, t: Threads) -> None:
        words = {name: t.word(name) for name in sorted({op[1] for ops in self.threads for op in ops})}
        found: list[list[int]] = [[] for _ in self.threads]

        def body(number: int) -> None:
            for at, (kind, name, *value) in enumerate(self.threads[number]):
                self.barriers(10 * number + at)
                if kind == "write":
                    words[name].write(*value)
                else:
                    found[number].append(words[name].read() if kind == "read" else words[name].xchg(*value))

        for number in range(len(self.threads)):
            t.thread(lambda number=number: body(number))  # type: ignore[misc]
        t.observe = lambda: (tuple(map(tuple, found)), tuple(word.value for word in words.values()))

    def execute(self, engine: ExploredEngine) -> None:
        """Execute it once."""
        self.barriers.engine = engine
        self._execute(engine)
        if engine.complete and engine.final in self.wrong:
            engine.fail(Violation(ASSERTION, "a wrong state"))

    def search(self) -> SearchResult:
        """Search it, up to the first failure."""
        return search(self.execute, OptimalDpor(ENGINES[self.model]), Limits(steps=STEPS))

    def trace(self, schedule: Sequence[int]) -> Trace:
        """Execute a schedule."""
        engine = ENGINES[self.model](max_steps=STEPS, script=schedule)
        self.execute(engine)
        return Trace(engine)

    def finals(self, model: str) -> set[Hashable]:
        """All final states under a model."""
        return set(search(self.execute, OptimalDpor(ENGINES[model]), ALL).finals)

    def fails_with(self, barriers: Collection[Barrier]) -> bool:
        """Whether it fails although these barriers are there."""
        self.barriers.placed = placed(tuple(barriers))
        failed = self.search().verdict == FAILED
        self.barriers.placed = {}
        return failed

    def every_barrier(self) -> list[Barrier]:
        """All barriers that there could be."""
        return [(10 * t + at, kind) for t, ops in enumerate(self.threads) for at in range(len(ops)) for kind in KINDS[self.model]]

    def smallest_by_force(self, most: int) -> list[tuple[Barrier, ...]]:
        """All smallest sets with which it does not fail, of at most so many barriers."""
        for size in range(most + 1):
            if found := [each for each in combinations(self.every_barrier(), size) if not self.fails_with(each)]:
                return found
        return []


def random_program(model: str, seed: int) -> SmallProgram | None:
    """Two threads that must not end in what the model adds to sequential consistency; None if it adds nothing."""
    rng = random.Random(f"{model} {seed}")
    made = [r, w, r, w, r, lambda name: w(name, 2), xchg]
    threads = [[rng.choice(made)(name) for name in rng.choice(("xy", "yx", "xyx", "yxy", "xxy", "yyx"))] for _ in range(2)]
    program = SmallProgram(model, threads)
    program.wrong = program.finals(model) - program.finals("sc")
    return program if program.wrong else None
