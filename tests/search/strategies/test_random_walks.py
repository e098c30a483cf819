"""Random walks: the same seed walks the same way, and the walks reach orders that need a long stretch on one CPU."""

from __future__ import annotations

import random
from collections.abc import Callable

from harness.explored.execution import Chooser
from harness.explored.explored_engine import ExploredEngine
from harness.search.strategies.random_walks import RandomWalk
from harness.tasklets.contract import CLAUSES
from stages import s0_baseline

PROGRAM = next(p for p in CLAUSES["no-lost-schedule"].programs if p.name == "racing-interrupt")


def execute(choose: Chooser) -> tuple[int, ...]:
    """One execution of a program with an interrupt that comes at any time."""
    engine = ExploredEngine(choose)
    PROGRAM.execute(s0_baseline, "softirq", engine)
    assert engine.failure is None
    return tuple(engine.schedule)


def test_the_same_seed_walks_the_same_way() -> None:
    """Ten walks in a row."""
    first, second = random.Random(7), random.Random(7)
    assert [execute(RandomWalk(first)) for _ in range(10)] == [execute(RandomWalk(second)) for _ in range(10)]


def positions(choose: Callable[[random.Random], Chooser]) -> set[int]:
    """After how many operations the interrupt comes, in three hundred executions."""
    rng = random.Random(0)
    schedules = [execute(choose(rng)) for _ in range(300)]
    return {schedule.index(max(schedule)) for schedule in schedules}


def test_an_interrupt_comes_at_any_time() -> None:
    """In most of the forty places where it can; a uniform choice never gets beyond the first few."""
    assert len(positions(RandomWalk)) > 30
    assert len(positions(lambda rng: lambda engine, enabled, current: enabled[int(rng.random() * len(enabled))])) < 15
