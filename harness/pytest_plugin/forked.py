"""Calls a function in a forked process, with all that this one has, and looks after it: neither a loop nor a crash there reaches pytest."""

from __future__ import annotations

import gc
import os
import pickle
import resource
import select
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from harness.jobs.fork_server import end_with_parent
from harness.jobs.heartbeat import Pulse, heart
from harness.jobs.printed import captured
from harness.jobs.vital_signs import VitalSigns
from harness.stopping import SIGNALS, uninterrupted

# How often the process is looked at.
LOOK_SECONDS = 0.25
READ_BYTES = 1 << 16
# More than this process has.
MEMORY_BYTES = 4 << 30


class Lost(Exception):
    """There is no result; the message says what became of the process, completing "the test …"."""


class Broken(Exception):
    """The function has raised what it should not: the text is the traceback."""


def forked(function: Callable[[], Any]) -> Any:
    """What the function returns, which has to be plain data; raises `Lost` and `Broken`."""
    reader, writer = os.pipe()
    pulse = Pulse()
    # Otherwise a Ctrl-C might be for two processes which both take themselves for pytest.
    with warnings.catch_warnings(), uninterrupted():
        # (Of a process with threads. None of theirs is used there.)
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
        if not process:
            _work(function, reader, writer, pulse.descriptor)
    os.close(writer)
    pulse.handed_on()
    with suppress(ProcessLookupError, PermissionError):
        os.setpgid(process, process)
    try:
        with _ended(process) as ended:
            content = _received(reader, VitalSigns(process, pulse))
            if not content:
                raise Lost(_how(ended()))
    finally:
        os.close(reader)
        pulse.stop()
    broken, value = pickle.loads(content)
    if broken:
        raise Broken(value)
    return value


@contextmanager
def _ended(process: int) -> Iterator[Callable[[], int]]:
    """Have the process, and what it has started, ended afterwards; what is yielded waits for its end, and returns its exit status."""
    status: list[int] = []

    def wait() -> int:
        if not status:
            status.append(os.waitpid(process, 0)[1])
        return status[0]

    try:
        yield wait
    finally:
        for end, number in ((os.killpg, process), (os.kill, process)):
            if not status:
                with suppress(ProcessLookupError, PermissionError):
                    end(number, signal.SIGKILL)
        wait()


def _received(reader: int, vitals: VitalSigns) -> bytes:
    """All that the process writes until it has done so; raises `Lost` if it gets nowhere any more."""
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([reader], [], [], LOOK_SECONDS)
        if ready:
            part = os.read(reader, READ_BYTES)
            if not part:
                return b"".join(parts)
            parts.append(part)
        elif problem := vitals.problem():
            raise Lost(problem)


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"ended the process that ran it ({how})"


def _work(function: Callable[[], Any], reader: int, writer: int, pulse: int) -> None:
    """What the forked process does; it never comes back."""
    try:
        end_with_parent()
        os.setpgid(0, 0)
        os.close(reader)
        _cut_off()
        heart.share(pulse)
        with captured():
            content = _content(function)
        _write(writer, content)
        os._exit(0)
    finally:
        os._exit(1)


def _content(function: Callable[[], Any]) -> bytes:
    try:
        return pickle.dumps((False, function()))
    except BaseException:
        return pickle.dumps((True, traceback.format_exc()))


def _write(writer: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(writer, view) :]


def _cut_off() -> None:
    """What thousands of executions print is for nobody, nor does anybody measure them; and their memory has a bound."""
    sys.settrace(None)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    for number in (*SIGNALS, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + MEMORY_BYTES
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(hard, most), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()
