"""What holds for all commands: one line about wrong usage, and output that goes nowhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.main import main
from tests.cli.invocation import PATIENCE, Harness


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


def test_a_reader_that_leaves_is_no_error() -> None:
    """`harness list | head -1` says nothing on stderr."""
    command = f"'{sys.executable}' -m harness list --tablefmt grid | head -c 1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=PATIENCE)
    assert (result.stdout, result.stderr) == ("s", "")


@pytest.mark.parametrize(
    ("target", "code", "said"), [("&-", 0, ""), ("/dev/full", 2, "harness: the system refuses: No space left on device\n")]
)
def test_output_that_goes_nowhere(target: str, code: int, said: str) -> None:
    """A closed stdout is as good as /dev/null, a full disk is told in one line."""
    result = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m harness list >{target}"], capture_output=True, text=True, timeout=PATIENCE
    )
    assert (result.returncode, result.stderr) == (code, said)


def test_a_terminal_without_the_signs(tmp_path: Path) -> None:
    """Output in an encoding that lacks some characters replaces them."""
    command = [sys.executable, "-m", "harness", "diff", "0", "0"]
    result = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": "ascii", "HARNESS_CACHE_DIR": ""}, timeout=PATIENCE)
    assert result.returncode == 0
    assert result.stdout.startswith(b"stage 0 ? stage 0")


def test_a_long_word_is_not_repeated_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """A path of any length is, but nothing that is longer."""
    assert main(["x" * 100_000]) == 2
    assert 100 < len(capsys.readouterr().err) < 5000
