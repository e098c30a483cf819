"""What a worker process is: it carries out one task after the other, and whatever a stage does happens here."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

from harness.isolation import PACKAGES
from harness.jobs import fork_server
from harness.jobs.executor import DIED, LACKING, MISTAKEN, NOT_A_STAGE, OK, RAISED, TIMED_OUT, Outcome
from harness.jobs.fingerprint import Fingerprint
from harness.jobs.foreign_modules import ForeignModules
from harness.jobs.frames import receive, send
from harness.jobs.heartbeat import IDLE, heart
from harness.jobs.messages import outbox
from harness.jobs.native_building import told
from harness.jobs.printed import captured
from harness.jobs.stage_loading import LacksAsked, NeverReturns, NotAStage, describe
from harness.jobs.watchdog import OutOfMemory
from harness.suite.own_suite import module_of
from harness.suite.program import SuiteMistake
from harness.suite.registry import UnknownSuite, suite_named

MEMORY_LIMIT = 4 << 30


def serve(descriptor: int, modules: Sequence[str]) -> None:
    """Be the fork server; its workers have `modules`, as far as those can be imported."""
    sys.dont_write_bytecode = True
    # What the harness's own modules load besides is part of the installation, as they are; what somebody's suite loads is not.
    _import(module for module in modules if module.partition(".")[0] in PACKAGES)
    foreign = ForeignModules()
    _import(modules)
    fingerprint = Fingerprint()
    fork_server.run(descriptor, lambda descriptors: work(descriptors, fingerprint, foreign))


def _import(modules: Iterable[str]) -> None:
    for module in modules:
        # Whoever needs it says what is wrong with it.
        with contextlib.suppress(Exception):
            suite_named(module) if module_of(module) else import_module(module)


def work(descriptors: list[int], fingerprint: Fingerprint, foreign: ForeignModules) -> None:
    """Carry out tasks until there are no more."""
    channel, pulse, messages = descriptors
    for descriptor in descriptors:
        # Another program in this process is the end of the worker.
        os.set_inheritable(descriptor, False)
    heart.share(pulse)
    outbox.descriptor = messages
    _bound()
    # A stage has no use for another process like this one.
    os.register_at_fork(after_in_child=partial(os._exit, 1))
    with socket.socket(fileno=channel) as parent, contextlib.suppress(EOFError, ConnectionError):
        while True:
            number, function, arguments, built = receive(parent)
            told.take(built)
            outcome = _perform(number, function, arguments)
            heart.beat[0] = IDLE
            if changed := fingerprint.changed():
                outcome = Outcome(NOT_A_STAGE, problem=f"changes what judges it: {changed}", printed=outcome.printed)
            elif names := foreign.names():
                outcome = replace(outcome, foreign=names)
            _send(parent, number, outcome)


def _bound() -> None:
    """Cut this process off from the terminal, bound its memory, and leave no image of it behind."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    os.close(null)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(hard, MEMORY_LIMIT)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The server ignores it, which has a session of its own: here, only the stage can have sent it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _send(parent: socket.socket, number: int, outcome: Outcome) -> None:
    try:
        send(parent, (number, outcome))
    except ConnectionError:
        raise
    except Exception as error:
        send(parent, (number, Outcome(DIED, problem=f"broke the process that ran it ({describe(error)})")))


def _perform(number: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    outbox.number = number
    with captured() as printed:
        status, value, problem = _called(function, arguments)
    return Outcome(status, value, problem, printed.text())


def _called(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any, str]:
    try:
        return OK, function(*arguments), ""
    except LacksAsked as error:
        return LACKING, None, str(error)
    except NotAStage as error:
        return NOT_A_STAGE, None, str(error)
    except NeverReturns as error:
        return TIMED_OUT, None, str(error)
    except (SuiteMistake, UnknownSuite) as error:
        return MISTAKEN, None, str(error)
    except OutOfMemory as error:
        return DIED, None, str(error)
    except BaseException as error:
        return RAISED, None, f"stopped the harness: {describe(error)}{_place(error)}"


def _place(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f" at {os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame else ""
