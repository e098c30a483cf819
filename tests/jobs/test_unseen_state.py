"""What a stage may not change outside cells, and that nothing else makes a stage untestable."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.jobs.stage_loading import load, loaded
from harness.jobs.unseen_state import Executed, UnseenState
from harness.search.search import PASSED, judge, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.sources.single_file import target_of_file
from harness.tasklets.contract import CLAUSES
from harness.timed.timed_engine import TimedEngine
from stages import FIXED

PROGRAM = CLAUSES["exactly-once"].programs[0]

# Appended to a stage: `note` is called whenever a tasklet is scheduled.
CALLED = """
schedule = TaskletSubsystem.tasklet_schedule_on_cpu
def scheduling(self, t, cpu):
    note(self, t)
    schedule(self, t, cpu)
TaskletSubsystem.tasklet_schedule_on_cpu = scheduling
"""


def added(value: str) -> str:
    """What makes `value` an attribute of every subsystem."""
    return f"""
make = TaskletSubsystem.__init__
def making(self, hv):
    make(self, hv)
    self.added = {value}
TaskletSubsystem.__init__ = making
"""


# What is added to a stage, and the name of what changes then.
UNSEEN = {
    "a list of the subsystem": (added("[]") + "def note(self, t): self.added.append(1)", "TaskletSubsystem.added"),
    "an element of a list": (added("[0, 0]") + "def note(self, t): self.added[1] += 1", "TaskletSubsystem.added[1]"),
    "a value in a dictionary": (added("{'a': {}}") + "def note(self, t): self.added['a'][t] = 1", "TaskletSubsystem.added['a']"),
    "the order of a dictionary": (
        added("{1: 1, 2: 2}") + "def note(self, t): self.added[1] = self.added.pop(1)",
        "TaskletSubsystem.added",
    ),
    "a set": (added("set()") + "def note(self, t): self.added.add(1)", "TaskletSubsystem.added"),
    "a bytearray": (added("bytearray(2)") + "def note(self, t): self.added[0] = 7", "TaskletSubsystem.added[0]"),
    "a list for each CPU": (
        added("hv.per_cpu('mine', lambda hv, name: [])") + "def note(self, t): self.added[self.hv.smp_processor_id()].append(1)",
        "TaskletSubsystem.added[0]",
    ),
    "an iterator": (added("iter([1, 2])") + "def note(self, t): next(self.added, 0)", "TaskletSubsystem.added"),
    "a generator": (
        added("(i for i in range(9))") + "def note(self, t): next(self.added, 0)",
        "TaskletSubsystem.added",
    ),
    "an object's slot": (
        "class Note:\n    __slots__ = ('n',)\n" + added("Note()") + "def note(self, t): self.added.n = 1",
        "TaskletSubsystem.added.n",
    ),
    "a field of a bound method's object": (
        "class Note:\n    n = 0\n    def more(self): self.n += 1\n" + added("Note().more") + "def note(self, t): self.added()",
        "TaskletSubsystem.added.n",
    ),
    "an attribute of the subsystem": ("def note(self, t): self.count = 1", "TaskletSubsystem.count"),
    "an attribute of a tasklet": ("def note(self, t): t.count = 1", "Tasklet.count"),
    "a class attribute": ("def note(self, t): Tasklet.count = 1", "Tasklet.count"),
    "a global": ("count = 0\ndef note(self, t):\n    global count\n    count += 1", "count"),
    "a global list": ("seen = []\ndef note(self, t): seen.append(1)", "seen"),
    "a global counter": ("import itertools\nturns = itertools.count()\ndef note(self, t): next(turns)", "turns"),
    "a default argument": ("def note(self, t, seen={}): seen[1] = 1", "the default of seen in note"),
    "a keyword's default": ("def note(self, t, *, seen=[]): seen.append(1)", "the default of seen in note"),
    "an attribute of a function": ("def note(self, t): note.count = 1", "note.count"),
    "a variable of a closure": (
        "def made():\n    count = 0\n    def note(self, t):\n        nonlocal count\n        count += 1\n    return note\nnote = made()",
        "count in note",
    ),
    "a default in a static method": (
        "class Note:\n    @staticmethod\n    def more(seen=[]): seen.append(1)\ndef note(self, t): Note.more()",
        "the default of seen in Note.more",
    ),
    "a class made at run time": (
        added("type('Note', (), {'n': 0})()") + "def note(self, t): type(self.added).n += 1",
        "Note.n",
    ),
    "a module beside it": ("import beside\ndef note(self, t): beside.count += 1", "beside.count"),
}

SEEN = {
    "nothing": "def note(self, t): pass",
    "a table made at import": "table = {bit: 1 << bit for bit in range(8)}\ndef note(self, t): assert table[3] == 8",
    "constants of the subsystem": added("[1, [2], {'a': (3,)}]") + "def note(self, t): assert self.added[1] == [2]",
    "the same value again": "count = 7\ndef note(self, t):\n    global count\n    count = 7",
    "cells": added("hv.per_cpu('mine', Word)") + "def note(self, t): self.added[self.hv.smp_processor_id()].add(1)",
    "local variables": "def note(self, t):\n    seen = []\n    seen.append(t)",
}


def executed(directory: Path, stage: int, code: str) -> Executed:
    """A small program on a stage with code appended."""
    (directory / "beside.py").write_text("count = 0\n")
    path = directory / "stage.py"
    path.write_text(f"{FIXED.stages[stage].path.read_text(encoding='utf-8')}\n{code}\n{CALLED}", encoding="utf-8")
    return Executed(PROGRAM, load(target_of_file(str(path))), "softirq")


@pytest.mark.parametrize("stage", [0, 5])
@pytest.mark.parametrize(("code", "name"), UNSEEN.values(), ids=UNSEEN)
def test_state_outside_cells_is_named(tmp_path: Path, stage: int, code: str, name: str) -> None:
    """Whatever holds it, and in virtual time as well."""
    for engine in (ExploredEngine(), TimedEngine()):
        with pytest.raises(UnseenState) as caught:
            executed(tmp_path, stage, code)(engine)
        assert f"the machine does not see it: {name} changes while {PROGRAM.name} runs (softirq)" in str(caught.value)


def test_a_later_execution_is_looked_at_as_well(tmp_path: Path) -> None:
    """What the first ones left alone."""
    # (The test counts the executions, as the stage may not.)
    turns: list[int] = []
    execute = executed(tmp_path, 5, "def note(self, t):\n    if turns() > 1: t.count = 1\nturns = None")
    execute.module.turns = lambda: (turns.append(1), len(turns))[1]  # type: ignore[attr-defined]
    execute = Executed(PROGRAM, execute.module, "softirq")
    execute(ExploredEngine())
    with pytest.raises(UnseenState, match=r"Tasklet\.count"):
        execute(ExploredEngine())


def test_objects_of_a_stage_in_c_hold_no_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They stand for its memory, of which the machine sees everything; loading a stage in Python ends that."""
    execute = executed(tmp_path, 5, UNSEEN["a module beside it"][0])
    monkeypatch.setattr(loaded, "in_c", execute.module)
    Executed(PROGRAM, execute.module, "softirq")(ExploredEngine())
    with pytest.raises(UnseenState):
        executed(tmp_path, 5, UNSEEN["a module beside it"][0])(ExploredEngine())


@pytest.mark.parametrize("code", SEEN.values(), ids=SEEN)
def test_what_does_not_change_is_nobodys_business(tmp_path: Path, code: str) -> None:
    """All executions are searched."""
    assert judge(search(executed(tmp_path, 5, code), OptimalDpor())) == PASSED
