"""`harness series export`: where it may write, and what it says of a bisection."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from harness.cli import export as export_module
from harness.cli.export import ExportRequest, export
from harness.cli.series_source import NO_SOURCE
from tests.cli.invocation import Harness

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "mpsc_queue"


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


def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], known: Any) -> list[str]:
    """What it prints of the series that ships if so much is known of its ends."""
    monkeypatch.setattr(export_module, "remembered", lambda no_cache: nullcontext(object()))
    monkeypatch.setattr(export_module, "broken_between", lambda targets, plan, cache: known)
    assert export(ExportRequest(NO_SOURCE, str(tmp_path / "new"))) == 0
    return capsys.readouterr().out.splitlines()[1:]


def test_the_hint_names_clauses_that_are_known_to_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands are about the first of them."""
    said, *commands = exported(tmp_path, monkeypatch, capsys, ("fifo", "quiet"))
    assert said == "stage-0 keeps and stage-5 violates, as earlier runs have found under tso: fifo, quiet"
    assert "  git bisect run harness check tasklet.py --check fifo" in commands


def test_where_nothing_breaks_no_search_is_advised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even a command."""
    (said,) = exported(tmp_path, monkeypatch, capsys, ())
    assert said.endswith("as earlier runs have found under tso: there is nothing to bisect")


def test_the_hint_names_the_suite_of_ones_own(harness: Harness) -> None:
    """Without it, the file in the repository would be tested for the contract of tasklets."""
    result = harness("series", "export", "--series", EXAMPLE / "series", "new")
    assert f"harness check tasklet.py --suite {EXAMPLE / 'mpsc_suite.py'} --check CLAUSE    # has to say good" in result.stdout
