"""`harness run --suite litmus`: counts beside published ones."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from harness.cli.arguments import parse
from harness.cli.carry_out import Plan, Run
from harness.cli.exit_codes import GOOD, HarnessFault, UsageError
from harness.cli.run_counts import print_counts
from harness.litmus.litmus_programs import NO_STAGE
from harness.litmus.litmus_suite import KINDS, SUITE
from harness.sources.target import target_of_suite
from harness.suite.clause import clause
from harness.suite.program import Known
from harness.verify.checking import check
from harness.verify.conclusions import Selection, bisectable
from harness.verify.verdicts import ClauseResult, StageResult


def run(words: str) -> int:
    """Run `harness` with these words."""
    return parse(words.split()).run()


def test_counts_are_shown_beside_published_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """The deadlock is as it should be; what is larger than the budget is not run, and named."""
    assert run("run --suite litmus --jobs 1 --check deadlock lost-updates --executions 40") == GOOD
    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == "suite litmus · 2 clauses · optimal DPOR, up to 40 executions a program, memory model sc (sequential consistency)"
    assert [row.split()[1:] for row in rows[3:7]] == [
        ["inc(2)", "4", "4", "–", "–", "0", "as", "published"],
        ["inc(3)", "36", "36", "–", "–", "0", "as", "published"],
        ["counter", "2×2", "34", "34", "–", "–", "0", "as", "published"],
        ["AB-BA", "3", "3", "1", "1", "0", "as", "published"],
    ]
    large = "inc(4) (576), counter 2×3 (328), counter 2×4 (3334), counter 3×2 (7134)"
    assert rows[-2:] == [f"not run: {large}; allow more --executions, or --deep", "counts: all 4 are as published"]


def done(known: Known) -> Run:
    """The results of a run of one program, of which that is known."""
    (stuck,) = SUITE.clauses["deadlock"].programs
    changed = clause("deadlock", "A sentence.", (replace(stuck, known=known),), KINDS)
    plan = Plan((("deadlock", KINDS),))
    result = check(NO_STAGE, changed, KINDS[0], plan.budget)
    stage = StageResult(0, "litmus", "litmus", {"deadlock": ClauseResult("deadlock", {KINDS[0]: result})})
    return Run([target_of_suite(SUITE.name)], plan, [stage])


def counted(made: Run) -> list[str]:
    """Print the counts of a run; return what is violated."""
    conclusion = bisectable(made.stages, Selection("litmus", "litmus", made.plan.clauses, (0,), made.plan.clauses, (0,)))
    print_counts(SUITE, made, conclusion, "simple", sys.stdout)
    assert conclusion.bad == bool(conclusion.violated_alone)
    return [step.clause for step in conclusion.violated_alone]


def test_a_count_that_differs_is_a_violation(capsys: pytest.CaptureFixture[str]) -> None:
    """And the last line names the program; if none differs, nothing is violated."""
    assert counted(done(Known(3))) == ["deadlock"]
    out = capsys.readouterr().out
    assert "wrong count: AB-BA: 3 executions, 1 deadlocks" in out
    assert out.endswith("counts: 1 of 1 differ from what is published: AB-BA\n")
    assert counted(done(Known(3, deadlocks=1))) == []
    assert capsys.readouterr().out.endswith("counts: all 1 are as published\n")


def test_a_fault_of_the_harness_is_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed that could be taken for one."""
    broken = done(Known(3))
    broken.faults.append("deadlock threads: it breaks")
    with pytest.raises(HarnessFault, match="it breaks"):
        counted(broken)
    assert capsys.readouterr().out == ""


def test_a_suite_without_stages_has_none_to_choose() -> None:
    """That is wrong usage."""
    with pytest.raises(UsageError, match="suite litmus has no stages"):
        run("run 1 --suite litmus")


def test_an_unknown_suite_is_wrong_usage() -> None:
    """The message says which there are."""
    with pytest.raises(UsageError, match="unknown suite 'nope': choose one of litmus, tasklets"):
        run("run --suite nope")


def test_the_clauses_of_a_suite_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of that suite only."""
    assert run("list --suite litmus") == GOOD
    out = capsys.readouterr().out
    assert out.startswith("suite litmus: small programs")
    assert "15 clauses" in out
    assert "exactly-once" not in out
