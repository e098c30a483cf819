"""The command `check`, which tests the contract on one file, for people and for `git bisect run`."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from harness.cli.carry_out import Plan, carry_out, count, effort, say_interrupted
from harness.cli.exit_codes import BAD, CANNOT_TEST, GOOD, HarnessFault
from harness.cli.selection import BudgetRequest, budget_of, clauses_named, suite_called
from harness.report.failures_table import failures_table, not_run_lines
from harness.sources.single_file import target_of_file
from harness.sources.target import Target
from harness.verify.conclusions import Search, searched
from harness.verify.verdicts import ERROR, FAIL, NOT_DETERMINISTIC, UNDECIDED, UNTESTABLE, StageResult


@dataclass(frozen=True)
class CheckRequest:
    """What `harness check` was asked for."""

    file: str
    kind: str | None
    check: tuple[str, ...]
    budget: BudgetRequest
    stop_at_failure: bool
    jobs: int
    tablefmt: str


def check(request: CheckRequest) -> int:
    """Test the contract on one stage module; exit codes for `git bisect run`: 0 good, 1 bad, 125 cannot be tested, 128 wrong usage."""
    target = target_of_file(request.file)
    clauses = clauses_named(suite_called(target.suite), request.check, request.kind)
    plan = Plan(clauses, budget_of(request.budget), request.budget.seed, stop_at_failure=request.stop_at_failure)
    done = carry_out([target], plan, request.jobs)
    if done.interrupted:
        return say_interrupted()
    if done.faults:
        raise HarnessFault(done.faults[0])
    if done.problems:
        return _cannot_test(target, done.problems[0])
    return _print_check(target, done.stages[0], plan, request.tablefmt)


def _print_check(target: Target, stage: StageResult, plan: Plan, tablefmt: str) -> int:
    verdicts = [result.verdict for result in stage.clauses.values()]
    failing, untested, total = verdicts.count(FAIL), verdicts.count(ERROR), count(len(verdicts), "clause")
    if not failing and not untested:
        exhausted = Search.of(searched(stage.clauses.values())).sentence
        print(f"{target.path}: good · {total} kept · {effort(plan)} · exhausted: {exhausted}")
        return GOOD
    if failing:
        print(f"{target.path}: bad · {failing} of {total} violated · {effort(plan)}")
        reason = ["since -x stops at the first failure"] * plan.stop_at_failure
        print("\n".join([failures_table([stage], tablefmt), *not_run_lines([stage], *reason)]))
        return BAD
    return _no_verdict(target, stage, f"{untested} of {total}")


def _no_verdict(target: Target, stage: StageResult, untested: str) -> int:
    reasons = [result.failure for clause in stage.clauses.values() for result in clause.failing if result.failure]
    # That a search was cut off says less than that something went wrong.
    reason = min(reasons, key=lambda failure: failure.kind == UNDECIDED)
    if reason.kind == UNDECIDED:
        hint = "try more --executions, or --deep"
        print(f"harness: {target.path} is undecided: {untested}, {reason.message}; {hint}", file=sys.stderr)
        return CANNOT_TEST
    if reason.kind == UNTESTABLE:
        return _cannot_test(target, reason.message)
    unsteady = "is not deterministic: " * (reason.kind == NOT_DETERMINISTIC)
    return _cannot_test(target, f"{unsteady}{reason.message.removeprefix('the stage ')} ({untested} could not be tested)")


def _cannot_test(target: Target, problem: str) -> int:
    print(f"harness: {target.path} cannot be tested: it {problem}", file=sys.stderr)
    return CANNOT_TEST
