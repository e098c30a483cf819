"""The barriers of the machine's core: a program fails without each, which it does not with it, and the core of 2014 lacks two."""

from __future__ import annotations

import importlib
from dataclasses import fields, replace

import pytest

from harness.explored.models import ARM_2014, EVERY_ENGINE
from harness.explored.view_engine import ViewEngine
from harness.machine.core import MENDED, XEN_2014, Core
from harness.search.race_detector import checking_races
from harness.search.search import EXHAUSTED, FAILED, Limits, SearchResult, search
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.tasklets.contract import CHECKED
from harness.verify.no_races import executing
from stages import FIXED, POSTED
from stages.api import Series

PROGRAMS = {program.name: program for each in CHECKED for program in each.programs}

# Each barrier, and who needs it: a program, on which stage and for which kind of tasklet. The fixed series has a lock wherever a CPU that
# dies has left something, so only the posted one needs what its death tells.
NEEDED: list[tuple[str, Series, int, str, str]] = [
    ("schedule_looks", FIXED, 0, "by-another-cpu", "vcpu"),
    ("death_tells", POSTED, 1, "scheduled-on-a-cpu-that-goes", "irq-client"),
    ("online_tells", FIXED, 5, "up-cancelled", "softirq"),
    ("offline_tells", FIXED, 5, "dies-while-killed", "softirq"),
]
IDS = [barrier for barrier, *_ in NEEDED]


def explored(with_core: Core, series: Series, stage: int, program: str, kind: str) -> SearchResult:
    """Search a program under the ARM-like model on a machine with this core; a data race is a failure."""
    make = type("Cored", (ViewEngine,), {"core": with_core})
    execute = executing(PROGRAMS[program], importlib.import_module(series.stages[stage].module), kind)
    return search(checking_races(execute), OptimalDpor(make), Limits())


def test_every_barrier_has_a_program() -> None:
    """None is there without need."""
    assert [field.name for field in fields(Core)] == ["name", *IDS]


@pytest.mark.parametrize(("barrier", "series", "stage", "program", "kind"), NEEDED, ids=IDS)
def test_without_it_that_program_fails(barrier: str, series: Series, stage: int, program: str, kind: str) -> None:
    """And with it, it does not."""
    without = replace(MENDED, **{barrier: False})  # type: ignore[arg-type]
    assert explored(without, series, stage, program, kind).verdict == FAILED
    assert explored(MENDED, series, stage, program, kind).verdict == EXHAUSTED


def test_the_core_of_2014() -> None:
    """It is the mended one without those that only ARM needs, and there is an engine for it."""
    assert replace(XEN_2014, name="mended", schedule_looks=True, death_tells=True) == MENDED
    assert (EVERY_ENGINE[ARM_2014].core, ViewEngine.core) == (XEN_2014, MENDED)
