"""The commands that test the contract: `run` for a series, `check` for one file."""

from __future__ import annotations

import argparse
import sys

from harness.cli.carry_out import Plan, Run, carry_out
from harness.cli.exit_codes import BAD, GOOD, INTERRUPTED, UNTESTABLE, HarnessFault
from harness.cli.run_counts import print_counts
from harness.cli.selection import budget_of, clauses_named, file_errors, series_named, suite_called, targets_of_suite
from harness.report import tables
from harness.report.files import require_writable, write_atomically
from harness.report.json_file import to_json
from harness.report.junit import to_junit
from harness.report.performance_line import performance_line
from harness.sources.single_file import target_of_file
from harness.sources.target import Target
from harness.suite.figure import NotMeasured
from harness.suite.registry import suite_named
from harness.verify.conclusions import all_good, bisectable_line, first_bad
from harness.verify.verdicts import ERROR, FAIL, NOT_DETERMINISTIC, UNDECIDED, StageResult


def run(options: argparse.Namespace) -> int:
    """Test the contract on every stage and measure its performance."""
    series = series_named(options.series)
    suite = suite_called(options.suite or series.suite)
    targets = targets_of_suite(suite, series, options.stages)
    measured = suite.has_stages and not options.no_perf
    plan = Plan(clauses_named(suite, options.check), budget_of(options), options.seed, behaviour=suite.has_stages, performance=measured)
    with file_errors():
        for path in (options.json, options.junit):
            if path is not None:
                require_writable(path)
    done = carry_out(targets, plan, options.jobs)
    name = series.name if suite.has_stages else suite.name
    with file_errors():
        if options.json:
            write_atomically(options.json, to_json(name, done.stages, done.interrupted))
        if options.junit:
            write_atomically(options.junit, to_junit(name, done.stages))
    if done.interrupted:
        return _say_interrupted(" and ".join(filter(None, (options.json, options.junit))))
    if not suite.has_stages:
        return print_counts(suite, done, options.tablefmt)
    _print_run(f"series {series.name} · {_count(len(plan.clauses), 'clause')} × {_count(len(targets), 'stage')}", done, options.tablefmt)
    return GOOD if all_good(done.stages) else BAD


def _print_run(what: str, done: Run, tablefmt: str) -> None:
    print(f"{what} · {_effort(done.plan)}")
    print(tables.stages_table(done.stages, done.plan.performance, tablefmt))
    print()
    print(tables.open_ends_table(done.stages, tablefmt))
    print()
    if first_bad(done.stages):
        print(tables.failures_table(done.stages, tablefmt))
        print()
    for line in _untested(done):
        print(line)
    last = [bisectable_line(done.stages)]
    if done.plan.performance:
        last.append(performance_line([(stage.index, stage.performance) for stage in done.stages]))
    print(" · ".join(last))


def _untested(done: Run) -> list[str]:
    """Say which stages could not be tested or measured, and why."""
    lines = [f"{done.targets[position].label} cannot be tested: it {problem}" for position, problem in done.problems.items()]
    for target, stage in zip(done.targets, done.stages, strict=True):
        if "error" in stage.behaviour:
            lines.append(f"{target.label}: no behaviour: {stage.behaviour['error']}")
        if isinstance(stage.performance, NotMeasured):
            lines.append(f"{target.label}: no performance: {stage.performance.problem}")
    return [*lines, ""] if lines else []


def check(options: argparse.Namespace) -> int:
    """Test the contract on one stage module; exit codes for `git bisect run`: 0 good, 1 bad, 125 cannot be tested, 128 wrong usage."""
    target = target_of_file(options.file)
    plan = Plan(clauses_named(suite_named(target.suite), options.check, options.kind), budget_of(options), options.seed)
    done = carry_out([target], plan, options.jobs)
    if done.interrupted:
        return _say_interrupted("")
    if done.faults:
        raise HarnessFault(done.faults[0])
    if done.problems:
        return _cannot_test(target, done.problems[0])
    return _print_check(target, done.stages[0], plan, options.tablefmt)


def _print_check(target: Target, stage: StageResult, plan: Plan, tablefmt: str) -> int:
    verdicts = [result.verdict for result in stage.clauses.values()]
    failing, untested, total = verdicts.count(FAIL), verdicts.count(ERROR), _count(len(verdicts), "clause")
    if not failing and not untested:
        print(f"{target.path}: good · {total} kept · {_effort(plan)}")
        return GOOD
    if failing:
        print(f"{target.path}: bad · {failing} of {total} violated · {_effort(plan)}")
        print(tables.failures_table([stage], tablefmt))
        return BAD
    reasons = [result.failure for clause in stage.clauses.values() for result in clause.failing if result.failure]
    # That a search was cut off says less than that something went wrong.
    reason = min(reasons, key=lambda failure: failure.kind == UNDECIDED)
    if reason.kind == UNDECIDED:
        hint = "try more --executions, or --deep"
        print(f"harness: {target.path} is undecided: {untested} of {total}, {reason.message}; {hint}", file=sys.stderr)
        return UNTESTABLE
    unsteady = "is not deterministic: " * (reason.kind == NOT_DETERMINISTIC)
    return _cannot_test(target, f"{unsteady}{reason.message.removeprefix('the stage ')} ({untested} of {total} could not be tested)")


def _cannot_test(target: Target, problem: str) -> int:
    print(f"harness: {target.path} cannot be tested: it {problem}", file=sys.stderr)
    return UNTESTABLE


def _effort(plan: Plan) -> str:
    return f"timed {_count(plan.budget.timed_seeds, 'seed')}, every interleaving up to {plan.budget.effort.executions} a program"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _say_interrupted(saved: str) -> int:
    print(f"harness: interrupted; {f'what was done by then is in {saved}' if saved else 'nothing was saved'}", file=sys.stderr)
    return INTERRUPTED
