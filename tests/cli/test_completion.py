"""`harness completion`, `harness man` and `--version`: all of it from the parsers."""

from __future__ import annotations

import re
import shutil
import subprocess
from argparse import ArgumentParser
from pathlib import Path

import pytest

from harness.cli import main
from harness.cli.completion_scripts import SCRIPTS
from harness.cli.grammar import grammar_of
from harness.cli.man_page import man_page
from tests.cli.invocation import PATIENCE

# Completes the words behind `--`, the last of which is not finished.
COMPLETED = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_harness
printf '%s\\n' "${COMPREPLY[@]}"
"""
# The checks that shells and formatters make of a text.
CHECKS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints that ends well."""
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def checked(command: list[str], path: Path) -> str:
    """What a program complains about, if it is there at all."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    result = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False, timeout=PATIENCE)
    return result.stderr + f"exit code {result.returncode}" * bool(result.returncode)


@pytest.mark.parametrize("shell", list(SCRIPTS))
def test_scripts_are_what_shells_read(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No shell complains, and the words of every command are in it."""
    script = printed(capsys, "completion", shell)
    for word in ("bisect", "export", "no-lost-schedule", "fixed-c", "westmere-ex-8s"):
        assert word in script
    (tmp_path / "script").write_text(script, encoding="utf-8")
    assert checked(CHECKS[shell], tmp_path / "script") == ""


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ru", ["run"]),
        ("series ", ["export"]),
        ("run --no-p", ["--no-perf"]),
        ("run --series post", ["posted"]),
        ("run --no-perf --check before-i", ["before-init"]),
        ("explore exactly", ["exactly-once"]),
        ("check --model al", ["all"]),
        ("series export --ser", ["--series"]),
        ("replay --json", []),
        ("run --json stag", ["stage.py"]),
        ("check stag", ["stage.py"]),
        ("completion fi", ["fish"]),
    ],
)
def test_what_bash_offers(words: str, found: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Commands, options of the command, values of the option, files."""
    (tmp_path / "script").write_text(printed(capsys, "completion", "bash"), encoding="utf-8")
    (tmp_path / "stage.py").touch()
    command = ["bash", "-c", COMPLETED, "bash", "./script", "harness", *words.split(" ")]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert (result.stdout.split(), result.stderr) == (found, "")


def test_an_unknown_shell(capsys: pytest.CaptureFixture[str]) -> None:
    """One line."""
    assert main(["completion", "csh"]) == 2
    assert re.fullmatch(r"harness: argument SHELL: invalid choice: 'csh' \(choose from .*bash.*\); see .*\n", capsys.readouterr().err)


def test_the_manual_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command with its options, the exit codes, and nothing that groff complains about."""
    page = printed(capsys, "man")
    for text in (
        ".SS series export \\fIDIR\\fR",
        "\\fB\\-\\-github\\fR",
        "\\fB\\-\\-json\\fR \\fIFILE\\fR",
        ".B 125",
        ".B HARNESS_CACHE_DIR",
    ):
        assert text in page
    (tmp_path / "page").write_text(page, encoding="utf-8")
    assert checked(["groff", "-man", "-ww", "-z", "-Tutf8"], tmp_path / "page") == ""


def test_what_is_no_request_in_a_page() -> None:
    """Dots, quotes and backslashes of a help text are text."""
    parser = ArgumentParser("p", description="It says \\fBthis\\fR.")
    parser.add_argument("--x", help=".so 'quoted' 100 %%")
    lines = man_page(grammar_of(parser)).splitlines()
    assert "\\&.so \\(aqquoted\\(aq 100 %" in lines
    assert "harness \\- It says \\efBthis\\efR." in lines


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The harness, the code that decides, and every suite with its distribution; the same again."""
    told = []
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main(["--version"])
        assert ended.value.code == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    harness, key, *suites = told[0].splitlines()
    assert re.fullmatch(r"harness \d+\.\d+\.\d+", harness)
    assert re.match(r"cache key [0-9a-f]{10}: the code that decides verdicts, Python 3\.\d+\.\d+, greenlet [\d.]+, other libraries", key)
    assert [line.split()[:2] for line in suites] == [["suite", "litmus"], ["suite", "tasklets"]]
