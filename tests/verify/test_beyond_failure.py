"""Beyond a failure, executions are searched for data races, so that `no-races` can be decided."""

from __future__ import annotations

from dataclasses import replace

from harness.explored.models import SC, TSO
from harness.tasklets.contract import CLAUSES
from harness.verify.checking import Budget, check
from harness.verify.deepening import Effort
from harness.verify.no_races import saw_everything
from harness.verify.verdicts import FAIL
from stages import s0_baseline
from stages.posted import s4_percpu_schedule


def test_all_executions_are_seen_although_one_failed() -> None:
    """The baseline violates `handover`, and none of the executions of its programs has a race."""
    result = check(s0_baseline, CLAUSES["handover"], "softirq", Budget(timed_seeds=1))
    assert (result.verdict, result.race, result.all_seen) == (FAIL, None, True)
    assert saw_everything(result)


def test_a_search_that_is_cut_off_has_not_seen_them() -> None:
    """The budget is that of any other search, if that is less."""
    result = check(s0_baseline, CLAUSES["handover"], "softirq", Budget(timed_seeds=1, effort=Effort(executions=60)))
    assert (result.verdict, result.race, result.all_seen) == (FAIL, None, False)
    assert not saw_everything(result)


def test_the_natural_order_stands_for_the_clause() -> None:
    """Where a later program fails with no deviation at all, that is shown; under total store order it is the same one, without buffers."""
    shown = []
    for model in (SC, TSO):
        result = check(s4_percpu_schedule, CLAUSES["wakeup"], "vcpu", Budget(timed_seeds=1, effort=Effort(executions=300, model=model)))
        assert result.failure is not None
        assert result.failing[0] == "woken-by-interrupt"
        assert (result.failure.program, result.failure.deviations, result.failure.model) == ("woken-by-function", (), SC)
        shown.append(result.failure)
    assert shown[0] == shown[1]


def test_of_several_in_the_natural_order_the_shortest_stands_for_the_clause() -> None:
    """The first one that fails is no simpler than a later one with fewer operations."""
    clause, budget = CLAUSES["kill-cancels"], Budget(timed_seeds=1, effort=Effort(executions=300))
    result = check(s4_percpu_schedule, clause, "vcpu", budget)
    alone = check(s4_percpu_schedule, replace(clause, programs=(clause.program_named(result.failing[0]),)), "vcpu", budget)
    assert result.failure is not None
    assert alone.failure is not None
    assert result.failure.deviations == alone.failure.deviations == ()
    assert result.failure.program in result.failing[1:]
    assert result.failure.operations < alone.failure.operations
