"""Has the programs of a clause searched in worker processes, each on its own, and one execution executed again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from harness.explored.models import ARM, ARM_2014
from harness.jobs.driving import JobStep, drive
from harness.jobs.executor import INTERRUPTED, OK, RAISED, Outcome
from harness.jobs.job import Job
from harness.search.replay_string import EXPLORED, Replay, source_mark
from harness.sources.target import Target
from harness.verify.headed import headed_as_searched
from harness.verify.run_stages import BASE_SECONDS, replay_string
from harness.verify.search_progress import Level
from harness.verify.simplicity import Simplicity, simplicity
from harness.verify.verify_in_worker import Found, Request, replay_execution, search_program

# One execution again takes a moment, even one that the step limit ended.
REPLAY_SECONDS = 60.0

NOT_TRIED = "not tried"
UNFINISHED = Outcome(INTERRUPTED, problem="was interrupted")

SAME_SOURCE = "same"
OTHER_SOURCE = "other"
UNKNOWN_SOURCE = "unknown"

# Called with how many programs are done and how far each search has got.
Watch = Callable[[int, Sequence[Level]], None]


@dataclass(frozen=True)
class Row:
    """The search of one program for one kind, and the replay string of the failure that it found, if any."""

    request: Request
    found: Found
    replay: str = ""

    @property
    def verdict(self) -> str:
        """In words; what was violated is said where the replay string is."""
        found = self.found
        return f"{found.verdict}: {found.reached}" if found.reached and found.failure is None else found.verdict


def simplest_row(rows: Iterable[Row]) -> Row | None:
    """Of the searches that have found a failure, the one to show for all of them: the execution that is the simplest."""
    return min((row for row in rows if row.found.failure), key=simplicity_of_row, default=None)


def simplicity_of_row(row: Row) -> tuple[bool, Simplicity, str]:
    """Smaller for what is simpler to show: an execution; the failure that is simpler; then by name. Of a search that has found one."""
    assert row.found.failure is not None
    return (row.found.counterexample is None, simplicity(row.found.failure), row.request.program)


@dataclass
class Explored:
    """All rows, in order; why the stage could not be tested, if that is so; faults of the harness."""

    rows: list[Row] = field(default_factory=list)
    problem: str = ""
    faults: list[str] = field(default_factory=list)
    # What the stage has printed, program by program.
    printed: str = ""
    interrupted: bool = False


def explore_programs(target: Target, requests: Sequence[Request], jobs: int, watch: Watch = lambda done, levels: None) -> Explored:
    """Carry out all requests. The time limit of a request ends its search; nothing else does."""
    steps = [JobStep(0, _job(target, request), search_program, None) for request in requests]
    levels = dict.fromkeys(steps, Level())

    def hear(step: JobStep, values: tuple[float, ...]) -> None:
        if step in levels and (level := Level.told(values)):
            levels[step] = level

    driven = drive([target], steps, jobs, lambda standing: watch(max(standing.done - 1, 0), list(levels.values())), hear)
    if driven.problems:
        return Explored(problem=driven.problems[0], interrupted=driven.interrupted)
    explored = Explored(interrupted=driven.interrupted)
    for request, step in zip(requests, steps, strict=True):
        outcome = driven.outcomes.get(step, UNFINISHED)
        if outcome.status == RAISED:
            explored.faults.append(outcome.problem)
        explored.printed += outcome.printed
        explored.rows.append(_row(target, request, outcome, levels[step]))
    return explored


def with_mended_core(target: Target, explored: Explored, jobs: int) -> list[Row]:
    """What failed with the core of 2014, searched again with the mended one."""
    failing = [row.request for row in explored.rows if row.found.failure is not None and row.request.model == ARM_2014]
    if not failing or explored.interrupted:
        return []
    return explore_programs(target, [replace(request, model=ARM) for request in failing], jobs).rows


def _job(target: Target, request: Request) -> Job:
    return Job(target, request.clause, request.kind, request.program, EXPLORED, request.model, request, request.seed)


def _row(target: Target, request: Request, outcome: Outcome, level: Level) -> Row:
    if outcome.status != OK:
        started = level.executions or level.blocked
        verdict = outcome.problem if started or outcome.status != INTERRUPTED else NOT_TRIED
        return Row(request, Found(verdict, "", level.executions, level.blocked))
    found: Found = outcome.value
    if found.counterexample:
        found = replace(found, counterexample=headed_as_searched(found.counterexample, target, request))
    return Row(request, found, replay_string(target, request.clause, request.kind, found.failure) if found.failure else "")


@dataclass(frozen=True)
class ReplayedAgain:
    """The outcome of executing an execution again, a `Replayed`, and whether the source is the one that it was recorded on."""

    outcome: Outcome
    interrupted: bool
    # SAME_SOURCE, OTHER_SOURCE or UNKNOWN_SOURCE.
    source: str


def replay_again(target: Target, replay: Replay) -> ReplayedAgain:
    """Execute an execution again."""
    step = replay_step(target, replay)
    driven = drive([target], [step], 1)
    outcome = driven.unfit.get(0) or driven.outcomes.get(step, UNFINISHED)
    return ReplayedAgain(outcome, driven.interrupted, compared_source(target, replay))


def replay_step(target: Target, replay: Replay, position: int = 0) -> JobStep:
    """The step that executes an execution again on the target at `position`; its value is a `Replayed`."""
    job = Job(target, replay.clause, replay.kind, replay.program, replay.engine, replay.model, replay, replay.seed)
    return JobStep(position, job, replay_execution, BASE_SECONDS + REPLAY_SECONDS)


def compared_source(target: Target, replay: Replay) -> str:
    """Whether `target` has the source that an execution was recorded on."""
    if not replay.source:
        return UNKNOWN_SOURCE
    return SAME_SOURCE if source_mark(target.content_hash) == replay.source else OTHER_SOURCE
