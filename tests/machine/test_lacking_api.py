"""Whose fault it is that a line of a suite raises: the stage's, where what it lacks is the stage's, and else the suite's."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.machine import diagnosis
from harness.machine.code_places import CodePlaces
from harness.machine.diagnosis import MISTAKE, UNTESTABLE, crash, judge
from harness.machine.lacking_api import STAGE_MODULE

STAGE = """
class Ring:
    def __init__(self, size): pass
    def push(self, item): pass
class Bare: pass
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
    """What a line of a suite raises, as a kind: the line may use `stage` and what the suite has itself."""
    monkeypatch.setattr(diagnosis, "JUDGING", CodePlaces())
    stage, module = ModuleType(STAGE_MODULE), ModuleType("suite_of_this_test")
    exec(compile(STAGE, str(tmp_path / "stage.py"), "exec"), vars(stage))
    module.__file__ = str(tmp_path / "suite.py")
    exec(compile(SUITE, module.__file__, "exec"), vars(module))
    vars(module)["stage"] = stage
    judge(module.__file__)
    monkeypatch.setitem(sys.modules, STAGE_MODULE, stage)
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def kind(line: str) -> str:
        try:
            exec(compile(line, str(module.__file__), "exec"), vars(module))
        except Exception as error:
            return crash(error).kind
        raise AssertionError(line)

    return kind


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
    assert suite(line) == UNTESTABLE


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
    assert suite(line) == MISTAKE
