"""One run under several memory models: what is tried, where failures come from, and what sequential consistency says of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.explored.models import PSO, SC, TSO
from harness.jobs.driving import drive
from harness.sources.single_file import target_of_file
from harness.sources.target import Target
from harness.tasklets.clauses import fifo
from harness.tasklets.tasklet_under_test import SOFTIRQ
from harness.verify.checking import Budget, check
from harness.verify.deepening import Effort
from harness.verify.run_stages import Verification, gather_by_model, sc_steps, verdicts_under_sc, verify_steps
from harness.verify.verdicts import FAIL, PASS, KindResult
from stages import FIXED, s0_baseline

BARRIER = "state = t.state.fetch_or(0)"
LAST = FIXED.stages[-1].path


def target(tmp_path: Path, changes: Mapping[str, str]) -> Target:
    """The last stage with some text exchanged."""
    source = LAST.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert source.count(old) == 1
        source = source.replace(old, new)
    path = tmp_path / "changed.py"
    path.write_text(source, encoding="utf-8")
    return target_of_file(str(path))


def plan(clause: str, *models: str) -> Verification:
    """One clause for one kind."""
    return Verification(((clause, (SOFTIRQ,)),), Budget(timed_seeds=1), models)


def tried(of: Target, plan: Verification) -> tuple[dict[str, KindResult], list[tuple[str, str]], dict[tuple[str, str], str]]:
    """The results by model; which steps are left to try under sequential consistency; what that says of violations."""
    driven = drive([of], verify_steps([of], plan), 1)
    steps = sc_steps([of], plan, driven)
    again = drive([of], steps, 1)
    (found,) = gather_by_model([of], plan, driven)
    (under_sc,) = verdicts_under_sc([of], plan, driven, again)
    ((clause, (kind,)),) = plan.clauses
    return {model: each[clause].kinds[kind] for model, each in found.items()}, [(s.job.part, s.job.model) for s in steps], under_sc


def test_what_only_a_store_buffer_shows_is_kept_without(tmp_path: Path) -> None:
    """Its failure is one under the weaker model, and it is tried again under sequential consistency."""
    found, steps, under_sc = tried(target(tmp_path, {BARRIER: "state = t.state.read()"}), plan("visibility", TSO))
    failure = found[TSO].failure
    assert failure is not None
    assert (found[TSO].verdict, failure.model) == (FAIL, TSO)
    assert steps == [("visibility", SC)]
    assert under_sc == {("visibility", SOFTIRQ): PASS}


def test_what_is_violated_without_store_buffers_need_not_be_tried_again(tmp_path: Path) -> None:
    """Its failure is one under sequential consistency already."""
    changes = {"hv.list_add_tail(t.list, self.softirq_list[cpu])": "t.list.prev"}
    found, steps, under_sc = tried(target(tmp_path, changes), plan("exactly-once", TSO))
    failure = found[TSO].failure
    assert failure is not None
    assert (found[TSO].verdict, failure.model, steps) == (FAIL, SC, [])
    assert under_sc == {("exactly-once", SOFTIRQ): FAIL}


def test_each_model_is_tried(tmp_path: Path) -> None:
    """Virtual time, which has none, only once; where sequential consistency is among them, nothing is tried again."""
    found, steps, under_sc = tried(target(tmp_path, {BARRIER: "state = t.state.read()"}), plan("visibility", SC, TSO, PSO))
    assert {model: result.verdict for model, result in found.items()} == {SC: PASS, TSO: FAIL, PSO: FAIL}
    assert (steps, under_sc) == ([], {})
    both = plan("fifo", TSO, PSO)
    assert [both.budget_under(model).timed_seeds for model in both.every_model] == [1, 0]


@pytest.mark.parametrize(("model", "expected"), [(SC, 0), (TSO, len(fifo.CLAUSE.programs_for(SOFTIRQ))), (PSO, 0)])
def test_programs_that_need_no_store_buffers_are_counted(model: str, expected: int) -> None:
    """Under total store order alone: there they are said to be exhausted all the same."""
    result = check(s0_baseline, fifo.CLAUSE, SOFTIRQ, Budget(timed_seeds=0, effort=Effort(model=model)))
    assert (result.verdict, result.complete, result.robust) == (PASS, True, expected)
