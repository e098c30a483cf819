"""Stages in C come to what their twins in Python come to, whoever has compiled them; each known difference is where it should be."""

from __future__ import annotations

from types import ModuleType

import pytest

from harness.explored.models import ARM, SC, TSO
from harness.tasklets.contract import CLAUSES
from tests.native.in_c import COMPILERS, needs_cc
from tests.native.twins import STAGES, Found, in_c, in_python, searched, waiting_at_once, with_flag

pytestmark = needs_cc
LAST = STAGES[-1]
MOST = 60


def found(module: ModuleType, clause: str, program: str, kind: str, model: str = SC) -> Found:
    """What a search of it finds."""
    return searched(CLAUSES[clause].program_named(program), module, kind, model, MOST)


@pytest.mark.parametrize("model", [SC, TSO, ARM])
@pytest.mark.parametrize("stage", [STAGES[0], LAST])
def test_same_executions(stage: str, model: str) -> None:
    """Where nothing is known to differ, C and Python execute the same number of times, and both pass."""
    for clause, program, kind in (("fifo", "order-of-hypercall", "softirq"), ("kill-cancels", "cancelled-here", "vcpu")):
        python, c = (found(module, clause, program, kind, model) for module in (in_python(stage), in_c(stage)))
        assert python == c
        assert c.verdict == "passed"


def test_the_flag_is_memory_in_c() -> None:
    """An interrupt can come before C code looks whether tasklets are initialised: Python has as many executions once it is memory there."""
    where = ("no-lost-schedule", "racing-interrupt", "vcpu")
    assert found(in_python(LAST), *where) != found(in_c(LAST), *where) == found(with_flag(LAST), *where)


def test_a_loop_in_c_is_known_to_wait_a_turn_later() -> None:
    """Where a loop in C is taken to wait as soon as that in Python does, both have the same executions."""
    where = ("kill-quiesces", "killed-while-scheduled", "softirq")
    assert found(in_python(STAGES[0]), *where) != found(in_c(STAGES[0]), *where)
    with waiting_at_once():
        assert found(in_python(STAGES[0]), *where) == found(in_c(STAGES[0]), *where)


@pytest.mark.parametrize("cc", COMPILERS)
def test_optimised_code_has_the_same_executions(cc: str) -> None:
    """The hooks are at the same accesses, whoever compiles at -O2."""
    where = ("no-lost-schedule", "racing-interrupt", "vcpu")
    assert found(in_c(LAST, cc, ("-O2",)), *where) == found(in_c(LAST), *where)
