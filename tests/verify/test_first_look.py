"""A first look calls a bad stage bad within a few executions, and changes nothing about any other one."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from harness.cli.carry_out import Plan, check_one
from harness.jobs.stage_loading import load
from harness.sources.single_file import target_of_file
from harness.sources.target import Target
from harness.tasklets.contract import CLAUSES
from harness.verify.checking import Budget, check, look_at
from harness.verify.deepening import LOOK, Effort
from harness.verify.verdicts import FAIL, NOT_RUN, PASS
from stages import FIXED

SMALL = Budget(timed_seeds=1, effort=Effort(executions=300, preemptions=1))


@pytest.fixture
def feeds_twice(tmp_path: Path) -> Target:
    """A stage whose `feed` says that it has not queued what it has queued: the caller may do so again."""
    source = FIXED.stages[2].path.read_text(encoding="utf-8")
    feed, rest = source[source.index("    def feed(") :], "        return queued\n"
    path = tmp_path / "tasklet.py"
    path.write_text(source.replace(feed, feed.replace(rest, "        return False\n", 1)), encoding="utf-8")
    return target_of_file(str(path))


def test_a_bad_stage_is_seen_to_be_bad_soon(feeds_twice: Target) -> None:
    """Whole searches of its programs would take minutes, and this takes a few executions."""
    seen = look_at(load(feeds_twice), CLAUSES["self-reschedule"], "softirq", Budget())
    assert seen.result.verdict == FAIL
    assert seen.result.executions <= LOOK * seen.result.programs
    assert seen.result.failure is not None
    assert seen.result.failure.kind == "list corruption"


@pytest.fixture(scope="module")
def last() -> ModuleType:
    """The last stage of `fixed`."""
    return load(target_of_file(str(FIXED.stages[-1].path)))


@pytest.mark.parametrize(("clause", "kind"), [("fifo", "softirq"), ("self-reschedule", "vcpu"), ("kill-independent", "irq-client")])
def test_whoever_goes_on_comes_to_the_same(last: ModuleType, clause: str, kind: str) -> None:
    """Byte by byte, be the clause kept or violated; and something was seen, so that there is less to do."""
    seen = look_at(last, CLAUSES[clause], kind, SMALL)
    assert seen.known
    assert repr(check(last, CLAUSES[clause], kind, SMALL, seen.known)) == repr(check(last, CLAUSES[clause], kind, SMALL))


def test_what_is_not_seen_to_its_end_is_not_known(last: ModuleType) -> None:
    """A program with more executions than a look has is left to the search."""
    clause = CLAUSES["reuse"]
    seen = look_at(last, clause, "softirq", SMALL)
    assert {each.program for each in seen.known} < {program.name for program in clause.programs_for("softirq")}
    assert all(each.passed for each in seen.known)
    assert seen.result.verdict not in (PASS, FAIL)


@pytest.mark.parametrize(("stop", "failing"), [(False, 2), (True, 1)])
def test_a_violation_is_the_verdict(feeds_twice: Target, stop: bool, failing: int) -> None:
    """Every clause is looked at, unless the first failure is to end it, and none is searched any further."""
    plan = Plan((("fifo", ("vcpu",)), ("self-reschedule", ("softirq",)), ("handover", ("softirq",))), SMALL, stop_at_failure=stop)
    done = check_one(feeds_twice, plan, 2)
    assert done.cut_short
    kinds = [result for clause in done.stages[0].clauses.values() for result in clause.kinds.values()]
    assert [result.verdict for result in kinds].count(FAIL) == failing
    assert all(result.failure is not None and result.failure.kind == NOT_RUN for result in kinds if result.verdict != FAIL)


def test_a_stage_that_keeps_its_clauses_is_searched_to_the_end(last: ModuleType) -> None:
    """A first look says good of nothing."""
    assert last.__file__
    done = check_one(target_of_file(last.__file__), Plan((("fifo", ("vcpu",)), ("reuse", ("softirq",))), SMALL), 2)
    assert not done.cut_short
    assert [clause.verdict for clause in done.stages[0].clauses.values()] == [PASS, PASS]
