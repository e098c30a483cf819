"""The machine that a test function builds its program on, and the program that such a function is.

The function runs in a greenlet of its own: at `machine.run()` it waits until everybody has ended, and then goes on with what must hold. An
execution that is cut off, or violates something, does not go on there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from traceback import extract_tb
from types import ModuleType
from typing import Any

import pytest
from greenlet import getcurrent, greenlet

from harness.machine.code_places import is_pythons
from harness.machine.diagnosis import ASSERTION, INNER, Violation, described, inner
from harness.machine.engine import Engine
from harness.suite.bench import Action, Bench
from harness.suite.program import Program
from stages.hypervisor import Word

# What every such program is tested for.
KIND = "test"
# These say that the test does not hold. (`pytest.fail` is no `Exception`.)
NOT_SO = (AssertionError, pytest.fail.Exception)

inner(__file__)


class Noted:
    """What the last execution has raised, and what has ended the test without a verdict: `pytest.skip` and the like."""

    def __init__(self) -> None:
        self.raised: BaseException | None = None
        self.escaped: BaseException | None = None


class FunctionMachine(Bench):
    """A machine with `cpus` CPUs, numbered from 0, for one execution of a test function: a `Bench` without a stage.

    The function says who does what: `cpu`, `interrupts`, `device`. Then it calls `run`, and says what must hold; what it says after that
    with `assert` is looked at in every execution.
    """

    def __init__(self, engine: Engine, cpus: int, noted: Noted) -> None:
        super().__init__(ModuleType(KIND), KIND, engine, cpus)
        self.machine.renumber(list(range(cpus)))
        self.bring_up(lambda: None)
        self._noted = noted
        self._main = getcurrent()
        self._body: greenlet | None = None

    def word(self, name: str, value: int = 0) -> Word:
        """A word in shared memory: marked reads and writes, and atomic operations."""
        return Word(self.hv, name, value)

    def run(self) -> None:
        """Let everybody do what they are there for, until nothing more can happen. To be called once, by the test function."""
        if self._body is None or getcurrent() is not self._body:
            raise RuntimeError("machine.run() is for the test function itself, and for once")
        body, self._body = self._body, None
        super().afterwards(body.switch)
        self._main.switch()

    def arrange(self, function: Callable[[FunctionMachine], object]) -> None:
        """Call the function, up to where it lets everybody run, or to its end."""
        self._body = body = greenlet(partial(self._call, function))
        body.switch()

    # What is raised.

    def _call(self, function: Callable[[FunctionMachine], object]) -> None:
        self._watched(partial(function, self))()

    def _watched(self, action: Action) -> Action:
        """The same; what it raises is noted, and what does not hold is a violation by that name."""

        def act() -> object:
            try:
                return action()
            except NOT_SO as error:
                self._noted.raised = error
                raise self._violation(error) from error
            except (pytest.skip.Exception, pytest.xfail.Exception) as error:
                self._noted.escaped = error
                raise
            except Exception as error:
                self._noted.raised = error
                raise

        return act

    def _violation(self, error: BaseException) -> Violation:
        _, detail = described(error)
        frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename not in INNER and not is_pythons(frame.filename)]
        places = [f", at {os.path.basename(frame.filename)}:{frame.lineno} ({frame.name})" for frame in frames[-1:]]
        return Violation(ASSERTION, f"{detail or 'does not hold'}{''.join(places)}")

    # Who does things, watched.

    def cpu(self, number: int, *bodies: Action) -> None:
        super().cpu(number, *map(self._watched, bodies))

    def device(self, body: Action, name: str = "device") -> None:
        super().device(self._watched(body), name)

    def interrupt(self, cpu: int, handler: Action) -> None:
        super().interrupt(cpu, self._watched(handler))

    def afterwards(self, check: Action) -> None:
        super().afterwards(self._watched(check))

    def when_waiting(self, cpu: int, action: Action) -> None:
        super().when_waiting(cpu, self._watched(action))


def program_of(name: str, function: Callable[[FunctionMachine], object], cpus: int, noted: Noted) -> Program:
    """The program that a function of a machine is."""

    def arrange(module: ModuleType, kind: str, engine: Engine) -> Any:
        machine = FunctionMachine(engine, cpus, noted)
        machine.arrange(function)
        return machine

    return Program(name, name, (KIND,), arrange, body=function)
