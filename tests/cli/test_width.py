"""What every command prints on a narrow terminal: nothing is wider, but replay strings and commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.arguments import parse
from harness.cli.main import main

LITMUS = Path(__file__).parents[1] / "litmus" / "files" / "LB.litmus"
S5 = Path(__file__).parents[2] / "stages" / "posted" / "s5_drop_scaffolding.py"
QUICK = ("--check", "kill-cancels", "--seeds", "1", "--executions", "100")
COMMANDS = (
    ("list",),
    ("run", "--series", "posted", "0", "1", "--no-perf", *QUICK),
    ("check", str(S5), *QUICK, "--kind", "vcpu"),
    ("compare", "fixed", "posted", "--check", "one-per-iteration", "--seeds", "1", "--executions", "20"),
    ("bisect", "posted", *QUICK, "--kind", "softirq"),
    ("diff", "0", "1"),
    ("litmus", "SB", str(LITMUS), "--model", "sc,tso"),
    ("perf", "0", "--runs", "2"),
    ("perf", "--list"),
)


def is_too_wide(line: str, width: int) -> bool:
    """Whether a line has no business to be so wide."""
    return len(line) > width and not line.strip().startswith(("h2/", "harness replay "))


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_nothing_is_wider(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """At 60 columns; there is something that would be."""
    main([*words, "--width", "60"])
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert [line for line in lines if is_too_wide(line, 60)] == []


@pytest.mark.parametrize("width", [60, 80])
def test_the_columns_of_the_environment(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """They count as well, and the option before them; another format of tables is not touched."""
    main(["list"])
    whole = capsys.readouterr().out
    assert any(len(line) > width for line in whole.splitlines())
    monkeypatch.setenv("COLUMNS", str(width))
    main(["list"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= width
    main(["list", "--width", "1000"])
    assert capsys.readouterr().out == whole
    main(["list", "--tablefmt", "tsv"])
    assert any(len(line) > width for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("command", ["list", "run", "check x.py", "compare a b", "bisect a", "diff 0 1", "litmus", "perf", "findings"])
@pytest.mark.parametrize("width", ["39", "x", "100000"])
def test_bad_widths(command: str, width: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and the exit code of wrong usage."""
    assert main([*command.split(), "--width", width]) == (128 if command.startswith("check") else 2)
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "argument --width: " in err


def test_explore_and_replay_have_one_width() -> None:
    """That of executions is that of tables."""
    request = parse(["explore", "fifo", "0", "--width", "70"]).request
    assert (request.tablefmt.width, request.looks.width) == (70, 70)
