"""A stage that imports what its job does not tell of is known by that."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.jobs.driving import JobStep, drive
from harness.jobs.executor import OK, Outcome
from harness.jobs.job import Job
from harness.jobs.server_link import end_idle_servers
from harness.sources.single_file import target_of_file
from stages import FIXED
from tests.bounds import SECONDS
from tests.jobs.in_worker import nothing


@pytest.fixture(scope="module", autouse=True)
def server() -> None:
    """Have none that other tests have left: it has loaded pytest."""
    end_idle_servers()


def worked(path: Path, before: str, alone: bool = False) -> Outcome:
    """What becomes of a good stage that does something first."""
    future = "from __future__ import annotations\n"
    source = FIXED.stages[-1].path.read_text(encoding="utf-8")
    path.write_text(source.replace(future, f"{future}{before}\n"), encoding="utf-8")
    target = replace(target_of_file(str(path)), alone=alone)
    step = JobStep(0, Job(target, "nothing"), nothing, 60.0)
    outcome = drive([target], [step], 1).outcomes[step]
    assert (outcome.status, outcome.problem) == (OK, "")
    return outcome


@pytest.mark.parametrize(
    ("before", "foreign"),
    [
        ("import json, xml.dom.minidom", ()),
        ("import beside", ()),
        ("try: import beside.not_there\nexcept ImportError: pass", ()),
        ("try: import not_there\nexcept ImportError: pass", ("not_there",)),
        ("import stages.s4_percpu_schedule", ("stages",)),
        ("import harness.report.folding", ("harness",)),
        ("import smmap", ("smmap",)),
    ],
)
def test_what_is_neither_pythons_nor_hashed(tmp_path: Path, before: str, foreign: tuple[str, ...]) -> None:
    """What is not there yet; another stage; what only shows; other packages; not a file beside it, which the stage has brought along."""
    (tmp_path / "beside.py").write_text("", encoding="utf-8")
    # The test's own module is one of these.
    found = set(worked(tmp_path / "stage.py", before).foreign) - {"tests"}
    assert set(foreign) <= found
    assert "beside" not in found
    assert bool(found) == bool(foreign)


@pytest.mark.parametrize(("asked", "foreign"), [("s4_percpu_schedule", {"stages"}), ("api", set())])
def test_a_stage_that_was_refused_another_one(tmp_path: Path, asked: str, foreign: set[str]) -> None:
    """It goes on without, and would do something else were it not alone."""
    before = f"try: import stages.{asked}\nexcept ImportError: pass"
    assert set(worked(tmp_path / "stage.py", before, alone=True).foreign) - {"tests"} == foreign


def test_what_decides_of_the_stages_is_loaded_before_any_of_them() -> None:
    """So a stage gets it whether or not it is alone, and is refused nothing but stages, which are foreign where it gets them."""
    code = "import sys, harness.jobs.foreign_modules as f; print({n for n in f.deciding_modules() if n[:6] == 'stages'} - {*sys.modules})"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, timeout=SECONDS)
    assert result.stdout == b"set()\n"
