"""The series: what every stage must offer, that tables and docstrings agree, and that a diff of neighbours is a patch."""

from __future__ import annotations

import ast
import difflib
import importlib
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.machine.machine import Machine
from harness.tasklets.contract import CLAUSES
from harness.tasklets.installation import install
from harness.tasklets.tasklet_under_test import IRQ_CLIENT, SOFTIRQ, VCPU
from harness.timed.timed_engine import TimedEngine
from stages import FIXED, FIXED_C, SERIES
from stages.api import REQUIRED_CALLS, REQUIRED_NAMES, Series, Stage

IN_PYTHON = {name: series for name, series in SERIES.items() if series is not FIXED_C}
STAGES = [pytest.param(stage, id=f"{series.name}-{stage.index}") for series in IN_PYTHON.values() for stage in series.stages]
ALL_SERIES = [pytest.param(series, id=name) for name, series in IN_PYTHON.items()]
FILES = sorted((Path(__file__).resolve().parents[2] / "stages").rglob("*.py"))


def load(stage: Stage) -> Any:
    """The module of a stage."""
    return importlib.import_module(stage.module)


def names(stage: Stage) -> set[str]:
    """Everything that a stage's machine, subsystem and tasklets show by name."""
    module = load(stage)
    machine = Machine(TimedEngine(), 2)
    subsystem = install(machine, module)
    machine.boot(subsystem.tasklet_subsys_init)
    return {
        *(name for name in vars(module) if not name.startswith("_")),
        *(name for name in dir(subsystem) if not name.startswith("_")),
        *(f"Tasklet.{field.name}" for field in module.Tasklet.declared),
    }


def code(stage: Stage) -> list[str]:
    """The lines of a stage without its docstring and blank lines."""
    text = stage.path.read_text(encoding="utf-8")
    docstring = ast.parse(text).body[0]
    return [line for line in text.splitlines()[docstring.end_lineno or 0 :] if line.strip()]


def methods(stage: Stage) -> list[str]:
    """The methods of a stage's subsystem, in the order of the file."""
    classes = [node for node in ast.parse(stage.path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]
    return [node.name for node in classes[-1].body if isinstance(node, ast.FunctionDef)]


def test_the_series_come_in_this_order() -> None:
    """The default series is first."""
    assert list(SERIES) == ["fixed", "fixed-c", "posted"]


@pytest.mark.parametrize("series", ALL_SERIES)
def test_a_series_is_numbered_from_zero_and_starts_at_the_shared_baseline(series: Series) -> None:
    """Stage i is the i-th row, all series start from one baseline, and titles are those of the fixed series."""
    assert [stage.index for stage in series.stages] == list(range(6))
    assert series.stages[0] == FIXED.stages[0]
    assert [stage.title for stage in series.stages] == [stage.title for stage in FIXED.stages]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_has_the_whole_interface(stage: Stage) -> None:
    """A stage module defines the required names, and its subsystem every required call."""
    module = load(stage)
    assert all(hasattr(module, name) for name in REQUIRED_NAMES)
    missing = [name for name in REQUIRED_CALLS if not callable(getattr(module.TaskletSubsystem, name, None))]
    assert missing == []


def test_the_required_calls_are_those_of_the_protocol() -> None:
    """The list that a stage is checked against is not empty and has the calls of the tasklet interface."""
    assert {"tasklet_schedule_on_cpu", "tasklet_kill", "do_tasklet", "DECLARE_TASKLET", "hvm_irq_tasklet_init"} <= set(REQUIRED_CALLS)


@pytest.mark.parametrize("stage", STAGES)
def test_the_docstring_is_about_the_file(stage: Stage) -> None:
    """It says what the file is, in the same words at every stage, and its rules for locking; what a patch does is in the stage's record."""
    docstring = load(stage).__doc__
    assert docstring.startswith("Tasklets: functions that are to run once, soon, on some CPU.\n\nLocking\n")
    assert not {"Stage", "stage", "patch", stage.short_title} & set(docstring.split())
    assert stage.message
    assert ("\nThe state word: " in docstring) == (stage.index > 0)


@pytest.mark.parametrize("series", ALL_SERIES)
def test_helpers_keep_their_places(series: Series) -> None:
    """The methods that two neighbours share come in the same order in both, so that a diff moves nothing."""
    for before, after in pairwise(series.stages):
        shared = set(methods(before)) & set(methods(after))
        assert [name for name in methods(before) if name in shared] == [name for name in methods(after) if name in shared]


@pytest.mark.parametrize("stage", STAGES)
def test_the_path_of_a_stage_is_its_file(stage: Stage) -> None:
    """`Stage.path` is where Python finds the module."""
    assert Path(load(stage).__file__).resolve() == stage.path


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or ".").partition(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name if path.parent.name == "stages" else f"posted-{path.name}")
def test_stages_import_nothing_from_the_harness(path: Path) -> None:
    """A stage author needs `stages` and the standard library only."""
    assert imported(path) <= {"__future__", "collections", "dataclasses", "pathlib", "stages", "typing"}


@pytest.mark.parametrize("series", ALL_SERIES)
def test_the_diff_between_neighbours_is_a_patch(series: Series) -> None:
    """Every patch changes code, most of each file stays, and the last one only takes lines away."""
    for before, after in zip(series.stages, series.stages[1:], strict=False):
        changes = [line for line in difflib.ndiff(code(before), code(after)) if line[0] in "+-"]
        assert 0 < len(changes) < 0.75 * (len(code(before)) + len(code(after))), (before.title, after.title)
    removed, added = ([line for line in difflib.ndiff(code(series.stages[4]), code(series.stages[5])) if line[0] == sign] for sign in "-+")
    assert [line for line in removed if "is_percpu" not in line] == []
    assert added == []


SCAFFOLDING = {
    "percpu_tasklet_init": {1},
    "TASKLET_PERCPU_SOFTIRQ": {1, 2},
    "tasklet_softirq_percpu_action": {1, 2},
    "Tasklet.is_percpu": {1, 2, 3, 4},
    "tasklet_lock": {0, 1, 2, 3},
    "softirq_tasklet_list": {0, 1, 2},
    "softirq_list": {1, 2, 3, 4, 5},
    "Tasklet.state": {1, 2, 3, 4, 5},
    "feeder_lock": {2, 3, 4, 5},
    "tasklet_feeder": {2, 3, 4, 5},
}


@pytest.mark.parametrize("series", ALL_SERIES)
@pytest.mark.parametrize(("name", "stages"), SCAFFOLDING.items())
def test_scaffolding_comes_and_goes(series: Series, name: str, stages: set[int]) -> None:
    """Each piece of scaffolding is there at exactly the stages at which the series says so."""
    assert {stage.index for stage in series.stages if name in names(stage)} == stages


# Those of the old path that look at a tasklet's flags.
OLD_GUARDS = ("dead, running or not scheduled here", "dead or queued while it runs", "killing a queued tasklet")
# Which BUG_ONs there are at which stages, by a piece of their text. The table in README.md lists those of `fixed`.
GUARDS = {
    ("fixed", "a CPU that it is not scheduled on"): {0, 1, 2, 3},
    **{(series, text): {0, 1, 2, 3} for series in ("fixed", "posted") for text in OLD_GUARDS},
    ("fixed", "another CPU is not implemented yet"): {1},
    ("fixed", "in the hands of the old code"): {3},
    ("fixed", "a tasklet that is not per-cpu"): {4},
    ("posted", "another CPU is not implemented yet"): {1},
    ("posted", "a per-cpu tasklet that is not a softirq tasklet"): {1, 2, 3},
    ("posted", "in the hands of the old code"): {3},
    ("posted", "scheduling a tasklet that is not per-cpu"): {4},
    ("posted", "enqueuing a tasklet that is not per-cpu"): {4},
    ("posted", "a CPU that it is not scheduled on"): {0, 1, 2, 3, 4, 5},
    ("posted", "a queued tasklet that is not scheduled"): {1, 2, 3, 4, 5},
}


def guards(stage: Stage) -> list[str]:
    """The lines of a stage that call BUG_ON."""
    return [line for line in code(stage) if "BUG_ON(" in line]


@pytest.mark.parametrize(("series", "text"), GUARDS)
def test_guards_come_and_go(series: str, text: str) -> None:
    """Each BUG_ON is there at exactly the stages at which the series says so."""
    assert {stage.index for stage in SERIES[series].stages if any(text in line for line in guards(stage))} == GUARDS[series, text]


@pytest.mark.parametrize("series", ALL_SERIES)
def test_no_guard_is_forgotten(series: Series) -> None:
    """Every BUG_ON of every stage is in the table."""
    texts = [text for name, text in GUARDS if name == series.name]
    assert [line for stage in series.stages for line in guards(stage) if not any(text in line for text in texts)] == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_a_module_of_its_own(stage: Stage) -> None:
    """A stage borrows nothing from another one: it is what a checkout of that commit would be."""
    module: ModuleType = load(stage)
    others = [value.__module__ for value in vars(module).values() if hasattr(value, "__module__")]
    common = {"stages.api", "stages.hypervisor", "stages.shared_memory"}
    assert {other for other in others if other.startswith("stages.")} <= {*common, stage.module}


def test_what_the_new_scheme_cannot_keep_is_accepted() -> None:
    """Each patch accepts it for the kinds that it brings over, for one clause and one of its programs; the reason is the same for all."""
    programs = {program.name for program in CLAUSES["kill-independent"].programs}
    assert {(change.clause, change.kinds, change.patch) for change in FIXED.accepted} == {
        ("kill-independent", (kind,), patch) for kind, patch in ((IRQ_CLIENT, 1), (SOFTIRQ, 2), (VCPU, 4))
    }
    assert {change.programs for change in FIXED.accepted} == {("its-cpu-is-stopped",)}
    assert programs > {"its-cpu-is-stopped"}
    assert len({change.why for change in FIXED.accepted}) == 1
