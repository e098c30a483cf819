"""`harness list`."""

from __future__ import annotations

import os
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


def test_kinds_that_all_clauses_have_are_said_once(harness: Harness) -> None:
    """A clause says for which kinds it is, if these are not all."""
    head, header, _, *lines = harness("list", "--suite", "tasklets").stdout.splitlines()
    assert (head.split(" · ")[1], header.split()) == ("28 clauses, kinds softirq, vcpu, irq-client", ["clause", "sentence"])
    only = {line.split()[0]: line.rpartition(" (")[2] for line in lines if line.endswith(" only)")}
    assert only == {name: f"{', '.join(clause.kinds)} only)" for name, clause in CLAUSES.items() if len(clause.kinds) < 3}
    assert "wakeup" in only


def test_a_narrow_list_is_still_a_table(harness: Harness) -> None:
    """No line repeats what a column is called."""
    out = harness("list", "--suite", "tasklets", "--width", 60).stdout
    assert "clause:" not in out
    assert max(map(len, out.splitlines())) <= 60


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
    assert "\nsuite second: another one · 1 clause, kind only\n" in out
    assert "It is said." in out
    assert f"\nsuite tasklets: {suite_named('tasklets').summary} · {len(CLAUSES)} clauses, kinds softirq, vcpu, irq-client\n" in out
