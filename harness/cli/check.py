"""The command `check`, which tests the contract on one file, for people and for `git bisect run`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.cli.accepted import accepted_in
from harness.cli.carry_out import Plan, Run, check_one, effort, say_interrupted
from harness.cli.check_github import report_file_to_github
from harness.cli.exit_codes import BAD, CANNOT_TEST, GOOD, HarnessFault, UsageError
from harness.cli.github import require_github
from harness.cli.named_stages import is_number
from harness.cli.native_request import NativeRequest, target_named
from harness.cli.remembered import remembered
from harness.cli.selection import BudgetRequest, budget_of, clauses_named, core_of, models_of, ships, suite_with_stages
from harness.cli.series_source import file_words, project_of_file, with_project
from harness.report.core_report import core_text
from harness.report.failures_table import NO_USE, failures_text, lacking_of, not_run_lines
from harness.report.fitted_text import fitted
from harness.report.tables import headed
from harness.sources.missing_file import in_no_commit, near_names
from harness.sources.target import Target
from harness.suite.suite import LACKS
from harness.verify.conclusions import Search, count_of, searched
from harness.verify.steps import accepted_of
from harness.verify.verdicts import ERROR, FAIL, NOT_DETERMINISTIC, NOT_RUN, UNDECIDED, UNTESTABLE, ClauseResult, StageResult
from stages.api import DEFAULT_SUITE, AcceptedChange

# By clause, and the kind for which it is violated.
Accepted = Mapping[str, Mapping[str, AcceptedChange]]


# What a stage that is one of another suite is told.
OTHER_SUITE = f", as suite {DEFAULT_SUITE} demands; if it is one of another suite, name that with --suite"


@dataclass(frozen=True)
class CheckRequest:
    """What `harness check` was asked for."""

    file: str
    suite: str | None
    accept: str | None
    kind: str | None
    check: tuple[str, ...]
    budget: BudgetRequest
    stop_at_failure: bool
    github: bool
    jobs: int
    no_cache: bool
    tablefmt: str
    native: NativeRequest


def check(request: CheckRequest) -> int:
    """Test the contract on one stage; exit codes for `git bisect run`: 0 good, 1 bad, 125 cannot be tested, 128 wrong usage."""
    _require_file(request.file)
    project = project_of_file(request.file)
    suite = suite_with_stages(request.suite or project.suite or DEFAULT_SUITE)
    target = target_named(request.file, request.native, suite.found_as)
    clauses = clauses_named(suite, request.check, request.kind)
    accepted = accepted_in(request.accept, suite)
    stop = request.stop_at_failure
    budget = with_project(request.budget, project)
    plan = Plan(
        clauses,
        budget_of(budget),
        models_of(budget, suite),
        budget.seed,
        stop_at_failure=stop,
        accepted=accepted,
        core=core_of(budget, suite),
    )
    if request.github:
        require_github()
    with remembered(request.no_cache) as cache:
        done = check_one(target, plan, request.jobs, cache)
    if done.interrupted:
        return say_interrupted(done, (), cache)
    if done.faults:
        raise HarnessFault(done.faults[0])
    stage = done.stages[0]
    changes = {name: found for name, result in stage.clauses.items() if (found := accepted_of(result, accepted))}
    hint = OTHER_SUITE * (done.problems.get(0, "").startswith(LACKS) and not (request.suite or project.suite))
    words = file_words(request.file, request.native, request.suite)
    problem = f"{done.problems[0]}{hint}" if done.problems else ""
    code = _cannot_test(target, problem) if problem else _print_check(target, done, changes, request.tablefmt, words)
    if request.github:
        report_file_to_github(done, suite, changes, request.jobs, code, words)
    return code


def _require_file(file: str) -> None:
    """See that a missing file may be there in other commits: it is untestable, and else a bisection would go round all of them."""
    if os.path.exists(file):
        return
    if is_number(file):
        raise UsageError(f"check tests a file, and there is none called {file}; stages of a series are tested by `harness run {file}`")
    if ships(file):
        raise UsageError(f"check tests a file, and {file} is a series; it is tested by `harness run --series {file}`")
    if in_no_commit(file):
        meant = f"did you mean {' or '.join(names)}?" if (names := near_names(file)) else "name one that there is"
        raise UsageError(f"there is no file {file}, neither here nor in any commit: {meant}")


def _print_check(target: Target, done: Run, accepted: Accepted, tablefmt: str, words: Sequence[str]) -> int:
    plan, (stage,) = done.plan, done.stages
    # A clause is as good as the kinds for which it is not accepted.
    verdicts = [_without(result, accepted.get(name, {})).verdict for name, result in stage.clauses.items()]
    core = [text] if (text := core_text(done.stages, tablefmt, words)) else []
    failing, untested, total = verdicts.count(FAIL), verdicts.count(ERROR), count_of(len(stage.clauses), "clause")
    also = f", {len(accepted)} accepted" if accepted else ""
    if failing:
        left_out = _left_out(done)
        more = "at least " * (bool(left_out) and failing < len(verdicts))
        head = f"{target.path}: bad · {more}{failing} of {total} violated{also} · {effort(plan)}"
        failures = headed(head, failures_text([stage], tablefmt, words, where=""))
        print(fitted("\n".join([failures, *_accepted_lines(accepted), *left_out, *lacking_of(stage), *core]), tablefmt))
        return BAD
    if not untested:
        exhausted = Search.of(searched(stage.clauses.values())).sentence
        kept = f"{len(verdicts) - len(accepted)} of {total} kept{also}" if accepted else f"{total} kept"
        head = f"{target.path}: good · {kept} · {effort(plan)} · exhausted: {exhausted}"
        print(fitted("\n".join([head, *_accepted_lines(accepted), *core]), tablefmt))
        return GOOD
    return _no_verdict(target, stage, f"{untested} of {total}")


def _left_out(done: Run) -> list[str]:
    """How many tests were not run, or not to their ends, and why."""
    if done.plan.stop_at_failure:
        reason = "since -x stops at the first failure"
    elif done.cut_short:
        reason = "or not to the end, since the verdict is known"
    else:
        reason = NO_USE
    return not_run_lines(done.stages, reason, label="")


def _without(result: ClauseResult, accepted: Mapping[str, AcceptedChange]) -> ClauseResult:
    return ClauseResult(result.clause, {kind: tested for kind, tested in result.kinds.items() if kind not in accepted})


def _accepted_lines(accepted: Accepted) -> list[str]:
    """A line for each reason."""
    reasons = {name: dict.fromkeys(change.why for change in changes.values()) for name, changes in accepted.items()}
    return [f"accepted: {name}: {why}" for name, whys in reasons.items() for why in whys]


def _no_verdict(target: Target, stage: StageResult, untested: str) -> int:
    # (What is violated here is accepted.)
    results = [result for clause in stage.clauses.values() for result in clause.failing if result.verdict == ERROR]
    reasons = [result.failure for result in results if result.failure]
    # That a search was cut off says less than that something went wrong, and that nothing was tried after that says less, too.
    reason = min(reasons, key=lambda failure: (failure.kind == UNDECIDED, failure.kind == NOT_RUN))
    if reason.kind == UNDECIDED:
        hint = "" if reason.untried else "; try more --executions, or --deep"
        print(f"harness: {target.path} is undecided: {untested}, {reason.message}{hint}", file=sys.stderr)
        return CANNOT_TEST
    if reason.lacking:
        print("\n".join(f"harness: {target.path} {line}" for line in lacking_of(stage)), file=sys.stderr)
        return CANNOT_TEST
    if reason.kind == UNTESTABLE:
        return _cannot_test(target, reason.message)
    unsteady = "is not deterministic: " * (reason.kind == NOT_DETERMINISTIC)
    return _cannot_test(target, f"{unsteady}{reason.message.removeprefix('the stage ')} ({untested} could not be tested)")


def _cannot_test(target: Target, problem: str) -> int:
    print(f"harness: {target.path} cannot be tested: it {problem}", file=sys.stderr)
    return CANNOT_TEST
