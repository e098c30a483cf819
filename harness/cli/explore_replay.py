"""The commands about single executions: `explore` searches the programs of a clause, `replay` executes one execution again."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from harness.cli.exit_codes import BAD, GOOD, INTERRUPTED, HarnessFault, UsageError
from harness.cli.progress import Line
from harness.cli.selection import clauses_named, series_named, stage_or_file, stages_numbered
from harness.jobs.executor import OK, RAISED, TIMED_OUT
from harness.report.counterexample_table import AT_ONCE, counterexample_table
from harness.report.tables import table
from harness.search.replay_string import Replay, ReplayError, decode, source_mark
from harness.sources.single_file import target_of_file
from harness.sources.target import NO_SERIES, Target
from harness.suite.clause import Clause
from harness.suite.registry import suite_named
from harness.suite.suite import Suite
from harness.verify.conclusions import what
from harness.verify.explore_programs import OTHER_SOURCE, SAME_SOURCE, Explored, ReplayedAgain, explore_programs, replay_again
from harness.verify.search_progress import Level
from harness.verify.verify_in_worker import Request

COLUMNS = ("program", "kind", "verdict", "executions", "blocked")


def explore(options: argparse.Namespace) -> int:
    """Search the interleavings of a clause's programs on one stage; Ctrl-C ends it and shows what was found by then."""
    target = stage_or_file(series_named(options.series), options.stage)
    requests = _requests(options, suite_named(target.suite))
    progress = _Progress(len(requests))
    try:
        explored = explore_programs(target, requests, options.jobs, progress)
    finally:
        progress.line.clear()
    if explored.faults:
        raise HarnessFault(explored.faults[0])
    if explored.problem:
        raise UsageError(f"{target.label} cannot be tested: it {explored.problem}")
    _print_explored(target, explored, options.tablefmt)
    _pass_on(target, explored.printed)
    progress.conclude(explored)
    if explored.interrupted:
        print("harness: interrupted; what was found by then is in the table", file=sys.stderr)
        return INTERRUPTED
    return GOOD if all(row.found.passed for row in explored.rows) else BAD


def _requests(options: argparse.Namespace, suite: Suite) -> list[Request]:
    """One for each program and kind that was asked for."""
    ((clause, kinds),) = clauses_named(suite, [options.clause], options.kind)
    programs = [program for program in suite.clauses[clause].programs if options.program in (None, program.name)]
    if not programs:
        raise UsageError(f"clause {clause} has no program {options.program!r}: choose from {_names(suite.clauses[clause])}")
    pairs = [(program, kind) for program in programs for kind in kinds if kind in program.kinds]
    if not pairs:
        raise UsageError(f"program {options.program} makes no sense for kind {options.kind!r}: choose from {', '.join(programs[0].kinds)}")
    names = ("strategy", "preemptions", "depth", "executions", "seconds", "seed")
    return [Request(clause, kind, program.name, **{name: getattr(options, name) for name in names}) for program, kind in pairs]


def _names(clause: Clause) -> str:
    return ", ".join(program.name for program in clause.programs)


def _print_explored(target: Target, explored: Explored, tablefmt: str) -> None:
    rows = [[row.request.program, row.request.kind, row.verdict, row.found.executions, row.found.blocked] for row in explored.rows]
    print(table(rows, COLUMNS, tablefmt, ["executions", "blocked"]))
    failing = [row for row in explored.rows if row.found.failure]
    if not failing:
        return
    shown = min(failing, key=lambda row: (not row.found.counterexample, row.found.operations))
    request, found = shown.request, shown.found
    shown_table = counterexample_table(found.counterexample, tablefmt, AT_ONCE) if found.counterexample else ""
    print(f"\n{target.label}, {request.clause}: {request.program}, {request.kind}, in {found.operations} operations\n\n{shown_table}")
    lines = [[row.request.program, row.request.kind, what(row.found.failure), row.replay] for row in failing if row.found.failure]
    print(table(lines, ["program", "kind", "what was violated", "replay"], tablefmt))


class _Progress:
    """Executions, rate, an estimate of the total and of the time left, on a terminal; one line about the rate at the end."""

    def __init__(self, programs: int) -> None:
        self.line = Line()
        self.programs = programs
        self.started = time.monotonic()

    def __call__(self, done: int, levels: Sequence[Level]) -> None:
        """Show how far all searches have got."""
        runs = sum(level.executions + level.blocked for level in levels)
        known = [level for level in levels if level.total]
        rate = runs / max(time.monotonic() - self.started, 0.001)
        total = sum(level.total for level in known)
        left = max(total - runs, 0) / rate if rate else 0.0
        some = "" if len(known) == self.programs else f" for {len(known)} programs"
        self.line.show(
            f"harness: {done}/{self.programs} programs, {runs} executions, {rate:.0f}/s, about {total:.0f} in all{some}, {left:.0f} s left"
        )

    def conclude(self, explored: Explored) -> None:
        """Say what it took."""
        seconds = time.monotonic() - self.started
        runs = sum(row.found.executions + row.found.blocked for row in explored.rows)
        print(f"harness: {runs} executions in {seconds:.1f} s, {runs / max(seconds, 0.001):.0f}/s", file=sys.stderr)


def replay(options: argparse.Namespace) -> int:
    """Execute one execution again and show it, operation by operation."""
    try:
        found = decode(options.string)
    except ReplayError as error:
        raise UsageError(str(error)) from None
    target = _target(found, options.file)
    _require_program(suite_named(target.suite), found)
    again = replay_again(target, found)
    if again.interrupted:
        raise KeyboardInterrupt
    return _print_replayed(target, found, again, options.tablefmt)


def _print_replayed(target: Target, found: Replay, again: ReplayedAgain, tablefmt: str) -> int:
    outcome = again.outcome
    if outcome.status == RAISED:
        raise HarnessFault(outcome.problem)
    if outcome.status in (OK, TIMED_OUT) and again.source != SAME_SOURCE:
        print(_about_source(target, found, again.source))
    _pass_on(target, outcome.printed)
    if outcome.status == TIMED_OUT:
        print(f"hang: {outcome.sentence}")
        return BAD
    if outcome.status != OK:
        raise UsageError(f"{target.label} cannot be tested: it {outcome.problem}")
    if outcome.value.counterexample:
        print(counterexample_table(outcome.value.counterexample, tablefmt), end="")
    if outcome.value.failure:
        return BAD
    if again.source != SAME_SOURCE:
        print("this says nothing about the source that the execution was recorded on")
    return GOOD


def _about_source(target: Target, found: Replay, source: str) -> str:
    """What to know before anything else about an execution that may not be what was recorded."""
    if source == OTHER_SOURCE:
        return f"recorded on other source: of {found.source}…, and {target.label} is {source_mark(target.content_hash)}…"
    return f"recorded on unknown source: the replay string is an old one, and does not say whether {target.label} was the same then"


def _pass_on(target: Target, printed: str) -> None:
    """Show what a stage has printed, a line at a time, with its name before it."""
    for line in printed.splitlines():
        print(f"{target.label}: {line}", file=sys.stderr)


def _require_program(suite: Suite, found: Replay) -> None:
    """See that clause, program and kind exist."""
    ((clause, kinds),) = clauses_named(suite, [found.clause])
    programs = {program.name: program for program in suite.clauses[clause].programs}
    if found.program not in programs:
        raise UsageError(f"clause {clause} has no program {found.program!r}: the replay string is of another version")
    if found.kind not in kinds or found.kind not in programs[found.program].kinds:
        raise UsageError(f"program {found.program} makes no sense for kind {found.kind!r}: the replay string is of another version")


def _target(found: Replay, file: str | None) -> Target:
    if file is not None:
        return target_of_file(file)
    if found.series == NO_SERIES:
        raise UsageError("the replay string is about a file that is in no series; name the file too: harness replay STRING FILE")
    return stages_numbered(series_named(found.series), [found.stage])[0]
