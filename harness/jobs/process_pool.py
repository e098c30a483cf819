"""Runs tasks in worker processes, so that nothing a stage does reaches this one: crash, exit, endless loop, output."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from multiprocessing import connection, forkserver
from typing import Any

from pebble import ProcessExpired, ProcessPool

from harness.jobs.executor import DIED, GIVEN_UP, NOT_A_STAGE, OK, RAISED, TIMED_OUT, Ended, Message, Outcome, Task
from harness.jobs.messages import Inbox, outbox
from harness.jobs.printed import captured
from harness.jobs.stage_loading import NeverReturns, NotAStage, describe
from harness.jobs.watchdog import LAST_SECONDS, LAST_SIGNAL

MEMORY_LIMIT = 4 << 30


def available_cpus() -> int:
    """The number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes:
    """An executor with `workers` processes on this machine, which import `modules` before they need them."""

    def __init__(self, workers: int, modules: Sequence[str] = ()) -> None:
        # A task more than there are workers, so that none of them waits for the next one.
        self.capacity = workers + 1
        context = _context(modules)
        receiver, sender = os.pipe()
        os.set_blocking(sender, False)
        self._inbox = Inbox(receiver)
        self._sender = connection.Connection(sender, readable=False)
        self._running: dict[Future[Any], tuple[int, Task]] = {}
        self._pool = ProcessPool(max_workers=workers, initializer=_start_worker, initargs=(self._sender,), context=context)

    def start(self, number: int, task: Task) -> None:
        future = self._pool.schedule(_perform, args=(number, task.function, task.arguments), timeout=task.seconds)
        self._running[future] = number, task

    def events(self, seconds: float) -> Sequence[Message | Ended]:
        done = wait(self._running, seconds, return_when=FIRST_COMPLETED).done
        # What a task has told comes before its end.
        told = list(self._inbox.messages())
        return [*told, *(self._ended(future) for future in done)]

    def _ended(self, future: Future[Any]) -> Ended:
        number, task = self._running.pop(future)
        return Ended(number, _outcome(future, task))

    def cancel(self, number: int) -> None:
        for future, (other, _) in self._running.items():
            if other == number:
                future.cancel()

    def close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self._inbox.close()
        self._sender.close()


def _context(modules: Sequence[str]) -> Any:
    """A context whose workers do not inherit this process's state, with one hash seed for all of them.

    The first call in a process says what the fork server imports once, so that every worker starts in milliseconds.
    """
    os.environ["PYTHONHASHSEED"] = "0"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *(module for module in modules if module != "__main__")])
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


def _start_worker(sender: connection.Connection) -> None:
    """Cut this process off from the terminal, bound its memory, and tie its life to its parent's."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    outbox.descriptor = os.dup(sender.fileno())
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


def _perform(number: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    outbox.number = number
    with captured() as printed:
        status, value, problem = _called(function, arguments)
    return Outcome(status, value, problem, printed.text())


def _called(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any, str]:
    try:
        return OK, function(*arguments), ""
    except NotAStage as error:
        return NOT_A_STAGE, None, str(error)
    except NeverReturns as error:
        return TIMED_OUT, None, str(error)
    except BaseException as error:
        return RAISED, None, f"stopped the harness: {describe(error)}{_place(error)}"


def _place(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f" at {os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame else ""
