"""Checking a clause: what a pass, a failure and neither of them say, and that all of it can be repeated."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.search.counterexample import counterexample
from harness.search.natural_order import Deviating
from harness.search.search import search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.tasklets.contract import CLAUSES
from harness.timed.timed_engine import TimedEngine
from harness.verify.checking import JITTER, Budget, check
from harness.verify.deepening import Effort
from harness.verify.no_races import no_races
from harness.verify.verdicts import ERROR, FAIL, NOT_DETERMINISTIC, PASS, UNDECIDED
from stages import s0_baseline
from stages.api import StageModule
from tests.tasklets.mutants import MUTANTS, Mutant

ONE = Budget(timed_seeds=1)
TINY = Budget(timed_seeds=1, effort=Effort(executions=1, samples=1, accept_bound=0))


def mutant(name: str, stage: int = 0) -> Mutant:
    """One of the table."""
    return next(m for m in MUTANTS if (m.name, m.stage) == (name, stage))


def test_a_pass_says_that_it_is_exhaustive() -> None:
    """Every program, every trace once, and then the timed runs."""
    programs = CLAUSES["fifo"].programs_for("softirq")
    result = check(s0_baseline, CLAUSES["fifo"], "softirq", Budget(timed_seeds=3))
    assert (result.verdict, result.complete, result.open_ends) == (PASS, True, ())
    assert result.programs == result.exhausted == len(programs)
    traces = [search(lambda e, p=p: p.execute(s0_baseline, "softirq", e), OptimalDpor()).executions for p in programs]  # type: ignore[misc]
    assert result.executions == sum(traces) + 3 * len(programs)


def test_a_pass_within_a_bound_says_so() -> None:
    """Too few executions for every trace, enough for those with few preemptions: passed, but not complete."""
    effort = Effort(executions=40, preemptions=0, accept_bound=0)
    result = check(s0_baseline, CLAUSES["kill-returns"], "softirq", Budget(timed_seeds=1, effort=effort))
    assert result.verdict == PASS
    assert not result.complete
    assert result.exhausted < result.programs
    assert all(end.how_far == "exhausted within 0 preemptions" for end in result.open_ends)
    assert all(end.within == 0 for end in result.open_ends)
    assert len(result.open_ends) == result.programs - result.exhausted


def test_a_small_bound_is_no_pass() -> None:
    """Less than was demanded says too little: that is undecided, and the message says what was seen and what a pass needs."""
    effort = Effort(executions=40, preemptions=0)
    result = check(s0_baseline, CLAUSES["kill-returns"], "softirq", Budget(timed_seeds=1, effort=effort))
    assert (result.verdict, result.complete) == (ERROR, False)
    assert result.failure is not None
    assert result.failure.kind == UNDECIDED
    assert result.failure.message == f"{result.failure.program}: exhausted within 0 preemptions, and a pass needs 2"


def test_what_is_undecided_is_no_pass() -> None:
    """A search that was cut off before it could tell anything gives an error that says which one, and how far it got."""
    result = check(s0_baseline, CLAUSES["kill-returns"], "softirq", TINY)
    assert (result.verdict, result.complete) == (ERROR, False)
    assert result.failure is not None
    assert (result.failure.kind, result.failure.engine, result.failure.replay) == (UNDECIDED, "", "")
    assert f"{result.failure.program}: limit reached, 1 executions" in result.failure.message
    assert any("limit reached" in end.how_far for end in result.open_ends)


def test_a_kind_that_makes_no_sense_is_an_error() -> None:
    """`wakeup` is about VCPU tasklets, and `no-races` is not tested by itself."""
    for clause in ("wakeup", "no-races"):
        with pytest.raises(ValueError, match=clause):
            check(s0_baseline, CLAUSES[clause], "softirq")


def test_the_same_seed_gives_the_same_result(tmp_path: Path) -> None:
    """Of a stage that passes, one that fails, and a search that is cut off."""
    bad = mutant("two CPUs enter").build(tmp_path)
    for module, clause, budget in ((s0_baseline, "fifo", ONE), (bad, "never-concurrent", ONE), (s0_baseline, "kill-returns", TINY)):
        assert check(module, CLAUSES[clause], "softirq", budget) == check(module, CLAUSES[clause], "softirq", budget)


def test_deviations_repeat_the_failure(tmp_path: Path) -> None:
    """Operation by operation, to the same message, as the same table."""
    module = mutant("two CPUs enter").build(tmp_path)
    result = check(module, CLAUSES["never-concurrent"], "vcpu", ONE)
    failure = result.failure
    assert failure is not None
    assert (result.verdict, failure.engine) == (FAIL, "explored")
    program = next(p for p in CLAUSES["never-concurrent"].programs if p.name == failure.program)
    tables = []
    for _ in range(2):
        engine = ExploredEngine(Deviating(dict(failure.deviations)), failure.steps)
        program.execute(module, "vcpu", engine)
        assert engine.failure is not None
        assert (engine.failure.kind, engine.failure.message) == (failure.kind, failure.message)
        tables.append(counterexample(lambda e: program.execute(module, "vcpu", e), engine.schedule, failure.steps))
    assert tables[0] == tables[1]
    assert tables[0].reason == f"{failure.kind}: {failure.message}"


class OnlyInTime(s0_baseline.TaskletSubsystem):
    """Loses every second schedule, if there is time."""

    def tasklet_schedule(self, t: s0_baseline.Tasklet) -> None:
        engine = self.hv.engine
        if isinstance(engine, TimedEngine) and engine.random.random() < 1 / 2:
            return
        super().tasklet_schedule(t)


def test_a_recorded_seed_repeats_the_failure() -> None:
    """The timed engine runs after all searches, finds what they cannot see, and needs its seed only; complete it is not then."""
    module = cast(StageModule, SimpleNamespace(Tasklet=s0_baseline.Tasklet, TaskletSubsystem=OnlyInTime))
    result = check(module, CLAUSES["exactly-once"], "softirq", Budget(timed_seeds=8))
    failure = result.failure
    assert failure is not None
    assert (result.verdict, result.complete, failure.engine) == (FAIL, False, "timed")
    program = next(p for p in CLAUSES["exactly-once"].programs if p.name == failure.program)
    engine = TimedEngine(seed=failure.seed, jitter=JITTER, max_steps=failure.steps)
    program.execute(module, "softirq", engine)
    assert engine.failure is not None
    assert engine.failure.message == failure.message


def test_a_program_that_is_not_deterministic_is_no_pass() -> None:
    """Two executions that begin alike and go on differently: that is said, whatever a weaker search would say, and of races too."""
    turns = iter(range(1_000_000))

    class Wavering(s0_baseline.TaskletSubsystem):
        def tasklet_schedule(self, t: s0_baseline.Tasklet) -> None:
            if next(turns) % 2:
                self.hv.smp_processor_id()
                t.scheduled_on = t.scheduled_on
            super().tasklet_schedule(t)

    module = cast(StageModule, SimpleNamespace(Tasklet=s0_baseline.Tasklet, TaskletSubsystem=Wavering))
    result = check(module, CLAUSES["exactly-once"], "softirq", ONE)
    assert result.verdict == ERROR
    assert result.failure is not None
    assert result.failure.kind == NOT_DETERMINISTIC
    assert not any("diverged" in end.how_far for end in result.open_ends)
    assert no_races("softirq", [result]).failure == result.failure
