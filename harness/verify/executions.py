"""Executes failing executions again, many at once, to be shown beside the verdicts: in JUnit, in Markdown, on GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.jobs.driving import JobStep, drive
from harness.jobs.executor import OK
from harness.jobs.standing import Progress
from harness.search.counterexample import Counterexample
from harness.search.replay_string import Replay, decode
from harness.sources.target import Target
from harness.verify.explore_programs import replay_step
from harness.verify.headed import headed_as_replayed
from harness.verify.suggest_barriers import hint_step
from harness.verify.verdicts import Failure
from harness.verify.verify_in_worker import Replayed, Request

# The number of a stage and a replay string.
Key = tuple[int, str]
Executions = Mapping[Key, Counterexample]
NONE: Executions = {}


@dataclass(frozen=True)
class ExecutedAgain:
    """What can be shown; `interrupted`: somebody did not want to wait for the rest."""

    found: Executions = field(default_factory=dict)
    interrupted: bool = False


def executions_of(targets: Sequence[Target], wanted: Iterable[Key], jobs: int, progress: Progress) -> ExecutedAgain:
    """Execute all of `wanted` as `harness replay` does, hints about barriers included. What cannot be shown is left out."""
    positions = {target.index: position for position, target in enumerate(targets)}
    replays = {key: decode(key[1]) for key in dict.fromkeys(wanted) if key[1] and key[0] in positions}
    steps = {key: replay_step(targets[positions[key[0]]], replay, positions[key[0]]) for key, replay in replays.items()}
    done, interrupted = _driven(targets, steps, jobs, progress)
    replayed: dict[Key, Replayed] = {key: value for key, value in done.items() if value.counterexample is not None}
    hinting: dict[Key, JobStep] = {}
    for key, value in replayed.items():
        position = positions[key[0]]
        if value.failure is not None and (step := hint_step(targets[position], *searched_for(replays[key], value.failure), position)):
            hinting[key] = step
    hints, stopped = ({}, True) if interrupted else _driven(targets, hinting, jobs, progress)
    found = {
        key: replace(headed_as_replayed(value.counterexample, targets[positions[key[0]]], replays[key]), hint=hints.get(key, ""))
        for key, value in replayed.items()
        if value.counterexample
    }
    return ExecutedAgain(found, interrupted or stopped)


def searched_for(replay: Replay, failure: Failure) -> tuple[Request, Failure]:
    """The search that has found an execution, and its failure as it was found there."""
    request = Request(replay.clause, replay.kind, replay.program, model=replay.model)
    return request, replace(failure, engine=replay.engine, deviations=tuple(replay.deviations.items()), steps=replay.max_steps)


def _driven(targets: Sequence[Target], steps: Mapping[Key, JobStep], jobs: int, progress: Progress) -> tuple[dict[Key, Any], bool]:
    """The values of all steps that have one, and whether they were interrupted."""
    if not steps:
        return {}, False
    driven = drive(targets, list(steps.values()), jobs, progress)
    ended = {key: driven.outcomes[step] for key, step in steps.items() if step in driven.outcomes}
    return {key: outcome.value for key, outcome in ended.items() if outcome.status == OK}, driven.interrupted
