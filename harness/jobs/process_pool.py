"""Runs tasks in worker processes, so that nothing a stage does reaches this one: crash, exit, endless loop, output.

Results come in the order of the tasks and do not depend on timing or on the number of workers, but for one thing: a task that exceeds its
limit is killed, and then the later tasks of the same group are given up too, instead of waiting as long for each of them.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field
from multiprocessing import forkserver
from typing import Any

from pebble import ProcessExpired, ProcessPool

from harness.jobs.stage_loading import NeverReturns, NotAStage, describe
from harness.jobs.watchdog import LAST_SECONDS, LAST_SIGNAL

# How often progress is told while no task ends.
TICK_SECONDS = 0.5

MEMORY_LIMIT = 4 << 30

# What the fork server imports once, so that a worker starts in milliseconds.
PRELOAD = ["harness.jobs.tasks", "harness.verify.verify_in_worker"]

OK = "ok"
NOT_A_STAGE = "not a stage"
TIMED_OUT = "timed out"
DIED = "died"
RAISED = "raised"
GIVEN_UP = "given up"
INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Task:
    """A call of a module-level function. After a failed `gate`, or a task out of time, the rest of its group is given up.

    So it is after a task whose value `ends` the group: of several, the first in order counts, not the first in time.
    """

    group: int
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    # None: it may take for ever.
    seconds: float | None
    gate: bool = False
    ends: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task: a value, or in `problem` why there is none, completing "the stage …"."""

    status: str
    value: Any = None
    problem: str = ""

    @property
    def sentence(self) -> str:
        """The problem as a sentence."""
        return f"the stage {self.problem}"


@dataclass
class Batch:
    """The outcomes of all tasks, in order; `interrupted` by Ctrl-C or a signal, some are INTERRUPTED."""

    outcomes: list[Outcome] = field(default_factory=list)
    interrupted: bool = False


Progress = Callable[[int, int], None]


def available_cpus() -> int:
    """The number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_tasks(tasks: Sequence[Task], jobs: int, progress: Progress = lambda done, total: None) -> Batch:
    """Run `tasks` on `jobs` processes. An interrupt ends the run early, and what is done by then is kept."""
    run = _Run(tasks, min(jobs, len(tasks)) or 1, progress)
    interrupted = False
    pool = ProcessPool(max_workers=run.jobs, initializer=_start_worker, context=_context())
    try:
        run.drive(pool)
    except KeyboardInterrupt:
        interrupted = True
        run.collect()
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
    return Batch(run.settled(), interrupted)


def _context() -> Any:
    """A context whose workers do not inherit this process's state, with one hash seed for all of them."""
    os.environ["PYTHONHASHSEED"] = "0"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    # What the fork server itself has to say, of workers that were ended while they started, is not for the user.
    null, terminal = os.open(os.devnull, os.O_WRONLY), os.dup(2)
    try:
        os.dup2(null, 2)
        forkserver.ensure_running()
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(null)
    return context


class _Run:
    """The bookkeeping of one `run_tasks`."""

    def __init__(self, tasks: Sequence[Task], jobs: int, progress: Progress) -> None:
        self.tasks = tasks
        self.jobs = jobs
        self.progress = progress
        self.outcomes: dict[int, Outcome] = {}
        self.running: dict[Future[Any], int] = {}
        self.lost: dict[int, int] = {}  # group: its first task that ended the group

    def drive(self, pool: ProcessPool) -> None:
        """Keep every worker busy, and no more than one task waiting, until all tasks are done."""
        following = iter(range(len(self.tasks)))
        upcoming = next(following, None)
        while upcoming is not None or self.running:
            while upcoming is not None and len(self.running) <= self.jobs:
                self.start(pool, upcoming)
                upcoming = next(following, None)
            for future in wait(self.running, TICK_SECONDS, return_when=FIRST_COMPLETED).done:
                self.finish(self.running.pop(future), future)
            self.progress(len(self.tasks) - len(self.running) - (0 if upcoming is None else len(self.tasks) - upcoming), len(self.tasks))

    def start(self, pool: ProcessPool, index: int) -> None:
        task = self.tasks[index]
        if task.group not in self.lost:
            self.running[pool.schedule(_perform, args=(task.function, task.arguments), timeout=task.seconds)] = index

    def finish(self, index: int, future: Future[Any]) -> None:
        task = self.tasks[index]
        outcome = self.outcomes[index] = _outcome(future, task)
        if outcome.status == TIMED_OUT or (task.gate and outcome.status != OK) or _ends(task, outcome):
            self.lost[task.group] = min(index, self.lost.get(task.group, index))
            for other, number in self.running.items():
                if self.tasks[number].group == task.group and number > index:
                    other.cancel()

    def collect(self) -> None:
        """Take in what is done and has not been looked at."""
        for future in [future for future in self.running if future.done()]:
            self.finish(self.running.pop(future), future)

    def settled(self) -> list[Outcome]:
        """All outcomes; what follows the end of a group does not count, even where it was done in time."""
        return [self.settle(index, task) for index, task in enumerate(self.tasks)]

    def settle(self, index: int, task: Task) -> Outcome:
        end = self.lost.get(task.group, len(self.tasks))
        if index > end:
            before = self.outcomes[end]
            ended = before.status == OK
            return Outcome(GIVEN_UP, problem="was not tried after that" if ended else f"was not tried again: before, it {before.problem}")
        return self.outcomes.get(index, Outcome(INTERRUPTED, problem="was interrupted"))


def _ends(task: Task, outcome: Outcome) -> bool:
    return task.ends is not None and outcome.status == OK and task.ends(outcome.value)


def _outcome(future: Future[Any], task: Task) -> Outcome:
    try:
        result = future.result()
        assert isinstance(result, Outcome)
        return result
    except TimeoutError:
        return Outcome(TIMED_OUT, problem=f"did not come back within {task.seconds or 0:g} s")
    except ProcessExpired as error:
        if error.exitcode == -LAST_SIGNAL:
            return Outcome(TIMED_OUT, problem=f"did not come back within {LAST_SECONDS:g} s from where nothing can interrupt it")
        return Outcome(DIED, problem=f"ended the process that ran it ({_exit(error.exitcode)})")
    except CancelledError:
        return Outcome(GIVEN_UP, problem="was given up")
    except Exception as error:
        return Outcome(DIED, problem=f"broke the process that ran it ({describe(error)})")


def _exit(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


# In the worker.


def _start_worker() -> None:
    """Cut this process off from the terminal, bound its memory, and tie its life to its parent's."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    leave = os._exit
    # The pool takes exit code 0 for a worker that has ended well, and would wait for its task for ever.
    os._exit = lambda status: leave(status or 1)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def outlive_nobody() -> None:
        parent.join()
        leave(1)

    threading.Thread(target=outlive_nobody, daemon=True).start()


def _perform(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    try:
        return Outcome(OK, function(*arguments))
    except NotAStage as error:
        return Outcome(NOT_A_STAGE, problem=str(error))
    except NeverReturns as error:
        return Outcome(TIMED_OUT, problem=str(error))
    except BaseException as error:
        return Outcome(RAISED, problem=f"stopped the harness: {describe(error)}{_place(error)}")


def _place(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f" at {os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame else ""
