"""The command `replay`, which executes one execution again and shows it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.cli.exit_codes import BAD, GOOD, HarnessFault, UsageError
from harness.cli.selection import clauses_named, series_named, stages_numbered, suite_called
from harness.jobs.process_pool import OK, RAISED, TIMED_OUT
from harness.jobs.stage_loading import NO_SERIES, Target, target_of_file
from harness.report.counterexample_table import counterexample_table
from harness.search.replay_string import Replay, ReplayError, decode
from harness.suite.suite import Suite
from harness.verify.explore_programs import replay_again


@dataclass(frozen=True)
class ReplayRequest:
    """What `harness replay` was asked for; without a `file`, the stage that the string names is meant."""

    string: str
    file: str | None
    tablefmt: str


def replay(request: ReplayRequest) -> int:
    """Execute one execution again and show it, operation by operation."""
    try:
        found = decode(request.string)
    except ReplayError as error:
        raise UsageError(str(error)) from None
    target = _target(found, request.file)
    _require_program(suite_called(target.suite), found)
    outcome, interrupted = replay_again(target, found)
    if interrupted:
        raise KeyboardInterrupt
    if outcome.status == RAISED:
        raise HarnessFault(outcome.problem)
    if outcome.status == TIMED_OUT:
        print(f"hang: {outcome.sentence}")
        return BAD
    if outcome.status != OK:
        raise UsageError(f"{target.label} cannot be tested: it {outcome.problem}")
    if outcome.value.counterexample:
        print(counterexample_table(outcome.value.counterexample, request.tablefmt), end="")
    return BAD if outcome.value.failure else GOOD


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
