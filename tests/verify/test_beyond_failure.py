"""Beyond a failure, executions are searched for data races, so that `no-races` can be decided."""

from __future__ import annotations

from harness.tasklets.contract import CLAUSES
from harness.verify.checking import Budget, check
from harness.verify.deepening import Effort
from harness.verify.no_races import saw_everything
from harness.verify.verdicts import FAIL
from stages import s0_baseline


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
