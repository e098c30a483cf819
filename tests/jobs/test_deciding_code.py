"""Everything that is executed in a worker is among the code whose hash is part of every key."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

import harness
import stages
from harness.jobs import deciding_code
from harness.jobs.deciding_code import DecidingCode, deciding_modules, native_files, package_of
from harness.jobs.driving import run_tasks
from harness.jobs.executor import OK, Task
from harness.jobs.job import Job
from harness.jobs.server_link import end_idle_servers
from harness.jobs.stage_loading import MODULE_NAME
from harness.measure.measure_in_worker import probe_stage
from harness.sources.shipped import targets_of_series
from harness.verify.checking import Budget
from harness.verify.deepening import Effort
from harness.verify.verify_in_worker import check_clause
from stages import FIXED, POSTED
from tests.bounds import SECONDS
from tests.jobs.in_worker import loaded_here

SMALL = Budget(timed_seeds=1, effort=Effort(executions=5, preemptions=0, samples=1))


def test_what_a_worker_loads_is_hashed() -> None:
    """All modules that it has after it has worked: Python's own, greenlet, what every Python here loads, and the hashed ones."""
    # A server that other tests have left has loaded pytest.
    end_idle_servers()
    target = targets_of_series(FIXED)[-1]
    tasks = [
        Task(0, check_clause, (Job(target, "reuse", "softirq", model="tso", budget=SMALL),), 60.0),
        Task(0, probe_stage, (Job(target, "behaviour"),), 60.0),
        Task(0, loaded_here, (), 60.0),
    ]
    batch = run_tasks(tasks, 1)
    assert [outcome.status for outcome in batch.outcomes] == [OK] * 3
    # That is loaded for the last one.
    assert [outcome.foreign for outcome in batch.outcomes[:2]] == [("tests",)] * 2
    loaded: Mapping[str, str | None] = batch.outcomes[2].value
    own = {name: Path(file) for name, file in loaded.items() if name.partition(".")[0] in ("harness", "stages") and file}
    assert len(own) > 100
    assert {name: path for name, path in own.items() if deciding_modules().get(name) != path} == {}
    library = sysconfig.get_path("stdlib")
    packages = {name: file or "" for name, file in loaded.items() if name not in own}
    other = {name.partition(".")[0] for name, file in packages.items() if os.path.dirname(file) != library} - sys.stdlib_module_names
    assert other - {"tests", MODULE_NAME, *deciding_code.DISTRIBUTIONS.values(), *usual_here()} == set()
    # It would be noticed.
    assert {"harness.search.search", "harness.timed.caches", "harness.jobs.watchdog", check_clause.__module__} <= own.keys()


def usual_here() -> set[str]:
    """What any Python of this installation has loaded when it starts."""
    code = "import sys; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, timeout=SECONDS)
    return {name.partition(".")[0] for name in found.stdout.split()}


def test_rooms_that_only_ask_and_show_are_left_out() -> None:
    """And the stages themselves, which are the content of jobs; what they are written against is there."""
    every = {path.relative_to(root.parent).as_posix() for root in roots() for path in root.rglob("*.py")}
    hashed = {path.relative_to(roots()[0].parent).as_posix() for path in deciding_modules().values()}
    left_out = {name for name in every - hashed if not name.startswith(("harness/cli/", "harness/pytest_plugin/", "harness/report/"))}
    assert left_out == {stage.path.relative_to(roots()[0].parent).as_posix() for series in (FIXED, POSTED) for stage in series.stages}
    assert {"stages.hypervisor", "stages.shared_memory", "stages.api", "harness.isolation"} <= deciding_modules().keys()


def test_what_stages_in_c_are_compiled_with_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Headers and the runtime, which are no modules."""
    assert {"harness/native/runtime.c", "harness/native/include/machine.h", "harness/native/include/xen/list.h"} <= native_files().keys()
    before = DecidingCode("tasklets").digest
    other = tmp_path / "machine.h"
    other.write_text("another one")
    found = {**native_files(), "harness/native/include/machine.h": other}
    monkeypatch.setattr(deciding_code, "native_files", lambda: found)
    assert DecidingCode("tasklets").digest != before


def roots() -> list[Path]:
    """The directories of the two packages."""
    return [Path(package.__path__[0]) for package in (harness, stages)]


def test_the_hash_is_that_of_the_contents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same files have the same hash, wherever they lie; another byte, or another Python, has another."""
    before = DecidingCode("tasklets")
    assert DecidingCode("litmus").digest == before.digest
    assert before.unchanged
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert DecidingCode("tasklets").digest != before.digest


def test_a_suite_from_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All files of its package count, data too."""
    package = tmp_path / "elsewhere"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "data" / "table.csv").write_text("1")
    (tmp_path / "single.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, changed in (("elsewhere", package / "data" / "table.csv"), ("single", tmp_path / "single.py")):
        monkeypatch.setattr(deciding_code, "package_of", lambda suite, name=name: name)
        before = DecidingCode("another").digest
        changed.write_text("2")
        assert DecidingCode("another").digest != before
    assert (package_of("tasklets"), package_of("nowhere"), DecidingCode("another").package) == ("", "", "single")
