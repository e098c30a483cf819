"""A program: a small arrangement of CPUs, devices and what a suite is about, that any engine can run on any stage."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Protocol

from harness.explored.models import SC
from harness.machine.diagnosis import Mistake, Violation, crash
from harness.machine.engine import Engine

# In the timed engine, processes start up to so many cycles apart: about as long as a program takes.
STAGGER = 12_000


class SuiteMistake(Exception):
    """A suite of somebody's own is wrong: the message says in which line. That is no verdict about a stage."""


def crash_of_stage(error: BaseException) -> Violation:
    """As `crash`, but raises `SuiteMistake` where the suite is wrong."""
    violation = error if isinstance(error, Violation) else crash(error)
    if isinstance(violation, Mistake):
        raise SuiteMistake(violation.message) from error
    return violation


def line_of(function: Callable[..., object]) -> str:
    """Where a function of a suite is, in words: "suite my_suite.py:12"; the suite, if it is no function."""
    found = inspect.unwrap(function)
    code = found.__code__ if inspect.isfunction(found) else None
    return f"suite {os.path.basename(code.co_filename)}:{code.co_firstlineno}" if code else "the suite"


class Arranged(Protocol):
    """What a program has arranged on an engine. It is not judged while one of its processes waits for what it takes for granted."""

    @property
    def checks(self) -> Sequence[Callable[[], object]]:
        """What must hold when nothing can happen any more (not where it was cut off); each calls `engine.violate` if it does not."""

    @property
    def stage_objects(self) -> Sequence[object]:
        """What the stage has made for this execution."""

    @property
    def premises(self) -> int:
        """How many processes wait for a premise."""


@dataclass(frozen=True)
class Known:
    """What is published of a program, or follows from a formula: its Mazurkiewicz traces, and how many of them end in a deadlock.

    Under a weak memory model these are the traces of Shasha and Snir: who reads what from whom, and the order of the writes of each
    word. There are as many where each thread works on one word, or with atomic operations only.

    `interleavings`: how many executions an unreduced search finds; None if nobody knows. `within[k]`: how many of the traces have an
    execution with at most k preemptions, as far as that is known.
    """

    traces: int
    interleavings: int | None = None
    within: tuple[int, ...] = ()
    deadlocks: int = 0
    # By memory model, the traces where they are others.
    weak: Mapping[str, int] = field(default_factory=dict)

    def under(self, model: str) -> Known:
        """What is known under a memory model; only the traces and the deadlocks are if it is a weak one."""
        return self if model == SC else Known(self.weak.get(model, self.traces), deadlocks=self.deadlocks)


@dataclass(frozen=True)
class Program:
    """`arrange` puts a stage (a module, empty for a suite without stages) on an engine, and says who does what and what must hold.

    `kinds`: what the program makes sense for, of the kinds that its suite tests. `known`: what a search of it must count; a program that
    has it is counted instead of judged by its executions. `body`: the function in which somebody reads it, if that is not `arrange`.
    `timed_steps`: how many operations an execution in virtual time may take, where it takes far more than those of other programs.
    """

    name: str
    summary: str
    kinds: tuple[str, ...]
    arrange: Callable[[ModuleType, str, Engine], Arranged]
    known: Known | None = None
    body: Callable[..., object] | None = None
    timed_steps: int = 0

    @property
    def place(self) -> tuple[str, int] | None:
        """The source file that it is in, as a path from the directory of its top package, and the line; None if it is no function."""
        function = inspect.unwrap(self.body or self.arrange)
        if not inspect.isfunction(function):
            return None
        code = function.__code__
        top = getattr(sys.modules.get(function.__module__.partition(".")[0]), "__file__", None)
        if top is None:
            return None
        root = os.path.dirname(os.path.dirname(top) if os.path.basename(top) == "__init__.py" else top)
        return os.path.relpath(code.co_filename, root).replace(os.sep, "/"), code.co_firstlineno

    def execute(self, module: ModuleType, kind: str, engine: Engine) -> None:
        """Set up, run, check and close. The verdict is `engine.failure`, None if nothing is wrong; raises `SuiteMistake`."""
        try:
            try:
                self._execute(module, kind, engine)
            finally:
                engine.close()
        except KeyboardInterrupt:
            raise
        except Violation as violation:
            engine.fail(violation)
        except BaseException as error:
            # The stage has raised outside the run: while it was built or booted.
            engine.fail(crash(error))
        if isinstance(engine.failure, Mistake):
            raise SuiteMistake(engine.failure.message)

    def _execute(self, module: ModuleType, kind: str, engine: Engine) -> None:
        arranged = self.arrange(module, kind, engine)
        engine.stagger(STAGGER)
        engine.run()
        if not engine.complete:
            # What must hold in the end need not hold where a search has stopped.
            return
        for check in arranged.checks:
            if engine.failure is None and not arranged.premises:
                check()
