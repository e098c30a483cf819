"""A stage imports what lies beside it, and the harness never does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.jobs.job import Job
from harness.jobs.siblings import forget, refused
from harness.jobs.stage_loading import NotAStage, load
from harness.jobs.with_stage import with_stage
from harness.sources.single_file import target_of_file

STAGE = "from stages.s5_drop_scaffolding import Tasklet, TaskletSubsystem\n"


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """Leave the interpreter as it was."""
    yield
    forget()


def stage_in(directory: Path, code: str, **files: str) -> Path:
    """Write a stage, and files beside it."""
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / f"{name}.py").write_text(text, encoding="utf-8")
    path = directory / "stage.py"
    path.write_text(STAGE + code, encoding="utf-8")
    return path


def test_files_and_packages_beside_a_stage(tmp_path: Path) -> None:
    """While it loads, and when one of its functions is called later."""
    (tmp_path / "parcel").mkdir()
    (tmp_path / "parcel" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "parcel" / "inner.py").write_text("VALUE = 2\n", encoding="utf-8")
    code = "import helper\nfrom parcel.inner import VALUE\ndef late():\n import belated\n return belated.VALUE\n"
    module = load(target_of_file(str(stage_in(tmp_path, code, helper="VALUE = 1\n", belated="VALUE = 3\n"))))
    assert (module.helper.VALUE, module.VALUE, module.late()) == (1, 2, 3)
    assert str(tmp_path) not in sys.path


def test_each_stage_has_its_own(tmp_path: Path) -> None:
    """A file of the same name beside another stage is another module, and every load makes a new one."""
    targets = [target_of_file(str(stage_in(tmp_path / name, "import helper\n", helper=f"VALUE = {name!r}\n"))) for name in ("a", "b")]
    modules = [load(target) for target in (*targets, targets[1])]
    assert [module.helper.VALUE for module in modules] == ["a", "b", "b"]
    assert modules[1].helper is not modules[2].helper


def test_what_lies_beside_an_earlier_stage_is_gone(tmp_path: Path) -> None:
    """Neither the module nor the place is left."""
    load(target_of_file(str(stage_in(tmp_path / "a", "import helper\n", helper=""))))
    with pytest.raises(NotAStage, match="No module named 'helper'"):
        load(target_of_file(str(stage_in(tmp_path / "b", "import helper\n"))))


@pytest.mark.parametrize("name", ["json", "harness", "stages", "pytest", "colorsys"])
def test_nothing_is_shadowed(tmp_path: Path, name: str) -> None:
    """A file called like a module of Python, of the harness or of a package is not found, imported before or not."""
    sys.modules.pop("colorsys", None)
    module = load(target_of_file(str(stage_in(tmp_path, f"import {name}\n", **{name: "SHADOW = 1\n"}))))
    assert not hasattr(vars(module)[name], "SHADOW")


def test_an_exception_beside_a_stage_is_the_stages(tmp_path: Path) -> None:
    """Even if the stage itself is not involved; the message says where."""
    target = target_of_file(str(stage_in(tmp_path, "import helper\n", helper="def fail(): 1 / 0\n")))
    with pytest.raises(NotAStage, match=r"raises ZeroDivisionError: division by zero, line 1 of helper\.py"):
        with_stage(target, lambda module: module.helper.fail())


def test_what_is_beside_a_stage_was_read_with_it(tmp_path: Path) -> None:
    """What becomes of the files later does not matter, not even for a part of a package that is imported late."""
    code = (
        "import helper, parcel\ndef late():\n from parcel.inner import VALUE\n from parcel.plain.part import MORE\n return VALUE + MORE\n"
    )
    path = stage_in(tmp_path, code, helper="VALUE = 1\n")
    for name, text in {"__init__": "", "inner": "VALUE = 2\n", "plain/part": "MORE = 3\n"}.items():
        place = tmp_path / "parcel" / f"{name}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    target = target_of_file(str(path))
    for file in tmp_path.rglob("*.py"):
        file.write_text("1 / 0\n", encoding="utf-8")
    module = load(target)
    assert (module.helper.VALUE, module.late()) == (1, 5)
    assert module.helper.__file__ == str(tmp_path / "helper.py")


@pytest.mark.parametrize("name", ["stages.s5_drop_scaffolding", "stages.posted.s1_percpu_softirq"])
def test_a_stage_that_is_alone(tmp_path: Path, name: str) -> None:
    """It finds what stages are written against, and no other stage; the next one does, if it is not alone."""
    target = target_of_file(str(stage_in(tmp_path, f"import stages.api, stages.shared_memory\nimport {name}\n")))
    sys.modules.pop(name, None)
    alone = replace(target, alone=True, source=target.source.replace(STAGE.encode(), b""))
    with pytest.raises(NotAStage, match=f"does not import: ModuleNotFoundError: No module named '{name}'"):
        load(alone)
    assert refused()
    load(target)
    assert not refused()
    # So no outcome depends on it and is kept (`tests.jobs.test_foreign_modules`).
    assert Job(target, "fifo").digest == Job(replace(target, alone=True), "fifo").digest
