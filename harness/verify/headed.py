"""Says of an execution what it is one of, in words that a reader needs who sees nothing else."""

from __future__ import annotations

from dataclasses import replace

from harness.search.counterexample import Counterexample, Heading
from harness.search.replay_string import TIMED, Replay
from harness.sources.target import NO_SERIES, Target
from harness.suite.registry import suite_named
from harness.verify.verify_in_worker import Request
from stages.api import short_title


def headed_as_searched(shown: Counterexample, target: Target, request: Request) -> Counterexample:
    """Of one that a search has found."""
    return _headed(shown, target, request.clause, request.program, request.kind, f"memory model {request.model}")


def headed_as_replayed(shown: Counterexample, target: Target, replay: Replay) -> Counterexample:
    """Of one that a replay string names."""
    how = f"virtual time, seed {replay.seed}" if replay.engine == TIMED else f"memory model {replay.model}"
    return _headed(shown, target, replay.clause, replay.program, replay.kind, how)


def _headed(shown: Counterexample, target: Target, clause: str, program: str, kind: str, how: str) -> Counterexample:
    known = suite_named(target.suite).clauses[clause]
    summary = known.program_named(program).summary
    return replace(shown, heading=Heading(_stage(target), clause, known.sentence, program, summary, kind, how))


def _stage(target: Target) -> str:
    """The series, the stage, and its patch; of a file that is in no series, the file."""
    if target.series == NO_SERIES:
        return target.label
    patch = f"patch {target.index}: {short_title(target.title)}" if target.index else f"the baseline: {short_title(target.title)}"
    return f"series {target.series}, stage {target.index}, {patch}"
