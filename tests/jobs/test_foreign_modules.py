"""A stage that imports what its job does not tell of is known by that."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.jobs.driving import JobStep, drive
from harness.jobs.executor import OK, Outcome
from harness.jobs.job import Job
from harness.jobs.server_link import end_idle_servers
from harness.sources.single_file import target_of_file
from stages import FIXED
from tests.jobs.in_worker import nothing


@pytest.fixture(scope="module", autouse=True)
def server() -> None:
    """Have none that other tests have left: it has loaded pytest."""
    end_idle_servers()


def worked(path: Path, before: str) -> Outcome:
    """What becomes of a good stage that does something first."""
    future = "from __future__ import annotations\n"
    source = FIXED.stages[-1].path.read_text(encoding="utf-8")
    path.write_text(source.replace(future, f"{future}{before}\n"), encoding="utf-8")
    step = JobStep(0, Job(target_of_file(str(path)), "nothing"), nothing, 60.0)
    outcome = drive([target_of_file(str(path))], [step], 1).outcomes[step]
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
