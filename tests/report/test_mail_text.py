"""Text for mails: how wide it is, and that nothing of a command is lost."""

from __future__ import annotations

import subprocess

import pytest

from harness.report.mail_text import WIDTH, paragraph, shell_command
from tests.bounds import SECONDS

REPLAY = "h2/posted/4/b373d9b5a0/clause/vcpu/program/x5000" + ",1" * 90 + "/fe55"


@pytest.mark.parametrize(
    "words",
    [
        ["harness", "replay", "h2/posted/4/b373d9b5a0/clause/vcpu/program/x5000/fe55"],
        ["harness", "replay", REPLAY, "--range", "main..topic"],
        ["harness", "replay", "x" * 76, "--all-commits", "--follow"],
        ["harness", "replay", "x" * 75, "--repo", "a directory/with 'quotes' and $HOME" * 5],
        ["harness", "'" * 40, "", "*" * 74, "\\" * 30],
    ],
)
def test_a_shell_reads_the_command_as_it_was(words: list[str]) -> None:
    """Over several lines, every word is one word again when a shell has read it."""
    text = shell_command(words)
    script = f"show() {{ printf '<%s>' \"$@\"; }}\nshow {text}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=SECONDS, check=True)
    assert done.stdout == "".join(f"<{word}>" for word in words)


def test_no_word_is_broken() -> None:
    """A replay string has its line, however long; an option stands beside what it is given; every other line fits."""
    options = ["--range", "main..topic", "--file", "src/a.py", "--repo", "x" * 40]
    assert shell_command(["harness", "replay", REPLAY, *options]).splitlines() == [
        "harness replay \\",
        f"  {REPLAY} \\",
        "  --range main..topic --file src/a.py \\",
        f"  --repo {'x' * 40}",
    ]


def test_a_line_is_as_long_as_a_mail_allows() -> None:
    """What follows needs room for a space and a backslash; the last word does not."""
    assert shell_command(["harness", "x" * (WIDTH - 8)]) == f"harness {'x' * (WIDTH - 8)}"
    assert shell_command(["harness", "x" * (WIDTH - 8), "y"]) == f"harness \\\n  {'x' * (WIDTH - 8)} y"


def test_paragraphs() -> None:
    """One of any text, indented from the second line on."""
    text = paragraph("word " * 40 + "\n" + "x" * 200, more="  ")
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert text.splitlines()[1].startswith("  word")
