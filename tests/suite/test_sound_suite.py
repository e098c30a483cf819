"""What can be wrong with a suite that is one."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from harness.litmus.litmus_suite import SUITE as COUNTED
from harness.machine.engine import Engine
from harness.suite.clause import Clause, by_id
from harness.suite.program import Program
from harness.suite.sound_suite import problem_of
from harness.suite.suite import Suite
from harness.tasklets.tasklet_suite import SUITE as SHIPPED


def _arrange(module: ModuleType, kind: str, engine: Engine) -> Any:
    raise NotImplementedError


PROGRAM = Program("p", "Nothing.", ("k",), _arrange)
CLAUSE = Clause("c", "Nothing.", (PROGRAM,), ("k",))
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
}


@pytest.mark.parametrize("said", WRONG)
def test_each_fault_is_said(said: str) -> None:
    """The first one is."""
    assert problem_of(replace(SOUND, **WRONG[said])).startswith(said)


def test_sound_suites_have_no_problem() -> None:
    """Neither the smallest one nor those that ship."""
    assert [problem_of(suite) for suite in (SOUND, COUNTED, SHIPPED)] == ["", "", ""]
