"""Drives jobs: the only way from jobs to their outcomes, for every command.

Outcomes come in the order of the tasks and do not depend on timing or on the number of workers, but for one thing: a task that exceeds its
limit is ended, or ends everybody, and then the later tasks of the same group are given up too, instead of waiting as long for each of them.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.jobs.canary import canary, control
from harness.jobs.code_mark import code_mark
from harness.jobs.executor import (
    DEATHS,
    DIED,
    ENDS_GROUP,
    GIVEN_UP,
    INTERRUPTED,
    MISTAKEN,
    NOT_A_STAGE,
    OK,
    RAISED,
    Batch,
    Ended,
    Executor,
    Message,
    Outcome,
    Task,
)
from harness.jobs.job import LOAD, Job
from harness.jobs.native_building import in_c
from harness.jobs.process_pool import Processes
from harness.jobs.remembering import KnownOutcomes, Remembering
from harness.jobs.server_link import FIRST, NoWorkers
from harness.jobs.standing import Progress, nobody
from harness.jobs.task_tally import TaskTally
from harness.jobs.with_stage import with_stage
from harness.sources.target import Target
from harness.suite.own_suite import module_of
from harness.suite.program import SuiteMistake
from harness.suite.registry import suites

# How often progress is told while no task ends.
TICK_SECONDS = 0.5

LOAD_SECONDS = 3.0

# The number of a task that is to be good, among those of the tasks.
KNOWN_GOOD = -1

# Called with what a task tells while it runs.
Listener = Callable[[Message], None]


# Steps are told apart by identity.
@dataclass(frozen=True, eq=False)
class JobStep:
    """A job of the target at `position`, who carries it out, within which time, and when: the lowest `urgency` is started first."""

    position: int
    job: Job
    work: Callable[[Job], Any]
    seconds: float | None
    urgency: int = 0
    # Whether a value makes the later steps of the same target needless.
    ends: Callable[[Any], bool] | None = None
    # The type of the value, if it may come from a cache.
    keeps: Any = None

    @property
    def task(self) -> Task:
        """The step for an executor. What cannot be loaded is not tried any further."""
        return Task(self.position, self.work, (self.job,), self.seconds, gate=self.job.part == LOAD, ends=self.ends, keeps=self.keeps)


@dataclass
class Driven:
    """What became of every step, but for those that were interrupted.

    `unfit` has, by position, the outcome of loading what is no stage; `faults` are the harness's own; `undone` counts, by position, what
    was interrupted.
    """

    outcomes: dict[JobStep, Outcome] = field(default_factory=dict)
    unfit: dict[int, Outcome] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    interrupted: bool = False
    undone: dict[int, int] = field(default_factory=dict)

    @property
    def problems(self) -> dict[int, str]:
        """By position, why a stage could not be tested at all."""
        return {position: outcome.problem for position, outcome in self.unfit.items()}

    @property
    def code_marks(self) -> dict[int, str]:
        """By position, the marks of the stages that there are (see `harness.jobs.code_mark`)."""
        loaded = {step.position: outcome for step, outcome in self.outcomes.items() if step.job.part == LOAD}
        return {position: outcome.value for position, outcome in loaded.items() if outcome.status == OK}


def drive(
    targets: Sequence[Target],
    steps: Iterable[JobStep],
    jobs: int,
    progress: Progress = nobody,
    hear: Callable[[JobStep, tuple[float, ...]], None] = lambda step, values: None,
    cache: KnownOutcomes | None = None,
) -> Driven:
    """See that every target is a stage, and carry out the steps of those that are, the most urgent ones first.

    What is in the `cache` is not carried out, and what is carried out is kept there as soon as it ends.
    """
    loads = [JobStep(position, Job(target, LOAD), load_only, LOAD_SECONDS, keeps=str) for position, target in enumerate(targets)]
    ordered = [*loads, *sorted(steps, key=lambda step: step.urgency)]
    batch = run_tasks([step.task for step in ordered], jobs, progress, lambda message: hear(ordered[message.number], message.values), cache)
    driven = Driven(interrupted=batch.interrupted)
    for step, outcome in zip(ordered, batch.outcomes, strict=True):
        if outcome.status == INTERRUPTED:
            driven.undone[step.position] = driven.undone.get(step.position, 0) + 1
            continue
        driven.outcomes[step] = outcome
        if outcome.status == RAISED:
            driven.faults.append(f"{step.job.name}: {outcome.problem}")
        if step.job.part == LOAD and outcome.status != OK:
            driven.unfit[step.position] = outcome
    return driven


def load_only(job: Job) -> str:
    """See that there is a stage; the mark of its code."""
    mark = code_mark(job.target.source, job.target.beside, job.target.is_c)
    with_stage(job.target, lambda _: None)
    return mark


def run_tasks(
    tasks: Sequence[Task],
    jobs: int,
    progress: Progress = nobody,
    hear: Listener = lambda message: None,
    cache: KnownOutcomes | None = None,
) -> Batch:
    """Run `tasks` on `jobs` processes. An interrupt ends the run early, and what is done by then is kept; raises `SuiteMistake`."""
    workers = min(jobs, len(tasks)) or 1
    executor = Remembering(workers, lambda: Processes(workers, _modules(tasks)), cache)
    run = _Run(tasks, executor, TaskTally(tasks, workers), progress, hear)
    interrupted = False
    try:
        run.drive()
    except KeyboardInterrupt:
        interrupted = True
        run.take_in(0.0)
    finally:
        executor.close()
    if run.mistakes and not interrupted:
        raise SuiteMistake(run.mistakes[min(run.mistakes)])
    return Batch(run.settled(), interrupted)


def _modules(tasks: Sequence[Task]) -> list[str]:
    """What the workers will import: who carries the tasks out, and the suites, if they are known to import."""
    work = {task.function.__module__ for task in tasks}
    named = {argument.target.suite for task in tasks for argument in task.arguments if isinstance(argument, Job)}
    found = {entry.module for name, entry in suites().items() if name in named}
    own = [name for name in sorted(named) if module_of(name) in sys.modules]
    return [*sorted(work), *sorted(module for module in found if module in sys.modules), *own, *FIRST * in_c(tasks)]


class _Run:
    """The bookkeeping of one `run_tasks`."""

    def __init__(self, tasks: Sequence[Task], executor: Executor, tally: TaskTally, progress: Progress, hear: Listener) -> None:
        self.tasks = tasks
        self.executor = executor
        self.tally = tally
        self.progress = progress
        self.hear = hear
        self.outcomes: dict[int, Outcome] = {}
        self.running: set[int] = set()
        self.events: deque[Message | Ended] = deque()
        self.upcoming = 0
        self.lost: dict[int, int] = {}  # group: its first task that ended the group
        self.begun: dict[int, float] = {}
        # What became of tasks that may not be to blame, with how long they have lasted, until that is decided.
        self.suspects: dict[int, tuple[Outcome, float]] = {}
        # Tasks that are tried again, and groups whose tasks are not: they are known to end processes in this way, or to make the harness
        # fail.
        self.again: set[int] = set()
        self.guilty: set[tuple[int, str]] = set()
        # By task, what it has shown to be wrong with the suite. Of several, the first one in order is told.
        self.mistakes: dict[int, str] = {}

    def drive(self) -> None:
        """Keep the executor busy until all tasks are done."""
        while self.upcoming < len(self.tasks) or self.running or self.suspects:
            if not self.suspects:
                self.start_more()
            elif not self.running:
                first = min(self.suspects)
                self.investigate(first, *self.suspects.pop(first))
            if self.running:
                self.take_in(TICK_SECONDS)
            self.progress(self.tally)

    def start_more(self) -> None:
        while self.upcoming < len(self.tasks) and len(self.running) < self.executor.capacity and not self.kept_waiting():
            self.start(self.upcoming)
            self.upcoming += 1

    def kept_waiting(self) -> bool:
        """Whether the next task has to wait: for one that is tried again alone, or for what shows whether its group is worth a try."""
        group = self.tasks[self.upcoming].group
        return any(number in self.again or (self.tasks[number].gate and self.tasks[number].group == group) for number in self.running)

    def investigate(self, number: int, outcome: Outcome, lasted: float) -> None:
        """Decide, while no task runs, whether one is to blame for its end: by another one that is known to be good."""
        task = self.tasks[number]
        if (task.group, _way(outcome)) in self.guilty or number > self.lost.get(task.group, number):
            self.conclude(number, _blamed(outcome))
        elif outcome.status in DEATHS:
            sung = self.carried_out(canary(lasted))
            if sung.status != OK:
                raise NoWorkers(f"processes end whatever they run; what executes the smallest program of the baseline {sung.problem}")
            self.again.add(number)
            self.start(number)
        elif (known := control(task)) is None or self.carried_out(known).status in {*DEATHS, RAISED}:
            self.conclude(number, outcome)
        else:
            self.guilty.add((task.group, _way(outcome)))
            self.conclude(number, _blamed(outcome))

    def carried_out(self, task: Task) -> Outcome:
        """What becomes of a task that is none of those that were asked for."""
        self.running.add(KNOWN_GOOD)
        self.executor.start(KNOWN_GOOD, task)
        while KNOWN_GOOD in self.running:
            self.take_in(TICK_SECONDS)
        return self.outcomes.pop(KNOWN_GOOD)

    def start(self, number: int) -> None:
        task = self.tasks[number]
        if number <= self.lost.get(task.group, number):
            self.running.add(number)
            self.begun[number] = time.monotonic()
            self.tally.begin(number)
            self.executor.start(number, task)
        else:
            self.tally.end(number)

    def take_in(self, seconds: float) -> None:
        """Take in what the executor reports. What nobody has started is not listened to: a stage may have made it up."""
        self.events.extend(self.executor.events(seconds))
        while self.events:
            event = self.events.popleft()
            if event.number not in self.running:
                continue
            if isinstance(event, Ended):
                if event.number != KNOWN_GOOD:
                    self.tally.pause(event.number, counts=event.outcome.status == OK and not event.remembered)
                self.finish(event.number, event.outcome)
            else:
                self.hear(event)

    def finish(self, number: int, outcome: Outcome) -> None:
        self.running.remove(number)
        if outcome.status == MISTAKEN:
            self.stop(number, outcome)
        elif number == KNOWN_GOOD:
            self.outcomes[number] = outcome
        elif outcome.status not in {*DEATHS, RAISED}:
            self.conclude(number, outcome)
        elif (self.tasks[number].group, _way(outcome)) in self.guilty:
            self.conclude(number, _blamed(outcome))
        elif number in self.again and outcome.status in DEATHS:
            if outcome.status == DIED:
                self.guilty.add((self.tasks[number].group, _way(outcome)))
            self.conclude(number, outcome)
        else:
            self.suspects[number] = outcome, time.monotonic() - self.begun[number]

    def stop(self, number: int, outcome: Outcome) -> None:
        """Wait only for what comes before a task that has shown a mistake of the suite: nothing is tested with that."""
        self.mistakes[number] = outcome.problem
        self.outcomes[number] = outcome
        self.upcoming = len(self.tasks)
        for other in sorted(self.running):
            if other > number:
                self.executor.cancel(other)

    def conclude(self, number: int, outcome: Outcome) -> None:
        self.outcomes[number] = outcome
        self.tally.end(number)
        task = self.tasks[number]
        if outcome.status in ENDS_GROUP or (task.gate and outcome.status != OK) or _ends(task, outcome):
            self.lost[task.group] = min(number, self.lost.get(task.group, number))
            for other in sorted(self.running):
                if self.tasks[other].group == task.group and other > number:
                    self.executor.cancel(other)

    def settled(self) -> list[Outcome]:
        """All outcomes; what follows the end of a group does not count, even where it was done in time."""
        return [self.settle(number, task) for number, task in enumerate(self.tasks)]

    def settle(self, number: int, task: Task) -> Outcome:
        end = self.lost.get(task.group, len(self.tasks))
        if number > end:
            before = self.outcomes[end]
            ended = before.status == OK
            why = "was not tried after that" if ended else f"was given up before this was tried: it {before.problem}"
            return Outcome(GIVEN_UP, problem=why)
        return self.outcomes.get(number, Outcome(INTERRUPTED, problem="was interrupted"))


def _way(outcome: Outcome) -> str:
    """In which way a task failed. Processes of one group may end by the stage's fault, and one more from outside: by another signal."""
    return RAISED if outcome.status == RAISED else outcome.problem


def _blamed(outcome: Outcome) -> Outcome:
    """The outcome of a task that makes the harness fail where the baseline does not."""
    return replace(outcome, status=NOT_A_STAGE, problem=f"has {outcome.problem}") if outcome.status == RAISED else outcome


def _ends(task: Task, outcome: Outcome) -> bool:
    return task.ends is not None and outcome.status == OK and task.ends(outcome.value)
