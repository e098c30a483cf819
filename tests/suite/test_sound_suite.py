"""What can be wrong with a suite that is one."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from harness.litmus.litmus_suite import SUITE as COUNTED
from harness.machine.engine import Engine
from harness.machine.named_bits import WordNames
from harness.native.glue import NativeCall, NativeGlue
from harness.suite.clause import Clause, by_id
from harness.suite.load import Load
from harness.suite.parameters import Window
from harness.suite.probe import Probe
from harness.suite.program import Program
from harness.suite.sound_suite import problem_of
from harness.suite.suite import Suite
from harness.tasklets.tasklet_suite import SUITE as SHIPPED


def _arrange(module: ModuleType, kind: str, engine: Engine) -> Any:
    raise NotImplementedError


PROGRAM = Program("p", "Nothing.", ("k",), _arrange)
CLAUSE = Clause("c", "Nothing.", (PROGRAM,), ("k",))
PROBE = Probe("p", "Nothing.", ("k",), lambda module, kind: 0)
LOAD = Load("l", "nothing", "nobody", Window, lambda run, module, parameters: None)  # type: ignore[arg-type, return-value]
GLUE = NativeGlue("Queue", {"Node": "node"}, (NativeCall("put"),))
SOUND = Suite("s", "Nothing.", ("k",), by_id(CLAUSE))

WRONG: dict[str, dict[str, Any]] = {
    "name '' has to be a text": {"name": ""},
    "kinds 'k' has to be a tuple of texts": {"kinds": "k"},
    "names no clause": {"clauses": {}},
    "clause 'c' has to be a Clause": {"clauses": {"c": 5}},
    "clause 'c' is called 'd'": {"clauses": {"d": CLAUSE}},
    "clause c has no programs": {"clauses": by_id(replace(CLAUSE, programs=()))},
    "clause c has something else than programs: is `@program()` missing?": {"clauses": by_id(replace(CLAUSE, programs=(print,)))},  # type: ignore[arg-type]
    "clause c has two programs of one name": {"clauses": by_id(replace(CLAUSE, programs=(PROGRAM, PROGRAM)))},
    "program p is for kinds ['k'], and the suite tests other": {"kinds": ("other",)},
    "clause c is for kinds [], and the suite tests k": {"clauses": by_id(replace(CLAUSE, kinds=()))},
    "probes has to be a tuple of Probe": {"probes": (5,)},
    "loads has to be a mapping of Load": {"loads": {"a": 5}},
    "lacks has to be a function": {"lacks": ""},
    "kinds ('k', 'k') has one of them twice": {"kinds": ("k", "k")},
    "clause c has 5 for its sentence": {"clauses": by_id(replace(CLAUSE, sentence=5))},  # type: ignore[arg-type]
    "probes has to be a tuple": {"probes": 5},
    "two probes are called 'p (k)'": {"probes": (PROBE, PROBE)},
    "probe p is for kinds ['other'], and": {"probes": (replace(PROBE, kinds=("other",)),)},
    "loads has to be a mapping": {"loads": 5},
    "load 'l' is called 'm'": {"loads": {"m": LOAD}},
    "load l has <class 'int'> for its parameters": {"loads": {"l": replace(LOAD, parameters=int)}},  # type: ignore[arg-type]
    "load l has figures that are no tuple": {"loads": {"l": replace(LOAD, figures=(5,))}},  # type: ignore[arg-type]
    "words has to be a tuple of WordNames": {"words": ("state",)},
    "words: '*.state' is no regular expression: nothing to repeat": {"words": (WordNames("*.state", masks=("A",)),)},
    "words: 'x' has masks and bits that are no tuples": {"words": (WordNames("x", masks="A"),)},  # type: ignore[arg-type]
    "words: 'x' names nothing": {"words": (WordNames("x"),)},
    "words: 'x' has one of cpu_from and cpu_if": {"words": (WordNames("x", ("A",), cpu_from="B"),)},
    "native has to be a NativeGlue": {"native": 5},
    "native: structs has to be a mapping": {"native": replace(GLUE, structs="b")},  # type: ignore[arg-type]
    "native: calls has to be a tuple of NativeCall": {"native": replace(GLUE, calls=("x",))},  # type: ignore[arg-type]
    "native: a call has a name, and a tuple": {"native": replace(GLUE, calls=(NativeCall("a", "b"),))},  # type: ignore[arg-type]
    "native: two calls have one name": {"native": replace(GLUE, calls=(NativeCall("a"), NativeCall("a", ("b",))))},
    "native: subsystem is the name of a class": {"native": replace(GLUE, subsystem="")},
}


@pytest.mark.parametrize("said", WRONG)
def test_each_fault_is_said(said: str) -> None:
    """The first one is."""
    assert problem_of(replace(SOUND, **WRONG[said])).startswith(said)


def test_sound_suites_have_no_problem() -> None:
    """Neither the smallest one nor those that ship."""
    whole = replace(SOUND, probes=(PROBE,), loads={"l": LOAD}, words=(WordNames("x", ("A",)),), native=GLUE)
    assert [problem_of(suite) for suite in (SOUND, whole, COUNTED, SHIPPED)] == ["", "", "", ""]
