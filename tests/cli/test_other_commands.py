"""`harness list`, `diff`, `perf`, `series export`, and what holds for all commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.suite.registry import suite_named
from harness.tasklets.contract import CLAUSES
from stages import FIXED
from tests.cli.invocation import Harness


def test_list_shows_everything(harness: Harness) -> None:
    """Every stage with its title, every clause with its sentence and kinds."""
    result = harness("list")
    assert (result.returncode, result.stderr) == (0, "")
    for stage in FIXED.stages:
        assert stage.short_title in result.stdout
        assert stage.summary in result.stdout
    for clause in CLAUSES.values():
        assert clause.id in result.stdout
        assert clause.sentence in result.stdout


SECOND = """
from harness.suite.clause import Clause
from harness.suite.suite import Suite
SUITE = Suite("second", "another one", ("only",), {"say-it": Clause("say-it", "It is said.", (), ("only",))}, has_stages=False)
"""


def test_list_shows_all_suites(harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another distribution brings one, each is shown with its summary and its clauses."""
    (tmp_path / "second_suite.py").write_text(SECOND, encoding="utf-8")
    (tmp_path / "second-1.dist-info").mkdir()
    (tmp_path / "second-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: second\nVersion: 1\n", encoding="utf-8")
    (tmp_path / "second-1.dist-info" / "entry_points.txt").write_text("[harness.suites]\nsecond = second_suite:SUITE\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    out = harness("list").stdout
    assert "\nsuite second: another one · 1 clause\n" in out
    assert "It is said." in out
    assert f"\nsuite tasklets: {suite_named('tasklets').summary} · {len(CLAUSES)} clauses\n" in out


def test_diff_of_two_stages(harness: Harness) -> None:
    """The scaffolding of patch 1 shows as it comes; what does not differ is not shown."""
    result = harness("diff", 0, 1)
    assert (result.returncode, result.stderr) == (0, "")
    assert "percpu_tasklet_init" in result.stdout
    assert "DECLARE_TASKLET" not in result.stdout


def test_numbers_have_units(harness: Harness) -> None:
    """Where there is one: how long interrupts are off is in cycles, a text has none."""
    lines = harness("diff", 0, 1, "--tablefmt", "tsv").stdout.splitlines()
    rows = {name.strip(): cells for name, *cells in (line.split("\t") for line in lines[2:])}
    assert all(cell.strip().endswith("0 cycles") for cell in rows["interrupts off, local (softirq)"])
    assert rows["order after t0 t1 t0 (irq-client)"][0].strip() == "t1 t0"


def test_diff_of_all_neighbours(harness: Harness) -> None:
    """One table per patch."""
    result = harness("diff", "--all")
    assert (result.returncode, result.stderr) == (0, "")
    heads = [line for line in result.stdout.splitlines() if " → " in line]
    assert [head.partition(":")[0] for head in heads] == [f"stage {index} → stage {index + 1}" for index in range(5)]


def test_diff_with_a_file(harness: Harness, stage_file: Callable[..., Path]) -> None:
    """A copy behaves like its original."""
    result = harness("diff", 5, stage_file())
    assert result.returncode == 0
    assert "no measured behaviour differs" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["diff"], "diff needs two stages, or --all"),
        (["diff", "0"], "diff needs two stages, or --all"),
        (["diff", "0", "1", "--all"], "diff needs two stages, or --all"),
        (["diff", "0", "9"], "unknown stage 9: series fixed has 0 to 5"),
        (["diff", "0", "missing.py"], "missing.py cannot be measured: it is missing"),
        (["perf", "9"], "unknown stage 9"),
        (["list", "--tablefmt", "nonsense"], "unknown table format 'nonsense'"),
        (["series"], "the following arguments are required: ACTION"),
        (["series", "export"], "the following arguments are required: DIR"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_wrong_usage(harness: Harness, arguments: list[str], said: str) -> None:
    """Exit code 2, and one line."""
    result = harness(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("harness: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("target", ["full", "a_file", "missing/directory", "/proc/export", "a_file/directory"])
def test_export_refuses_a_bad_target(harness: Harness, tmp_path: Path, target: str) -> None:
    """Exit code 2, one line, and nothing changed."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    (tmp_path / "a_file").touch()
    before = sorted(tmp_path.rglob("*"))
    result = harness("series", "export", target)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("harness: ")
    assert target in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_reader_that_leaves_is_no_error() -> None:
    """`harness list | head -1` says nothing on stderr."""
    command = f"'{sys.executable}' -m harness list --tablefmt grid | head -c 1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert (result.stdout, result.stderr) == ("s", "")


@pytest.mark.parametrize(
    ("target", "code", "said"), [("&-", 0, ""), ("/dev/full", 2, "harness: the system refuses: No space left on device\n")]
)
def test_output_that_goes_nowhere(target: str, code: int, said: str) -> None:
    """A closed stdout is as good as /dev/null, a full disk is told in one line."""
    result = subprocess.run(["bash", "-c", f"'{sys.executable}' -m harness list >{target}"], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (code, said)


def test_a_terminal_without_the_signs(tmp_path: Path) -> None:
    """Output in an encoding that lacks some characters replaces them."""
    command = [sys.executable, "-m", "harness", "diff", "0", "0"]
    result = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": "ascii"}, timeout=60)
    assert result.returncode == 0
    assert result.stdout.startswith(b"stage 0 ? stage 0")
