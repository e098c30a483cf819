"""The command `replay`, which executes one execution again and shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.cli.carry_out import pass_on
from harness.cli.exit_codes import BAD, GOOD, HarnessFault, UsageError
from harness.cli.selection import clause_called, series_named, stages_numbered, suite_called
from harness.jobs.executor import OK, RAISED, TIMED_OUT
from harness.report.counterexample_table import counterexample_table
from harness.search.counterexample import Counterexample
from harness.search.replay_string import Replay, ReplayError, decode, source_mark
from harness.sources.single_file import target_of_file
from harness.sources.target import NO_SERIES, Target
from harness.suite.suite import Suite
from harness.verify.explore_programs import OTHER_SOURCE, SAME_SOURCE, ReplayedAgain, replay_again
from harness.verify.suggest_barriers import with_hint
from harness.verify.verdicts import Failure
from harness.verify.verify_in_worker import Request


@dataclass(frozen=True)
class ReplayRequest:
    """What `harness replay` was asked for; without a `file`, the stage that the string names is meant."""

    string: str
    file: str | None
    tablefmt: str


def replay(request: ReplayRequest) -> int:
    """Execute one execution again and show it, operation by operation."""
    target, found, again = executed_again(request.string, request.file)
    return _print_replayed(target, found, again, request.tablefmt)


def executed_again(string: str, file: str | None = None) -> tuple[Target, Replay, ReplayedAgain]:
    """Execute what a replay string stands for, on the stage that it names or on a file."""
    try:
        found = decode(string)
    except ReplayError as error:
        raise UsageError(str(error)) from None
    target = _target(found, file)
    _require_program(suite_called(target.suite), found)
    again = replay_again(target, found)
    if again.interrupted:
        raise KeyboardInterrupt
    return target, found, again


def _print_replayed(target: Target, found: Replay, again: ReplayedAgain, tablefmt: str) -> int:
    outcome = again.outcome
    if outcome.status == RAISED:
        raise HarnessFault(outcome.problem)
    if outcome.status in (OK, TIMED_OUT) and again.source != SAME_SOURCE:
        print(_about_source(target, found, again.source))
    pass_on(target, outcome.printed)
    if outcome.status == TIMED_OUT:
        print(f"hang: {outcome.sentence}")
        return BAD
    if outcome.status != OK:
        raise UsageError(f"{target.label} cannot be tested: it {outcome.problem}")
    shown, failure = outcome.value.counterexample, outcome.value.failure
    if shown:
        print(counterexample_table(_hinted(target, found, shown, failure) if failure else shown, tablefmt), end="")
    if failure:
        return BAD
    for use in outcome.value.uses:
        print(f"no violation in itself, but perhaps beside another execution: {use}")
    if again.source != SAME_SOURCE:
        print("this says nothing about the source that the execution was recorded on")
    return GOOD


def _hinted(target: Target, found: Replay, shown: Counterexample, failure: Failure) -> Counterexample:
    """With a barrier that would forbid it in its reason, where that is a question."""
    request = Request(found.clause, found.kind, found.program, model=found.model)
    repeatable = replace(failure, engine=found.engine, deviations=tuple(found.deviations.items()), steps=found.max_steps)
    return with_hint(target, shown, request, repeatable)


def _about_source(target: Target, found: Replay, source: str) -> str:
    """What to know before anything else about an execution that may not be what was recorded."""
    if source == OTHER_SOURCE:
        return f"recorded on other source: of {found.source}…, and {target.label} is {source_mark(target.content_hash)}…"
    return f"recorded on unknown source: the replay string is an old one, and does not say whether {target.label} was the same then"


def _require_program(suite: Suite, found: Replay) -> None:
    """See that clause, program and kind exist."""
    clause, kinds = clause_called(suite, found.clause)
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
