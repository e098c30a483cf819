"""A stage that never comes back and calls nothing of the machine meanwhile: the host's timers end the execution.

The timers are set once for many executions, each of which only says that it begins and ends: to set them costs as much as dozens of
operations. Time on the host decides nothing else. Only the main thread of a process can be interrupted so; elsewhere there is no guard.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType

from harness.jobs.heartbeat import IDLE, heart
from harness.jobs.run_queue import RunQueue
from harness.jobs.stage_loading import LacksAsked, NotAStage
from harness.machine.code_places import CodePlaces, is_pythons
from harness.machine.diagnosis import CRASH, HANG, THE_MACHINE, UNTESTABLE, LacksCalled, Mistake, Violation, mistaken_at
from harness.machine.engine import Engine
from harness.suite.program import Program, SuiteMistake

# One execution takes about a millisecond; the CPU-time limit ends a loop, the other one a sleep.
CPU_SECONDS = 2.0
REAL_SECONDS = 5.0
# An execution that began before a tick is at least so long when so many more ticks have come: a limit is so many ticks.
TICKS = 4
# In a worker process, a stage in an endless loop where no Python code runs is ended together with the process, by this signal.
LAST_SECONDS = 2.5
LAST_SIGNAL = signal.SIGPROF
# A stage that catches everything is interrupted again and again.
AGAIN_SECONDS = 0.05

# Frames of these files are not the stage's.
HARNESS_ROOT = Path(__file__).parents[1]
HARNESS = CodePlaces(str(HARNESS_ROOT))

TIMERS = ((signal.ITIMER_VIRTUAL, signal.SIGVTALRM), (signal.ITIMER_REAL, signal.SIGALRM))


class OutOfMemory(Exception):
    """Nobody can tell whether that is for the stage or for what else there is on the machine; the message completes "the stage …"."""


class Watchdog:
    """Knows the execution that is under way, if any, and ends it at the tick that comes too late; between executions it does nothing."""

    def __init__(self) -> None:
        # Changed by whoever executes, and by nobody else: the engine of the execution under way, and which one that is.
        self.engine: Engine | None = None
        self.number = 0
        # What the execution under way was ended for.
        self.hang: Violation | None = None
        seconds = (CPU_SECONDS / TICKS, REAL_SECONDS / TICKS)
        self._timers: dict[int, tuple[int, float]] = {number: (timer, each) for (timer, number), each in zip(TIMERS, seconds, strict=True)}
        # By timer: which execution it has seen, at how many ticks.
        self._seen: dict[int, tuple[int, int]] = dict.fromkeys(self._timers, (0, 0))
        self._queue = RunQueue()

    def tick(self, number: int, frame: FrameType | None) -> None:
        """Time has passed."""
        heart.beat[1] += 1
        if number == signal.SIGALRM and self._queue.was_long():
            # Others have had the CPU meanwhile: the execution has had no chance to come back.
            return
        execution, ticks = self._seen[number]
        if execution != self.number or self.engine is None:
            self._seen[number] = (self.number, 1)
            if ticks > TICKS:
                self._set(number)
            _last_resort(LAST_SECONDS)
            return
        self._seen[number] = (execution, ticks + 1)
        if ticks < TICKS:
            return
        if ticks == TICKS:
            self._set(number, AGAIN_SECONDS)
        engine = self.engine
        violation = _late(engine, frame)
        self.hang = self.hang or violation
        engine.fail(violation)
        raise violation

    def _set(self, number: int, seconds: float = 0) -> None:
        """Have a timer tick every so many seconds, or as usual."""
        timer, usual = self._timers[number]
        signal.setitimer(timer, seconds or usual, seconds or usual)

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Have the timers run; handlers are those from before at the end."""
        previous = {number: signal.signal(number, self.tick) for number in self._timers}
        _last_resort(LAST_SECONDS)
        for number in self._timers:
            self._set(number)
        try:
            yield
        finally:
            _last_resort(0)
            for number, handler in previous.items():
                signal.setitimer(self._timers[number][0], 0)
                signal.signal(number, handler)


def _last_resort(seconds: float) -> None:
    """End this process after so much CPU time, if it is a worker, unless this is called again before."""
    if heart.watched:
        signal.setitimer(signal.ITIMER_PROF, seconds)


_on_duty: list[Watchdog] = []


@contextmanager
def on_duty() -> Iterator[Watchdog]:
    """One watchdog for all executions inside: the one that is on duty already, if there is one."""
    if threading.current_thread() is not threading.main_thread():
        yield Watchdog()
    elif _on_duty:
        yield _on_duty[0]
    else:
        dog = Watchdog()
        _on_duty.append(dog)
        try:
            with dog.ticking():
                yield dog
        finally:
            _on_duty.clear()


def execute_watched(program: Program, module: ModuleType, kind: str, engine: Engine) -> None:
    """Execute a program, and end it if the stage does not come back; the verdict is `engine.failure`."""
    with on_duty() as dog:
        try:
            dog.number += 1
            heart.beat[0] = dog.number
            dog.engine = engine
            program.execute(module, kind, engine)
        except Violation as violation:
            # Time ran out between the stage and here. Ticks come at calls and in loops: not between here and the next line.
            dog.engine = None
            engine.fail(violation)
        finally:
            dog.engine = None
            heart.beat[0] = IDLE
            if dog.hang is not None:
                # Whatever was wrong before: to search on, or for a simpler execution, would take as long each time.
                engine.failure, dog.hang = dog.hang, None
    if isinstance(engine.failure, Mistake):
        raise SuiteMistake(engine.failure.message)
    if isinstance(engine.failure, LacksCalled):
        raise LacksAsked(engine.failure.message)
    if engine.failure is not None and engine.failure.kind == UNTESTABLE:
        raise NotAStage(engine.failure.message)
    if engine.failure is not None and engine.failure.kind == CRASH and engine.failure.message.startswith(MemoryError.__name__):
        raise OutOfMemory("has no memory left")


def _late(engine: Engine, frame: FrameType | None) -> Violation:
    """Who does not come back: the suite, if time has run out in its own lines, and else the stage."""
    if place := mistaken_at(frame):
        return Mistake(f"{place}: does not come back")
    return Violation(HANG, f"{engine.current.name}: {entered(frame)} does not come back")


def entered(frame: FrameType | None) -> str:
    """Name the function by which the harness last entered the stage: where inside it time runs out differs from run to run."""
    inner: FrameType | None = None
    found = THE_MACHINE
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
    return not is_pythons(filename)
