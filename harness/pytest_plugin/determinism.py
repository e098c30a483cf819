"""Whether a test function does the same twice. A search notices that only where it comes by the same place again, and cannot say why."""

from __future__ import annotations

import random

from harness.explored.explored_engine import ExploredEngine
from harness.search.counterexample import CounterexampleRow, counterexample
from harness.search.search import Execute
from harness.verify.verify_in_worker import executed

NOT_THE_SAME = "the test does not do the same twice"
USES_RANDOM = "it takes numbers from `random`, which are others each time; make a random.Random(SEED) in the test function"


def unsteady(execute: Execute, steps: int, make: type[ExploredEngine]) -> str:
    """Execute the natural order twice, and say what was different; nothing if nothing was."""
    (first, failure), (again, other) = (_rows(execute, steps, make, seed) for seed in (1, 2))
    if random.getstate() != random.Random(2).getstate() and not seeds_itself(execute, steps, make):
        return f"{NOT_THE_SAME}: {USES_RANDOM}"
    for at, (one, two) in enumerate(zip(first, again, strict=False)):
        if _same(one) != _same(two):
            return f"{NOT_THE_SAME}: operation {at} was {one.text}, and then {two.text}"
    if len(first) != len(again):
        return f"{NOT_THE_SAME}: there were {len(first)} operations, and then {len(again)}"
    return "" if failure == other else f"{NOT_THE_SAME}: it ended with {failure}, and then with {other}"


def seeds_itself(execute: Execute, steps: int, make: type[ExploredEngine]) -> bool:
    """Whether Python's random numbers are the same after each execution, whatever they were before."""
    after = []
    for seed in (1, 2):
        random.seed(seed)
        executed(execute, {}, steps, make)
        after.append(random.getstate())
    return after[0] == after[1]


def _rows(execute: Execute, steps: int, make: type[ExploredEngine], seed: int) -> tuple[tuple[CounterexampleRow, ...], str]:
    random.seed(seed)
    engine = executed(execute, {}, steps, make)
    random.seed(seed)
    shown = counterexample(execute, engine.schedule, steps, type(engine))
    return shown.rows, shown.reason


def _same(row: CounterexampleRow) -> tuple[object, ...]:
    """What of an operation is to be the same: values may be shown with addresses."""
    return row.pid, row.kind, row.what, row.where, row.numbers
