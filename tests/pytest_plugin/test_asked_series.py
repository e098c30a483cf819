"""The options of pytest mean what those of `harness run` mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import UsageError
from harness.pytest_plugin.asked_series import Values, asked_series, in_pytests_words, run_words
from harness.pytest_plugin.option_rows import FLAG, MANY, PASSED_ON, WORDS
from tests.pytest_plugin.made_series import GOOD, counter_series

VALUE = {"stage": "1", "model": "sc", "check": "fifo"}


@pytest.mark.parametrize("row", PASSED_ON, ids=lambda row: row.name)
def test_each_option_is_one_of_run(row: object) -> None:
    """The grammar of `harness run` takes it."""
    assert row in PASSED_ON
    name, form, *_ = row  # type: ignore[misc]
    word = VALUE.get(name, "1")
    value = True if form == FLAG else [word] if form in (MANY, WORDS) else word
    assert parse(list(run_words({name: value})))


def test_words_are_not_taken_for_others() -> None:
    """Not one that looks like an option, nor a stage behind a clause."""
    values: Values = {"check": ["fifo", "quiet"], "stage": ["1"], "cflag": ["-O2"], "deep": False, "file": []}
    assert list(run_words(values)) == ["run", "--cflag=-O2", "1", "--check=fifo", "--check=quiet"]


def test_cases_are_all_that_was_asked_for(tmp_path: Path) -> None:
    """Each stage, clause, kind and model; what several clauses show together comes last."""
    series = counter_series(tmp_path, GOOD)
    asked = asked_series({"series": str(series), "model": "sc,tso", "check": ["visible"]})
    names = [f"{name}{model}" for model in ("sc", "tso") for name in ("visible[counter,", "across-executions[")]
    assert [case.id for case in asked.cases] == [f"counter/{stage}::{name}]" for stage in (0, 1) for name in names]
    assert asked.headline.startswith("series counter · 1 clause × 2 stages · ")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"series": "fixed", "check": ["nope"]}, "unknown clause 'nope': choose from"),
        ({"series": "fixed", "stage": ["9"]}, "unknown stage 9: series fixed has 0 to 5"),
        ({"series": "fixed", "model": "x86"}, "argument --harness-model: unknown memory model 'x86': choose from"),
        ({"series": "fixed", "file": ["a.py"]}, "--harness-file goes with --harness-range or --harness-mbox"),
        ({"suite": "./nobody.py"}, "there is no suite './nobody.py'"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_pytest(values: Values, said: str) -> None:
    """In one line."""
    with pytest.raises(UsageError) as caught:
        asked_series(values)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_only_own_options_are_renamed() -> None:
    """Options of other programs, and parts of words, stay."""
    assert in_pytests_words("--file, --files, --x--file; see `harness run --help`") == "--harness-file, --files, --x--file"
