"""What is a stage and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.jobs import stage_loading
from harness.jobs.stage_loading import NotAStage, load
from harness.sources.shipped import targets_of_series
from harness.sources.single_file import target_of_file
from harness.suite import stuck
from harness.suite.program import SuiteMistake
from harness.suite.registry import suite_named
from stages import FIXED
from tests.suite.own_suites import STAGE as OWN_STAGE
from tests.suite.own_suites import small

STAGE = "from stages.s5_drop_scaffolding import Tasklet, TaskletSubsystem\n"


@pytest.mark.parametrize("target", targets_of_series(FIXED), ids=lambda target: target.label)
def test_the_stages_of_the_series_load(target: object) -> None:
    """Each has its own classes."""
    assert load(target).TaskletSubsystem.__module__ == "stage_under_test"  # type: ignore[arg-type]


def test_every_load_is_a_new_module(tmp_path: Path) -> None:
    """What one test does to a module does not reach the next."""
    path = tmp_path / "stage.py"
    path.write_text(STAGE + "calls = []\n", encoding="utf-8")
    target = target_of_file(str(path))
    first, second = load(target), load(target)
    assert first is not second
    assert first.calls is not second.calls  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("x = (", "is not Python: '(' was never closed, line 1"),
        ("raise ValueError('first\\nsecond')", "does not import: ValueError: first"),
        ("raise SystemExit(4)", "exits when it is imported (exit code 4)"),
        ("", "lacks the API of a stage: no Tasklet, TaskletSubsystem"),
        (STAGE + "Tasklet = int", "lacks the API of a stage: Tasklet is not a Struct"),
        (STAGE + "TaskletSubsystem = object", "lacks the API of a stage: no tasklet_subsys_init, DECLARE_TASKLET, "),
        (STAGE + "Tasklet = 3", "lacks the API of a stage: no Tasklet"),
    ],
)
def test_what_is_no_stage(tmp_path: Path, code: str, problem: str) -> None:
    """The message says why, in one line."""
    path = tmp_path / "stage.py"
    path.write_text(code, encoding="utf-8")
    with pytest.raises(NotAStage) as caught:
        load(target_of_file(str(path)))
    assert str(caught.value).startswith(problem)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("class E(Exception):\n def __str__(self): raise ValueError('no')\nraise E", "does not import: ValueError: no"),
        (
            "class E(Exception):\n def __str__(self): raise self\nraise E",
            "does not import: RuntimeError: an exception that cannot be described",
        ),
        ("raise SystemExit(print)", "exits when it is imported (with something else than an exit code)"),
        ("def __getattr__(name): raise SystemExit(0)", "does not let anybody see what it has: SystemExit: 0"),
        (
            "class M(type):\n def __getattribute__(cls, name): raise KeyError(name)\nclass TaskletSubsystem(metaclass=M): pass",
            "does not let anybody see what it has: KeyError",
        ),
    ],
)
def test_what_will_not_be_looked_at(tmp_path: Path, code: str, problem: str) -> None:
    """It is no stage, and no fault of the harness."""
    path = tmp_path / "stage.py"
    path.write_text(f"{STAGE}{code}\n" if "M(type)" in code else f"{code}\n", encoding="utf-8")
    with pytest.raises(NotAStage) as caught:
        load(target_of_file(str(path)))
    assert str(caught.value).startswith(problem)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a directory, a name that is none."""
    paths = {tmp_path / "missing": "is missing", tmp_path: "is a directory", "a\0b": "cannot be read: embedded null byte"}
    for path, problem in paths.items():
        with pytest.raises(NotAStage, match=problem):
            load(target_of_file(str(path)))


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ("pass", r"suite s.py:\d+: lacks has to return a text, empty if nothing is missing, and returns None"),
        ("1 / 0", r"suite s.py:\d+: ZeroDivisionError: division by zero"),
        ("while True: pass", r"suite s.py:\d+: does not come back"),
    ],
)
def test_a_suite_that_cannot_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacks: str, said: str) -> None:
    """What a suite has to say of a module is no fault of the stage, if it says nothing, or never does."""
    monkeypatch.setattr(stage_loading, "LACKS_CPU_SECONDS", 0.1)
    monkeypatch.setattr(stuck, "TICK", 0.02)
    (tmp_path / "stage.py").write_text(OWN_STAGE, encoding="utf-8")
    (tmp_path / "s.py").write_text(small(extra=f"def no(module):\n    {lacks}\n", more=", lacks=no"), encoding="utf-8")
    target = target_of_file(str(tmp_path / "stage.py"), suite_named(str(tmp_path / "s.py")).found_as)
    with pytest.raises(SuiteMistake, match=f"^{said}$"):
        load(target)
