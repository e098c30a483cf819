"""The series: what every stage must offer, that tables and docstrings agree, and that a diff of neighbours is a patch."""

from __future__ import annotations

import ast
import difflib
import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.machine.machine import Machine
from harness.tasklets.installation import install
from harness.timed.timed_engine import TimedEngine
from stages import FIXED, SERIES
from stages.api import REQUIRED_CALLS, REQUIRED_NAMES, Series, Stage

STAGES = [pytest.param(stage, id=f"{series.name}-{stage.index}") for series in SERIES.values() for stage in series.stages]
ALL_SERIES = [pytest.param(series, id=name) for name, series in SERIES.items()]
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


def test_the_series_come_in_this_order() -> None:
    """The default series is first."""
    assert list(SERIES) == ["fixed", "posted"]


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
def test_the_docstring_names_the_stage_as_the_table_does(stage: Stage) -> None:
    """The first line of a module says its number and, but for the baseline, its patch's title."""
    first = (load(stage).__doc__ or "").splitlines()[0]
    assert first.startswith(f"Stage {stage.index}")
    assert stage.index == 0 or f'"{stage.short_title}"' in first
    assert "\nLocking\n" in load(stage).__doc__


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
    assert [line for line in removed if "is_percpu" not in line and not line[1:].strip().startswith("#")] == []
    assert [line for line in added if not line[1:].strip().startswith("#")] == []


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


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_a_module_of_its_own(stage: Stage) -> None:
    """A stage borrows nothing from another one: it is what a checkout of that commit would be."""
    module: ModuleType = load(stage)
    others = [value.__module__ for value in vars(module).values() if hasattr(value, "__module__")]
    common = {"stages.api", "stages.hypervisor", "stages.shared_memory"}
    assert {other for other in others if other.startswith("stages.")} <= {*common, stage.module}
