"""A barrier that would mend a test function, looked for in the lines of its file."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from harness.pytest_plugin.function_search import FAILS, HOLDS, FunctionResult, FunctionSearch, Wanted
from harness.report.looks import EVERYWHERE

FLAGS = """
class Flags:
    made = 0

    def __init__(self, machine):
        self.words = machine.word("x"), machine.word("y")

    def enter(self, me):
        self.words[me].write(1)
        return self.words[1 - me].read()

    @property
    def both(self):
        return all(word.value for word in self.words)


def test_entering(machine):
    flags = Flags(machine)
    seen = [1, 1]

    def go(me):
        seen[me] = flags.enter(me)

    machine.cpu(0, lambda: go(0))
    machine.cpu(1, lambda: go(1))
    machine.run()
    assert flags.both
    assert seen != [0, 0]


def test_in_one_expression(machine):
    words, seen = (machine.word("x"), machine.word("y")), [1, 1]
    machine.cpu(0, lambda: (words[0].write(1), seen.__setitem__(0, words[1].read())))
    machine.cpu(1, lambda: (words[1].write(1), seen.__setitem__(1, words[0].read())))
    machine.run()
    assert seen != [0, 0]


def test_lost(machine):
    count = machine.word("count")
    for cpu in 0, 1:
        machine.cpu(cpu, lambda: count.write(count.read() + 1))
    machine.run()
    assert count.value == 2
"""


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    """The tests above, in a file."""
    path = tmp_path / "test_flags.py"
    path.write_text(FLAGS, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("test_flags", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def searched(module: ModuleType, name: str, model: str) -> FunctionResult:
    """What a search of a function finds."""

    def function(machine: object) -> None:
        getattr(module, name)(machine)

    return FunctionSearch(name, function, module, Wanted(model), str).searched(EVERYWHERE)


def ends(found: FunctionResult) -> str:
    """What is said after the reason."""
    return " ".join(found.execution.split()).rpartition("assertion: ")[2].partition("); ")[2]


def test_in_a_class_of_the_file(module: ModuleType) -> None:
    """The line before which a barrier has to stand; with it, the test holds, as the hint says."""
    found = searched(module, "test_entering", "tso")
    assert found.outcome == FAILS
    assert ends(found) == "with smp_mb() before line 10 (`return self.words[1 - me].read()`), none of all 3 executions fails"
    mended = FLAGS.replace("        return self.words[1", "        self.words[0].hv.smp_mb()\n        return self.words[1")
    exec(compile(mended, str(module.__file__), "exec"), module.__dict__)
    assert searched(module, "test_entering", "tso").outcome == HOLDS


def test_no_place_in_between(module: ModuleType) -> None:
    """In the middle of an expression no barrier is tried, and that is said of the test's lines."""
    assert ends(searched(module, "test_in_one_expression", "tso")) == "no barriers in the test's own lines mend the program"


def test_where_no_barrier_is_missing(module: ModuleType) -> None:
    """Nothing is said where the execution has no store buffers."""
    assert ends(searched(module, "test_lost", "sc")) == ""


def test_in_plain_words(module: ModuleType) -> None:
    """The execution is told as `harness replay` tells one of a stage, with how it was executed, and no stage and clause."""
    lines = searched(module, "test_entering", "tso").execution.splitlines()
    assert lines[0].startswith("memory model tso, ")
    assert any(line.startswith("CPU0 calls go (row 0)") for line in lines)
