"""Has the programs of a clause searched in worker processes, each on its own, and one execution executed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.jobs.process_pool import INTERRUPTED, OK, RAISED, Outcome, Task, run_tasks
from harness.jobs.stage_loading import Target
from harness.jobs.tasks import try_load
from harness.search.replay_string import Replay
from harness.verify.run_stages import BASE_SECONDS, LOAD_SECONDS, replay_string
from harness.verify.search_progress import Level, gauges
from harness.verify.verify_in_worker import Found, Request, replay_execution, search_program

# One execution again takes a moment, even one that the step limit ended.
REPLAY_SECONDS = 60.0

NOT_TRIED = "not tried"

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


@dataclass
class Explored:
    """All rows, in order; why the stage could not be tested, if that is so; faults of the harness."""

    rows: list[Row] = field(default_factory=list)
    problem: str = ""
    faults: list[str] = field(default_factory=list)
    interrupted: bool = False


def explore_programs(target: Target, requests: Sequence[Request], jobs: int, watch: Watch = lambda done, levels: None) -> Explored:
    """Carry out all requests. The time limit of a request ends its search; nothing else does."""
    with gauges(len(requests)) as file:
        tasks = [Task(0, try_load, (target,), LOAD_SECONDS, gate=True)]
        for slot, request in enumerate(requests):
            tasks.append(Task(0, search_program, (target, request, file.path, slot), None))
        batch = run_tasks(tasks, jobs, lambda done, total: watch(max(done - 1, 0), file.read()))
        loaded, *outcomes = batch.outcomes
        levels = file.read()
    explored = Explored(interrupted=batch.interrupted)
    if loaded.status not in (OK, INTERRUPTED):
        explored.problem = loaded.problem
        return explored
    explored.faults = [outcome.problem for outcome in outcomes if outcome.status == RAISED]
    for request, outcome, level in zip(requests, outcomes, levels, strict=True):
        explored.rows.append(_row(target, request, outcome, level))
    return explored


def _row(target: Target, request: Request, outcome: Outcome, level: Level) -> Row:
    if outcome.status != OK:
        started = level.executions or level.blocked
        verdict = outcome.problem if started or outcome.status != INTERRUPTED else NOT_TRIED
        return Row(request, Found(verdict, "", level.executions, level.blocked))
    found: Found = outcome.value
    return Row(request, found, replay_string(target, request.clause, request.kind, found.failure) if found.failure else "")


def replay_again(target: Target, replay: Replay) -> tuple[Outcome, bool]:
    """Execute an execution again; return the outcome, with a `Replayed`, and whether that was interrupted."""
    task = Task(0, replay_execution, (target, replay), BASE_SECONDS + REPLAY_SECONDS)
    batch = run_tasks([task], 1)
    return batch.outcomes[0], batch.interrupted
