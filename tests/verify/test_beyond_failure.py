"""Beyond a failure, executions are searched for data races, so that `no-races` can be decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.explored.models import ARM, PSO, SC, TSO
from harness.suite.program import Program
from harness.tasklets.contract import CLAUSES
from harness.tasklets.testbed import Testbed, program
from harness.verify.checking import Budget, check
from harness.verify.deepening import Effort
from harness.verify.no_races import saw_everything
from harness.verify.verdicts import FAIL, PASS
from stages import s0_baseline
from stages.posted import s1_percpu_softirq, s4_percpu_schedule


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


@pytest.mark.parametrize(("model", "executions"), [(SC, 300), (TSO, 300), (TSO, 60)])
def test_the_natural_order_is_tried_where_nothing_else_is(model: str, executions: int) -> None:
    """Where the search has shown a race already, or there is no budget for more: what fails with no deviation at all is shown."""
    budget = Budget(timed_seeds=1, effort=Effort(executions=executions, model=model))
    result = check(s1_percpu_softirq, CLAUSES["kill-returns"], "irq-client", budget)
    assert result.failing[0] == "kill-rescheduling"
    assert not result.all_seen
    assert result.failure is not None
    assert (result.failure.program, result.failure.deviations, result.failure.model) == ("kill-from-function", (), SC)


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


@program()
def never_right(b: Testbed) -> None:
    """Fails in every execution, whatever the stage does."""
    b.cpu(0, lambda: None)
    b.afterwards(lambda: b.expect(False, "never right"))


@pytest.mark.parametrize("model", [TSO, PSO, ARM])
def test_what_comes_to_pass_without_late_stores_fails_no_later_program(model: str) -> None:
    """The stage loses schedules under every model, so that no run has seen a write is for other clauses; the first failure stays one."""
    visibility = CLAUSES["visibility"]
    doubtful = visibility.program_named("seen-although-it-is-sent")
    clause = replace(visibility, programs=(never_right, doubtful))
    result = check(s4_percpu_schedule, clause, "vcpu", Budget(timed_seeds=1, effort=Effort(executions=300, model=model)))
    assert (result.verdict, result.failing, result.race, result.all_seen) == (FAIL, ("never-right",), None, True)
    # As it is where it is searched by itself.
    alone = replace(clause, programs=(doubtful,))
    assert check(s4_percpu_schedule, alone, "vcpu", Budget(timed_seeds=1, effort=Effort(executions=300, model=model))).verdict == PASS


def doubting(anyway: bool, otherwise: bool) -> Program:
    """Fails for a doubtful reason, which comes to pass without late stores as well if `anyway`; where that is forgiven, if `otherwise`."""

    @program()
    def doubted(b: Testbed) -> None:
        engine = b.machine.engine
        b.cpu(0, lambda: None)

        def judged() -> None:
            engine.doubtful = engine.weak or anyway
            b.expect(not engine.weak or engine.forgiving, "perhaps because a store was late")
            b.expect(not (engine.weak and otherwise), "for another reason")

        b.afterwards(judged)

    return doubted


@pytest.mark.parametrize(("anyway", "otherwise", "fails"), [(True, False, False), (False, False, True), (True, True, True)])
def test_a_doubt_is_forgiven_only_for_what_comes_to_pass_anyway(anyway: bool, otherwise: bool, fails: bool) -> None:
    """What takes a late store is a failure, and so is what a program finds beyond its doubt."""
    clause = replace(CLAUSES["visibility"], programs=(never_right, doubting(anyway, otherwise)))
    result = check(s4_percpu_schedule, clause, "vcpu", Budget(timed_seeds=1, effort=Effort(executions=300, model=PSO)))
    assert result.failing == ("never-right", *["doubted"] * fails)
    assert result.failure is not None
    assert result.failure.program == "never-right"
