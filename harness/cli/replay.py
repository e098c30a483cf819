"""The command `replay`, which executes one execution again and shows it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.cli.carry_out import pass_on
from harness.cli.exit_codes import BAD, GOOD, HarnessFault, UsageError
from harness.cli.litmus import SUFFIX, litmus_errors, printable
from harness.cli.native_request import target_named
from harness.cli.perfetto_option import OPTION, require_perfetto, write_execution
from harness.cli.selection import clause_called, series_named, ships, stages_numbered, suite_called, targets_of_suite, with_suite
from harness.cli.series_source import NO_SOURCE, SourceRequest, require_one, sourced
from harness.cli.shown_looks import LooksRequest
from harness.jobs.executor import OK, RAISED, TIMED_OUT
from harness.litmus.files.litmus_file import read_litmus
from harness.litmus.files.replaying import LITMUS_FILE, replay_file
from harness.report.counterexample_text import counterexample_text
from harness.report.looks import Looks
from harness.search.counterexample import Counterexample
from harness.search.replay_string import Replay, ReplayError, decode, source_mark
from harness.sources.target import NO_SERIES, Target
from harness.suite.suite import Suite
from harness.suite.whole_numbers import shortened
from harness.verify.executions import searched_for
from harness.verify.explore_programs import OTHER_SOURCE, SAME_SOURCE, ReplayedAgain, replay_again
from harness.verify.headed import headed_as_replayed
from harness.verify.suggest_barriers import with_hint
from harness.verify.verdicts import Failure


@dataclass(frozen=True)
class ReplayRequest:
    """What `harness replay` was asked for; without a module, the stage that the string names is meant."""

    string: str
    module: str | None
    source: SourceRequest
    suite: str | None
    tablefmt: str
    looks: LooksRequest
    perfetto: str | None = None


def replay(request: ReplayRequest) -> int:
    """Execute one execution again and show it, operation by operation.

    Exit code 1: it violates a clause; or, of a litmus file, it comes to no end, or to one that the file says there is none.
    """
    found = decoded(request.string)
    if found.series == LITMUS_FILE:
        if request.perfetto is not None:
            raise UsageError(f"{OPTION} is about stages, and the replay string is about a litmus file")
        return _replay_litmus(found, request.module, request.looks.looks(request.tablefmt))
    require_perfetto(request.perfetto)
    target, again = executed_again(found, request.module, request.source, request.suite)
    code = _print_replayed(target, found, again, request.looks.looks(request.tablefmt))
    if request.perfetto is not None:
        write_execution(request.perfetto, target, found)
    return code


def decoded(string: str) -> Replay:
    """What a replay string stands for."""
    try:
        return decode(string)
    except ReplayError as error:
        raise UsageError(str(error)) from None


def executed_again(
    found: Replay, module: str | None = None, source: SourceRequest = NO_SOURCE, suite: str | None = None
) -> tuple[Target, ReplayedAgain]:
    """Execute what a replay string stands for, on the stage that it names or on a file."""
    target = with_suite(_target(found, module, source, suite), suite)
    _require_program(suite_called(target.suite), found)
    again = replay_again(target, found)
    if again.interrupted:
        raise KeyboardInterrupt
    return target, again


def _print_replayed(target: Target, found: Replay, again: ReplayedAgain, looks: Looks) -> int:
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
        hinted = _hinted(target, found, shown, failure) if failure else shown
        print(counterexample_text(headed_as_replayed(hinted, target, found), looks), end="")
    if failure:
        return BAD
    for use in outcome.value.uses:
        print(f"no violation in itself, but perhaps beside another execution: {use}")
    if outcome.value.untried:
        print(f"that nothing is wrong holds for the values that were tried only: {outcome.value.untried}")
    if again.source != SAME_SOURCE:
        print("this says nothing about the source that the execution was recorded on")
    return GOOD


def _hinted(target: Target, found: Replay, shown: Counterexample, failure: Failure) -> Counterexample:
    """With a barrier that would forbid it in its reason, where that is a question."""
    return with_hint(target, shown, *searched_for(found, failure))


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


def _replay_litmus(found: Replay, path: str | None, looks: Looks) -> int:
    """As `replay`, of a litmus file."""
    if path is None:
        raise UsageError("the replay string is about a litmus file; name it too: harness replay STRING FILE.litmus")
    shown = printable(path)
    with litmus_errors(shown):
        file = read_litmus(path)
        again = replay_file(file, found)
    same = found.source == source_mark(file.content_hash)
    if not same:
        print(f"recorded on other content: of {found.source or 'nobody knows what'}…, and {shown} is {source_mark(file.content_hash)}…")
    print(counterexample_text(again.shown, looks), end="")
    if again.bad:
        return BAD
    if not same:
        print("this says nothing about the file that the execution was recorded on")
    return GOOD


def _target(found: Replay, module: str | None, source: SourceRequest, suite: str | None) -> Target:
    require_one(source)
    if source.named:
        if module is not None:
            raise UsageError(f"{module} and {source.named} name a stage each: choose one")
        series = sourced(source, suite).series
        return targets_of_suite(suite_called(series.suite), series, [found.stage])[0]
    if module is not None:
        if module.endswith(SUFFIX):
            raise UsageError("the replay string is about a stage, and a litmus file is none")
        return target_named(module, source.native)
    if found.series == NO_SERIES:
        raise UsageError("the replay string is about a file that is in no series; name the file too: harness replay STRING FILE")
    if not ships(found.series):
        unknown = f"unknown series {shortened(found.series)!r}: it does not ship with the harness"
        raise UsageError(f"{unknown}; say where it is from, as for `harness run`, or name the file of its stage {found.stage}")
    return stages_numbered(series_named(found.series), [found.stage], source.native)[0]
