"""What the user names becomes what the harness works with, or one line that says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.exit_codes import UsageError
from harness.cli.selection import clause_called, clauses_named, series_named, stage_number, suite_called
from stages.api import DEFAULT_SUITE

SUITE = suite_called(DEFAULT_SUITE)


def test_one_clause_is_meant() -> None:
    """It comes with its kinds, or with the one that is asked for."""
    assert clause_called(SUITE, "fifo") == ("fifo", SUITE.clauses["fifo"].kinds)
    assert clause_called(SUITE, "fifo", "vcpu") == ("fifo", ("vcpu",))


@pytest.mark.parametrize("name", ["fifo,reuse", "fifo,", ",", "", "\udcff", "x" * 5000])
def test_a_list_is_no_clause(name: str) -> None:
    """Nor is nothing, nor what is no text; a long word is not quoted whole."""
    with pytest.raises(UsageError, match="unknown clause") as caught:
        clause_called(SUITE, name)
    assert len(str(caught.value)) < 1000


def test_a_stage_number_without_end() -> None:
    """One line, also where Python does not read the number."""
    assert stage_number("3") == 3
    for digits in (20, 5000):
        with pytest.raises(UsageError, match=r"the number of a stage is at most [0-9]+, not '9+…?'$"):
            stage_number("9" * digits)


def test_what_was_meant_is_said() -> None:
    """Where a name is much like the word; where none is, nothing is made up."""
    for words, said in ((["kill-cancel"], r" \(did you mean kill-cancels\?\): choose from "), (["zzz"], ": choose from ")):
        with pytest.raises(UsageError, match=f"^unknown clause '{words[0]}'{said}"):
            clauses_named(SUITE, words)
    with pytest.raises(UsageError, match=r"^unknown series 'postet' \(did you mean posted\?\): choose one of fixed, "):
        series_named("postet")


def test_a_directory_where_a_series_has_to_ship(tmp_path: Path) -> None:
    """What to do with it instead."""
    with pytest.raises(UsageError, match=r"one that ships: fixed, .*; `harness run --series /.*` says what its patches break$"):
        series_named(str(tmp_path))
