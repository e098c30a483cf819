"""Checking a clause by sampling: what it says, and that it can be repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutants import MUTANTS, Mutant

from harness.conformance.check import JITTER, Budget, check
from harness.conformance.clauses import CLAUSES
from harness.explore.random_walk import Follow
from harness.machine.explored import ExploredEngine
from harness.machine.timed import TimedEngine
from stages import s0_baseline


def mutant(name: str, stage: int = 0) -> Mutant:
    """One of the table."""
    return next(m for m in MUTANTS if (m.name, m.stage) == (name, stage))


def test_a_pass_says_that_it_is_a_sample() -> None:
    """Never complete; the result counts what was run."""
    result = check(s0_baseline, "fifo", "softirq", Budget(timed_seeds=3, executions=10))
    assert (result.verdict, result.complete) == ("pass", False)
    assert result.executions == 3 * len(CLAUSES["fifo"].programs_for("softirq")) + 10
    assert result.how == "3 timed seeds, 10 sampled executions"


def test_a_kind_that_makes_no_sense_is_an_error() -> None:
    """`wakeup` is about VCPU tasklets."""
    with pytest.raises(ValueError, match="wakeup makes no sense for kind softirq"):
        check(s0_baseline, "wakeup", "softirq")


def test_the_same_seed_finds_the_same_failure(tmp_path: Path) -> None:
    """And another seed another one, sooner or later."""
    module = mutant("two CPUs enter").build(tmp_path)
    found = [check(module, "never-concurrent", "softirq", Budget(timed_seeds=0, seed=seed)) for seed in (1, 1, 2)]
    assert found[0] == found[1]
    assert found[0].failure is not None
    assert found[2].failure is not None
    assert found[0].failure.schedule != found[2].failure.schedule


def test_a_recorded_schedule_repeats_the_failure(tmp_path: Path) -> None:
    """Operation by operation, to the same message."""
    module = mutant("two CPUs enter").build(tmp_path)
    failure = check(module, "never-concurrent", "vcpu", Budget(timed_seeds=0)).failure
    assert failure is not None
    program = next(p for p in CLAUSES["never-concurrent"].programs if p.name == failure.program)
    follow = Follow(failure.schedule)
    engine = ExploredEngine(follow)
    program.execute(module, "vcpu", engine)
    assert engine.failure is not None
    assert (engine.failure.kind, engine.failure.message) == (failure.kind, failure.message)
    assert tuple(engine.schedule) == failure.schedule
    assert not follow.diverged


def test_a_recorded_seed_repeats_the_failure(tmp_path: Path) -> None:
    """The timed engine needs its seed only."""
    module = mutant("forget the raise").build(tmp_path)
    failure = check(module, "exactly-once", "softirq").failure
    assert failure is not None
    assert failure.engine == "timed"
    program = next(p for p in CLAUSES["exactly-once"].programs if p.name == failure.program)
    engine = TimedEngine(seed=failure.seed, jitter=JITTER)
    program.execute(module, "softirq", engine)
    assert engine.failure is not None
    assert engine.failure.message == failure.message
