"""Whose fault it is that a line of a suite raises: the stage's, where what it lacks is the stage's, and else the suite's."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.machine import diagnosis
from harness.machine.code_places import CodePlaces
from harness.machine.diagnosis import MISTAKE, UNTESTABLE, Violation, crash, judge
from harness.machine.lacking_api import STAGE_MODULE, ApiLack, in_common, lacked

STAGE = """
class Ring:
    def __init__(self, size): self.slots = []
    def push(self, item): pass
class Bare: pass
class Sly:
    __slots__ = ("held",)
    @property
    def __dict__(self): raise SystemExit
class Own:
    def push(self, item): pass
def step(hv): pass
"""
# A name that both have is nobody's for sure.
SUITE = """
class Own:
    def push(self, item): pass
def handed(value): return sorted([value, value])
"""


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a line of a suite raises, as a violation: the line may use `stage` and what the suite has itself."""
    monkeypatch.setattr(diagnosis, "JUDGING", CodePlaces())
    stage, module = ModuleType(STAGE_MODULE), ModuleType("suite_of_this_test")
    exec(compile(STAGE, str(tmp_path / "stage.py"), "exec"), vars(stage))
    module.__file__ = str(tmp_path / "suite.py")
    exec(compile(SUITE, module.__file__, "exec"), vars(module))
    vars(module)["stage"] = stage
    judge(module.__file__)
    monkeypatch.setitem(sys.modules, STAGE_MODULE, stage)
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def raised(line: str) -> Violation:
        try:
            exec(compile(line, str(module.__file__), "exec"), vars(module))
        except Exception as error:
            return crash(error)
        raise AssertionError(line)

    return raised


@pytest.mark.parametrize(
    "line",
    [
        "stage.Ring(1).pop()",
        "stage.Ring.pop",
        "stage.Queue",
        "stage.Ring()",
        "stage.Ring(1, 2)",
        "stage.Ring(1).push()",
        "stage.Ring(1).push(thing=1)",
        "stage.Bare(1)",
        "stage.step()",
    ],
)
def test_the_stage_lacks_what_is_called(suite: Any, line: str) -> None:
    """An attribute of the stage, of a class or of an instance; or a parameter of a function."""
    assert suite(line).kind == UNTESTABLE


@pytest.mark.parametrize(
    "line",
    [
        "None.pop()",
        "stage.step(1).pop()",
        "handed()",
        "Own().pop()",
        "stage.Own().push()",
        "raise AttributeError('pop')",
        "raise TypeError('Ring.push is wrong')",
        "handed(stage.Ring(1))",
        "len(5)",
        "stage.Ring(1)()",
    ],
)
def test_else_the_suite_is_wrong(suite: Any, line: str) -> None:
    """Where it is about something else, or about who knows whose function."""
    assert suite(line).kind == MISTAKE


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("stage.Ring(1).pusch(2)", "push"),
        ("stage.Ring.pusch", "push"),
        ("stage.Ring(1).slot", "slots"),
        ("stage.Rings", "Ring"),
        ("stage.Sly().hold", "held"),
        ("stage.Ring(1).capacity", ""),
    ],
)
def test_what_may_have_been_meant(suite: Any, line: str, near: str) -> None:
    """A name that the stage's object has, if one is nearly the same; what the stage has put in the way is not called."""
    said = suite(line).message
    assert said.endswith(f"; is {near!r} meant?") if near else "meant" not in said


def test_both_possibilities_are_named(suite: Any) -> None:
    """With the line of the suite, and what Python says."""
    assert suite("stage.Ring(1).pusch(2)").message == (
        "has no 'pusch', which suite suite.py:1 asks for (AttributeError: 'Ring' object has no attribute 'pusch'): "
        "the stage lacks it, or the suite's name is wrong; is 'push' meant?"
    )
    assert suite("stage.Ring(1).push()").message == (
        "does not take what suite suite.py:1 passes to 'Ring.push' "
        "(TypeError: Ring.push() missing 1 required positional argument: 'item'): "
        "the stage has other parameters, or the suite's call is wrong"
    )


@pytest.mark.parametrize("lack", [ApiLack("pop", near="push"), ApiLack("it's", near=""), ApiLack("Ring.push", is_call=True)])
def test_what_several_stages_have_in_common(lack: ApiLack) -> None:
    """The line and the name, and not what one of them has instead, or what Python says of it."""
    said = in_common(lack.sentence("suite s.py:3", "TypeError: f() (x)"))
    assert repr(lack.name) in said
    assert "suite s.py:3 " in said
    assert "meant" not in said
    assert in_common(f"does not import: {said}") == ""


def test_what_is_lacking_is_the_same_whichever_line_asks() -> None:
    """A name and a call of it are not; what is no such sentence is what it is."""
    names = [lacked(lack.sentence(f"suite s.py:{line}", "E")) for lack in (ApiLack("f"), ApiLack("f", is_call=True)) for line in (1, 2)]
    assert (names[0], names[2]) == (names[1], names[3])
    assert names[0] != names[2]
    assert lacked("is missing") == "is missing"
