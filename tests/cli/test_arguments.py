"""The grammar of the command line: which words are what."""

from __future__ import annotations

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import UsageError


@pytest.mark.parametrize(
    ("words", "clauses", "stages"),
    [
        ("run --check a b 3", ("a", "b"), (3,)),
        ("run --check a 3 b", ("a", "b"), (3,)),
        ("run 1 --check a 3 --seeds 2", ("a",), (3, 1)),
        ("run --check 3 --seeds 2", ("3",), ()),
        ("run --check a --check b 3", ("a", "b"), (3,)),
        ("run --seeds 3 --check a,b", ("a,b",), ()),
    ],
)
def test_stage_numbers_after_clauses(words: str, clauses: tuple[str, ...], stages: tuple[int, ...]) -> None:
    """They are taken for stages; the first word after `--check` is a clause whatever it looks like, and then wrong."""
    request = parse(words.split()).request
    assert (request.check, request.stages) == (clauses, stages)


@pytest.mark.parametrize("words", ["check --check a b ./s.py", "check s.py --check a b", "check --check a s.py b -x"])
def test_a_file_after_clauses(words: str) -> None:
    """It has a dot or a slash, a clause has neither."""
    request = parse(words.split()).request
    assert (request.check, request.file.lstrip("./")) == (("a", "b"), "s.py")


def test_no_file_at_all() -> None:
    """The hint is given only where a file may have been swallowed."""
    with pytest.raises(UsageError, match=r"FILE; see `harness check --help`$"):
        parse(["check"])
    with pytest.raises(UsageError, match=r"write FILE before it$"):
        parse(["check", "--check", "a", "stage"])


def test_list_takes_no_names() -> None:
    """Who names a series is told that all of them are shown; not so for an option, or with another command."""
    hint = "list takes no names: it shows every series, and with --suite NAME the clauses of one suite"
    with pytest.raises(UsageError, match=f"arguments: posted; see `harness --help`; {hint}$"):
        parse(["list", "posted"])
    for words in (["list", "--posted"], ["check", "a.py", "list"]):
        with pytest.raises(UsageError, match=r"see `harness --help`$"):
            parse(words)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("run", ("3: none of these, but something is undecided", "`-` is stdout")),
        ("check", ("125 cannot be tested", "stop at the first failure")),
    ],
)
def test_help_says_exit_codes(capsys: pytest.CaptureFixture[str], command: str, said: tuple[str, ...]) -> None:
    """And what special words mean."""
    with pytest.raises(SystemExit):
        parse([command, "--help"])
    out = " ".join(capsys.readouterr().out.split())
    for text in said:
        assert text in out


@pytest.mark.parametrize("option", ["--seeds", "--executions", "--preemptions", "--accept-bound", "--seed", "--jobs"])
@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_numbers_have_bounds(option: str, digits: int) -> None:
    """The line says what is too much, and quotes no more than the beginning."""
    with pytest.raises(UsageError, match=rf"{option}: '9+…?' is more than [0-9]+; see") as caught:
        parse(["check", "s.py", option, "9" * digits])
    assert len(str(caught.value)) < 200
