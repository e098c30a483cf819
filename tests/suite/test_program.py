"""Programs: set up, run, checked and closed, and what counts as a failure on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import cast

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.machine import diagnosis
from harness.machine.code_places import CodePlaces
from harness.machine.diagnosis import ASSERTION, CRASH, Violation
from harness.machine.engine import WRITE, Engine, Process
from harness.machine.memory import Memory
from harness.suite.program import Program, SuiteMistake
from stages.hypervisor import Hypervisor, Word


@dataclass
class Made:
    """What the programs here arrange."""

    checks: Sequence[Callable[[], object]] = ()
    premises: int = 0
    stage_objects: Sequence[object] = ()


def executed(arrange: Callable[[Engine], Made]) -> Violation | None:
    """Execute a program once; return what was wrong."""
    engine = ExploredEngine(lambda engine, enabled, current: enabled[0])
    Program("sample", "Nothing.", ("any",), lambda module, kind, engine: arrange(engine)).execute(ModuleType("none"), "any", engine)
    return engine.failure


def test_checks_are_made_after_the_run() -> None:
    """They see what the processes have done."""
    seen: list[str] = []

    def arrange(engine: Engine) -> Made:
        engine.add(Process("P", lambda: seen.append("run")))
        return Made([lambda: seen.append("check")])

    assert executed(arrange) is None
    assert seen == ["run", "check"]


def test_a_check_that_fails_is_the_verdict() -> None:
    """The checks after it are not made."""

    def arrange(engine: Engine) -> Made:
        return Made([lambda: engine.violate(ASSERTION, "wrong"), lambda: pytest.fail("checked after a failure")])

    failure = executed(arrange)
    assert failure is not None
    assert (failure.kind, failure.message) == (ASSERTION, "boot: wrong")


def test_nothing_is_checked_while_a_process_waits_for_a_premise() -> None:
    """What the program takes for granted has not come."""
    assert executed(lambda engine: Made([lambda: pytest.fail("checked")], premises=1)) is None


# How an execution of two processes, which write the word 2, may be cut.
CUT = {
    "nobody is chosen": lambda: ExploredEngine(lambda engine, enabled, current: None),
    "all sleep": lambda: ExploredEngine(asleep={pid: (pid, WRITE, 0, 2) for pid in range(2)}),
    "the one that is left sleeps": lambda: ExploredEngine(asleep={1: (1, WRITE, 0, 0)}),
    "it leaves its script": lambda: ExploredEngine(script=[0, 0]),
}


@pytest.mark.parametrize("make", CUT.values(), ids=CUT)
def test_nothing_is_checked_in_an_execution_that_was_cut(make: Callable[[], ExploredEngine]) -> None:
    """A search gives one up where it knows the rest, in the middle of everything; nor is anybody blamed for waiting there."""

    def arrange(engine: Engine) -> Made:
        word = Word(cast(Hypervisor, Memory(engine, 1)), "word")
        for name in ("P", "Q"):
            engine.add(Process(name, lambda: word.write(1)))
        return Made([lambda: engine.violate(ASSERTION, "checked")])

    engine = make()
    Program("sample", "Nothing.", ("any",), lambda module, kind, engine: arrange(engine)).execute(ModuleType("none"), "any", engine)
    assert (engine.complete, engine.failure) == (False, None)


def test_nothing_is_checked_where_nobody_knows_what_a_loop_does_next() -> None:
    """It counts its turns, and the execution ends in the middle of them."""

    def arrange(engine: Engine) -> Made:
        word = Word(cast(Hypervisor, Memory(engine, 1)), "word")

        def counts() -> None:
            turns = 0
            while not word.read() and turns < 1_000:
                turns += 1
                engine.relax()

        engine.add(Process("P", counts))
        return Made([lambda: engine.violate(ASSERTION, "checked")])

    engine = ExploredEngine()
    Program("sample", "Nothing.", ("any",), lambda module, kind, engine: arrange(engine)).execute(ModuleType("none"), "any", engine)
    assert (engine.complete, engine.failure) == (False, None)


def test_what_raises_while_it_is_arranged_is_a_crash() -> None:
    """A stage may do so in its constructor."""

    def arrange(engine: Engine) -> Made:
        raise KeyError("no")

    failure = executed(arrange)
    assert failure is not None
    assert failure.kind == CRASH
    assert failure.message.startswith("KeyError: 'no' at test_program.py:")


def test_the_user_may_interrupt() -> None:
    """That is nobody's fault."""

    def arrange(engine: Engine) -> Made:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        executed(arrange)


def test_a_mistake_of_the_suite_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends the execution of the program, whoever executes it."""
    monkeypatch.setattr(diagnosis, "JUDGING", CodePlaces(__file__))

    def arrange(engine: Engine) -> Made:
        raise ValueError("wrong")

    with pytest.raises(SuiteMistake, match=r"^suite test_program.py:\d+: ValueError: wrong$"):
        executed(arrange)
