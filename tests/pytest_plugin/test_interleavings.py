"""Marked test functions in a session of pytest."""

from __future__ import annotations

import re

import pytest

from harness.explored.models import ENGINES
from tests.pytest_plugin.made_series import Session, outcomes

TESTS = """
import os
import pytest

@pytest.fixture
def amount():
    return 1

@pytest.fixture
def early(machine):
    return machine.word("early")

def counting(machine, add):
    count = machine.word("count")
    machine.cpu(0, lambda: add(count))
    machine.cpu(1, lambda: add(count))
    machine.run()
    assert count.value == 2

@pytest.mark.interleavings
@pytest.mark.parametrize("word", ["a", "b"])
def test_holds(machine, amount, word):
    counting(machine, lambda count: count.add(amount))

@pytest.mark.interleavings(model="sc")
def test_fails(machine):
    counting(machine, lambda count: count.write(count.read() + 1))

@pytest.mark.interleavings
def test_hangs(machine):
    def forever():
        while True:
            pass
    machine.cpu(0, forever)

@pytest.mark.interleavings
def test_dies(machine):
    machine.cpu(0, lambda: os._exit(3))

@pytest.mark.interleavings
def test_skips(machine):
    pytest.skip("not today")

@pytest.mark.interleavings(executions=1, preemptions=0, exhaustive=False)
def test_in_part(machine):
    counting(machine, lambda count: count.add(1))

class TestThem:
    @pytest.mark.interleavings
    def test_method(self, machine):
        counting(machine, lambda count: count.add(1))

LATE = pytest.mark.xfail(strict=True)

@pytest.mark.interleavings(model=["sc", pytest.param("tso", marks=LATE)])
@pytest.mark.parametrize("first", [1, 2])
def test_models(machine, first):
    x, y, seen = machine.word("x"), machine.word("y"), []
    machine.cpu(0, lambda: (x.write(first), seen.append(y.read())))
    machine.cpu(1, lambda: (y.write(1), seen.append(x.read())))
    machine.run()
    assert seen != [0, 0]

@pytest.mark.interleavings(model="all")
class TestAll:
    def test_each(self, machine):
        counting(machine, lambda count: count.write(count.read() + 1))

@pytest.mark.interleavings(model=["sc", "arm-2014"])
def test_no_model(machine): pass

@pytest.mark.interleavings(model=["sc", "sc"])
def test_twice(machine): pass

@pytest.mark.interleavings(model=[])
def test_no_models(machine): pass

@pytest.mark.interleavings(modle="sc")
def test_unknown(machine): pass

@pytest.mark.interleavings(cpus=9)
def test_many(machine): pass

@pytest.mark.interleavings
def test_without(): pass

def test_unmarked(machine): pass

@pytest.mark.interleavings
def test_too_early(early, machine): pass
"""
WORDS = {
    "test_holds[a]": "PASSED",
    "test_holds[b]": "PASSED",
    "test_fails": "FAILED",
    "test_hangs": "FAILED",
    "test_dies": "FAILED",
    "test_in_part": "PASSED",
    "TestThem::test_method": "PASSED",
    **{f"test_models[{first}-{model}]": word for first in (1, 2) for model, word in (("sc", "PASSED"), ("tso", "XFAIL"))},
    **{f"TestAll::test_each[{model}]": "FAILED" for model in ENGINES},
    "test_no_model": "FAILED",
    "test_twice": "FAILED",
    "test_no_models": "FAILED",
    "test_unknown": "FAILED",
    "test_many": "FAILED",
    "test_without": "FAILED",
    "test_unmarked": "ERROR",
    "test_too_early": "ERROR",
}
SAID = (
    "E       assert 1 == 2",
    "  1*  read count = 0 ",
    "hang: CPU0: forever (test_it.py) does not come back",
    "the test ended the process that ran it (exit code 3)",
    "@pytest.mark.interleavings does not know 'modle': it takes model, cpus, executions, preemptions, steps, exhaustive, races, seed",
    "(2 executions, up to the first that fails, memory model arm)",
    "@pytest.mark.interleavings: unknown memory model 'arm-2014': choose from sc, tso, pso, arm, all; several as a list",
    "@pytest.mark.interleavings: model names sc more than once",
    "@pytest.mark.interleavings: model=[] is neither a memory model nor a list of some: choose from sc, tso, pso, arm, all",
    "@pytest.mark.interleavings: cpus=9 is no whole number from 1 to 4",
    "a test that is marked with @pytest.mark.interleavings takes the fixture `machine`, on which it builds its program",
    "the fixture `machine` is for tests that are marked with @pytest.mark.interleavings",
    "there is a machine only while the test function runs: use machine.word there, and not in a fixture",
    "harness: test_it.py::test_in_part: 4 executions, not every one, memory model tso, as exhaustive=False allows",
)


def test_functions_are_tests(session: Session, pytester: pytest.Pytester) -> None:
    """With fixtures, parameters and classes; neither a loop nor an exit ends the session; and an execution is executed again."""
    pytester.makepyfile(test_it=TESTS)
    result = session("-rA", "-W", "error")
    assert outcomes(result) == {f"test_it.py::{name}": word for name, word in WORDS.items()} | {"[1]": "SKIPPED"}
    text = result.stdout.str()
    assert [said for said in SAID if said not in text] == []
    (of_arm,) = re.findall(r"pytest --harness-replay (\S+/arm\.\S+)", text)
    session("--harness-replay", of_arm).stdout.fnmatch_lines(["FAILED test_it.py::TestAll::test_each[[]arm] *"])
    (string,) = re.findall(r"pytest --harness-replay (\S+/test_fails/\S+)", text)
    again = session("--harness-replay", string)
    again.assert_outcomes(failed=1)
    assert f"pytest --harness-replay {string}" in again.stdout.str()
    pytester.makepyfile(test_it=TESTS.replace("count.write(count.read() + 1)", "count.add(1)"))
    mended = session("--harness-replay", string)
    mended.assert_outcomes(passed=1)
    assert "harness: recorded when test_it.py had another content: it may be another execution now" in mended.outlines
    assert "harness: test_it.py::test_fails: the execution that was executed again violates nothing" in mended.outlines
