"""Verdicts: whatever comes out of a program under test becomes one, with the place where it happened."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.machine import diagnosis
from harness.machine.code_places import CodePlaces
from harness.machine.diagnosis import BUG, CRASH, MISTAKE, Mistake, Violation, crash, inner, judge, overflow, where


def _raise() -> None:
    raise ValueError("first line\nsecond line")


def _exit() -> None:
    sys.exit("enough")


def _interrupt() -> None:
    raise KeyboardInterrupt


def _recurse() -> None:
    _recurse()


def _bare() -> None:
    raise AssertionError


class Undescribed(Exception):
    """Its text is none."""

    def __str__(self) -> str:
        return self.args  # type: ignore[return-value]


class Endless(Exception):
    """To say what it is raises it again."""

    def __str__(self) -> str:
        raise self


def _undescribed() -> None:
    raise Undescribed


def _endless() -> None:
    raise Endless


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (_raise, "ValueError: first line at test_diagnosis.py:"),
        (_exit, "SystemExit: enough at test_diagnosis.py:"),
        (_interrupt, "KeyboardInterrupt at test_diagnosis.py:"),
        (_recurse, "RecursionError: "),
        (_bare, "AssertionError at test_diagnosis.py:"),
        (_undescribed, "TypeError: __str__ returned non-string (type tuple) at test_diagnosis.py:"),
        (_endless, "RuntimeError: an exception that cannot be described at test_diagnosis.py:"),
    ],
)
@pytest.mark.parametrize("place", ["program", "interrupt", "softirq"])
def test_what_comes_out_of_a_program_is_a_verdict(bench: Any, program: Any, expected: str, place: str) -> None:
    """In a guest, in an interrupt handler and in a softirq, any exception ends the execution, and not the harness."""
    m = bench.machine
    m.open_softirq(3, program)
    starts = {
        "program": lambda: bench.on(1, program),
        "interrupt": lambda: bench.device(lambda: m.interrupt(1, program)),
        "softirq": lambda: bench.on(1, lambda: m.raise_softirq(3)),
    }
    starts[place]()
    failure = bench.run()
    assert failure.kind == CRASH
    assert failure.message.startswith(expected)


def test_the_first_violation_counts(bench: Any) -> None:
    """What goes wrong while an execution is being unwound is not the verdict."""

    def program() -> None:
        try:
            bench.machine.BUG("the cause")
        finally:
            raise ValueError("a consequence")

    bench.on(0, program)
    failure = bench.run()
    assert failure.kind == BUG
    assert "the cause" in failure.message


def test_a_violation_is_no_exception_that_a_stage_catches() -> None:
    """`except Exception` does not hide a verdict."""
    assert not issubclass(Violation, Exception)


def test_where_names_the_caller_outside_the_machine(bench: Any) -> None:
    """File, line and function of the innermost place that is not the machine's own."""

    def somewhere() -> str:
        return where()

    assert somewhere() == f"test_diagnosis.py:{somewhere.__code__.co_firstlineno + 1} (somewhere)"
    with pytest.raises(Violation, match=r"test_diagnosis\.py:\d+ \(test_where_names_the_caller_outside_the_machine\)"):
        bench.machine.BUG_ON(True, "here")


def test_crash_keeps_one_line() -> None:
    """Messages of several lines are cut to the first one: a verdict is a cell of a table."""
    try:
        _raise()
    except ValueError as error:
        violation = crash(error)
    assert violation.kind == CRASH
    assert "\n" not in violation.message
    assert violation.message.endswith("(_raise)")


def test_programs_are_unwound_when_the_run_is_closed(bench: Any) -> None:
    """A process that was left waiting runs its `finally` clauses."""

    def program() -> None:
        try:
            bench.wait(bench.word("for ever"))
        finally:
            bench.log.append("unwound")

    bench.on(1, program)
    bench.run()
    assert bench.log == ["unwound"]


@pytest.mark.parametrize("folder", ["harness/machine", "harness/search", "harness/tasklets"])
def test_a_stage_below_a_folder_named_like_the_machines_is_no_machine(folder: str, tmp_path: Path) -> None:
    """Verdicts name its lines: the machine is where this machine's files are."""
    path = tmp_path / folder / "stage.py"
    scope: dict[str, Any] = {"where": where}
    exec(compile("def here():\n    return where()\n\ndef fails():\n    raise ValueError('no')\n", str(path), "exec"), scope)
    assert scope["here"]() == "stage.py:2 (here)"
    with pytest.raises(ValueError, match="no") as caught:
        scope["fails"]()
    assert crash(caught.value).message == "ValueError: no at stage.py:5 (fails)"


def test_code_can_declare_itself_the_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands between a stage and the machine is passed over once it has said so."""
    monkeypatch.setattr(diagnosis, "INNER", CodePlaces())
    path = str(tmp_path / "testbed.py")
    scope: dict[str, Any] = {"where": where}
    exec(compile("def here():\n    return where()\n", path, "exec"), scope)
    assert scope["here"]() == "testbed.py:2 (here)"
    inner(path)
    assert scope["here"]().startswith("test_diagnosis.py:")


def test_an_exception_in_a_suite_is_its_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it comes out of the suite's own lines, or of Python's library called from there; what others raise below it is theirs."""
    monkeypatch.setattr(diagnosis, "JUDGING", CodePlaces())
    path = tmp_path / "judge.py"
    path.write_text("import json\ndef own(): None.x\ndef library(): json.loads(5)\ndef passed(f): f()\ndef deep(): deep()\n")
    judge(str(path))
    space: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), space)
    said = {"own": "suite judge.py:2: AttributeError: ", "library": "suite judge.py:3: TypeError: "}
    for name, beginning in said.items():
        violation = caught(space[name])
        assert isinstance(violation, Mistake)
        assert (violation.kind, violation.message.startswith(beginning)) == (MISTAKE, True)
    assert caught(lambda: space["passed"](_raise)).kind == CRASH
    with pytest.raises(RecursionError) as raised:
        space["deep"]()
    assert overflow(raised.value, "CPU0").message.startswith("suite judge.py: RecursionError: maximum recursion depth")
    with pytest.raises(RecursionError) as other:
        _recurse()
    assert overflow(other.value, "CPU0").message.startswith("RecursionError: maximum recursion depth")


def caught(function: Callable[[], object]) -> Violation:
    """The verdict about what a function raises."""
    try:
        function()
    except Exception as error:
        return crash(error)
    raise AssertionError
