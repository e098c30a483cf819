"""A stage that never comes back and calls nothing of the machine meanwhile: the host's timers end the execution.

Time on the host decides nothing else. Only the main thread of a process can be interrupted so; elsewhere there is no guard.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType

from harness.machine.code_places import CodePlaces
from harness.machine.diagnosis import HANG, Violation
from harness.machine.engine import Engine
from harness.suite.program import Program

# One execution takes less than a millisecond; the CPU-time limit ends a loop, the other one a sleep.
CPU_SECONDS = 2.0
REAL_SECONDS = 10.0
# In a worker process, a stage in an endless loop where no Python code runs is ended together with the process, by this signal.
LAST_SECONDS = 3.0
LAST_SIGNAL = signal.SIGPROF
# A stage that catches everything is interrupted again and again.
AGAIN_SECONDS = 0.05

# Frames of these files are not the stage's.
HARNESS_ROOT = Path(__file__).parents[1]
HARNESS = CodePlaces(str(HARNESS_ROOT))
# Nor are those that the harness, or what measures it, enters there.
LIBRARY = CodePlaces(sysconfig.get_path("stdlib"))
INSTALLED = CodePlaces(sysconfig.get_path("purelib", vars={"base": sys.base_prefix}), sysconfig.get_path("purelib"))

TIMERS = ((signal.ITIMER_VIRTUAL, signal.SIGVTALRM), (signal.ITIMER_REAL, signal.SIGALRM))


@contextmanager
def watch(engine: Engine, cpu_seconds: float = CPU_SECONDS, real_seconds: float = REAL_SECONDS) -> Iterator[None]:
    """End what happens inside with a `HANG` after so much time: recorded as the engine's failure, and raised where it hangs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def expired(_signal: int, frame: FrameType | None) -> None:
        violation = Violation(HANG, f"{engine.current.name}: {entered(frame)} does not come back")
        engine.fail(violation)
        raise violation

    if multiprocessing.parent_process() is not None:
        signal.setitimer(signal.ITIMER_PROF, LAST_SECONDS)
    previous = [signal.signal(number, expired) for _, number in TIMERS]
    for (timer, _), seconds in zip(TIMERS, (cpu_seconds, real_seconds), strict=True):
        signal.setitimer(timer, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        for timer in (signal.ITIMER_PROF, *(timer for timer, _ in TIMERS)):
            signal.setitimer(timer, 0)
        for (_, number), handler in zip(TIMERS, previous, strict=True):
            signal.signal(number, handler)


def execute_watched(program: Program, module: ModuleType, kind: str, engine: Engine) -> None:
    """Execute a program, and end it if the stage does not come back; the verdict is `engine.failure`."""
    try:
        with watch(engine):
            program.execute(module, kind, engine)
    except Violation as violation:
        # Time ran out between the stage and here.
        engine.fail(violation)


def entered(frame: FrameType | None) -> str:
    """Name the function by which the harness last entered the stage: where inside it time runs out differs from run to run."""
    inner: FrameType | None = None
    found = "the machine"
    while frame is not None:
        if frame.f_code.co_filename not in HARNESS:
            inner = frame
        elif inner is not None and may_be_the_stage(inner.f_code.co_filename):
            found = f"{inner.f_code.co_name} ({Path(inner.f_code.co_filename).name})"
            break
        else:
            inner = None
        frame = frame.f_back
    return found


def may_be_the_stage(filename: str) -> bool:
    """Tell a file that a stage could be from one of Python's own, and from code without a file."""
    return not filename.startswith("<") and (filename in INSTALLED or filename not in LIBRARY)
