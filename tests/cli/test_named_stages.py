"""Single stages are named by numbers of a series that ships, of a directory, or by files; and what is printed names them again."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from harness.cli.exit_codes import UsageError
from harness.cli.main import main
from harness.cli.named_stages import numbered, require_series, series_source, stage_or_file, suite_of_series
from harness.cli.native_request import NO_NATIVE
from harness.sources.target import NO_SERIES
from stages.api import DEFAULT_SUITE
from tests.pytest_plugin.made_series import LOST, counter_series


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A series of a baseline and a patch that breaks a clause, as somebody names it who is beside it."""
    counter_series(tmp_path, LOST)
    monkeypatch.chdir(tmp_path)
    return "series"


def test_numbers_of_a_directory(directory: str) -> None:
    """They are those that `harness run` has; without numbers, all; the suite is the one of the directory."""
    assert [target.label for target in numbered(directory, [], NO_NATIVE, None)] == ["stage 0", "stage 1"]
    (one,) = numbered(directory, [1], NO_NATIVE, None)
    assert one == stage_or_file(directory, "1", NO_NATIVE, None)
    assert (one.series, one.source) == ("counter", LOST.encode())
    assert one.suite.endswith("counter_suite.py#" + one.suite[-16:])
    assert suite_of_series(directory, NO_NATIVE) == one.suite
    assert numbered(directory, [1], NO_NATIVE, DEFAULT_SUITE)[0].suite == DEFAULT_SUITE


def test_a_series_that_ships_and_a_file(directory: str) -> None:
    """A file is in no series, whatever else is named."""
    assert [target.index for target in numbered("posted", [4, 2], NO_NATIVE, None)] == [2, 4]
    assert suite_of_series("posted", NO_NATIVE) == DEFAULT_SUITE
    assert stage_or_file(directory, f"{directory}/1.py", NO_NATIVE, None).series == NO_SERIES
    assert series_source("posted", NO_NATIVE).words == ()
    assert series_source(directory, NO_NATIVE).words == ("--series", directory)


def test_what_is_no_series(directory: str) -> None:
    """One line, also where a file is named and no number."""
    for work in (
        lambda name: stage_or_file(name, "series/1.py", NO_NATIVE, None),
        require_series,
        lambda name: numbered(name, [], NO_NATIVE, None),
    ):
        with pytest.raises(UsageError, match=r"^unknown series 'postet' \(did you mean posted\?\): .*, or name a directory of stages$"):
            work("postet")
        with pytest.raises(UsageError, match=r"^there is no directory 'no/where' of stages$"):
            work("no/where")
    with pytest.raises(UsageError, match=r"^unknown stage 7: series counter has 0 to 1$"):
        numbered(directory, [7], NO_NATIVE, None)


def test_what_explore_prints_shows_it_again(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command below the table names the directory."""
    assert main(["explore", "nothing-lost", "1", "--series", directory, "--program", "two-cpus", "--tablefmt", "plain"]) == 1
    out = capsys.readouterr().out
    (string,) = set(re.findall(r"h2/counter/1/\S+", out))
    (hint,) = re.findall(r"^to see one again: harness (.*)$", out, re.MULTILINE)
    assert main([string if word == "STRING" else word for word in shlex.split(hint)]) == 1
    assert "count: 1 → 1" in capsys.readouterr().out


def test_diff_takes_a_directory(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its stages have no probes, so nothing differs."""
    assert main(["diff", "--all", "--series", directory]) == 0
    assert capsys.readouterr().out.splitlines() == ["stage 0 → stage 1: patch 1", "no measured behaviour differs"]


def test_perf_takes_a_directory(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its suite says whether there is anything to measure."""
    assert main(["perf", "1", "--series", directory]) == 2
    assert capsys.readouterr().err == "harness: suite 'counter' has no loads: there is nothing to measure\n"
