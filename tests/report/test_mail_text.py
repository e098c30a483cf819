"""Text for mails: how wide it is, and that nothing of a command is lost."""

from __future__ import annotations

import subprocess

import pytest

from harness.report.mail_text import MOST_LINES, WIDTH, interleaving, paragraph, shell_command
from harness.search.counterexample import Counterexample, CounterexampleRow
from tests.bounds import SECONDS

COLUMNS = ((0, "CPU0"), (1, "CPU1"))


def execution(*rows: tuple[int, str], deviations: tuple[int, ...] = ()) -> Counterexample:
    """An execution with these operations."""
    return Counterexample(COLUMNS, tuple(CounterexampleRow(*row, at in deviations) for at, row in enumerate(rows)), "assertion: no")


def narrow(text: str) -> bool:
    """Whether it fits into a mail."""
    return all(len(line) <= WIDTH for line in text.splitlines())


@pytest.mark.parametrize(
    "words",
    [
        ["harness", "replay", "h2/posted/4/b373d9b5a0/clause/vcpu/program/x5000/fe55"],
        ["harness", "replay", "h2/" + "a,1" * 90, "--range", "main..topic"],
        ["harness", "replay", "x" * 76],
        ["harness", "replay", "x" * 75, "--repo", "a directory/with 'quotes' and $HOME" * 5],
        ["harness", "'" * 40, "", "*" * 74, "\\" * 30],
    ],
)
def test_a_shell_reads_the_command_as_it_was(words: list[str]) -> None:
    """Long words are broken, and are one word again when a shell has read them."""
    text = shell_command(words)
    assert narrow(text)
    script = f"show() {{ printf '<%s>' \"$@\"; }}\nshow {text}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=SECONDS, check=True)
    assert done.stdout == "".join(f"<{word}>" for word in words)


def test_a_long_word_is_broken_where_it_can_be_read() -> None:
    """Behind a slash or a comma; a word that fits as the last one is not broken."""
    assert shell_command(["replay", "h2/" + "a" * 60 + "/" + "b" * 40]).splitlines()[1].rstrip("\\") == "h2/" + "a" * 60 + "/"
    assert shell_command(["replay", "x" * WIDTH]).splitlines() == ["replay \\", "x" * WIDTH]


def test_short_executions_are_whole() -> None:
    """A heading where another process goes on; a function's name only where there is room; the star of a deviation."""
    long = f"store {'t' * 40}: 0 → 1, file.py:1 (a_function)"
    text = interleaving(execution((0, "load a, f.py:2 (f)"), (1, "load b"), (1, long), (0, "load c"), deviations=(1,)))
    assert text.splitlines() == [
        "  CPU0:",
        "    load a, f.py:2 (f)",
        "  CPU1:",
        "  * load b",
        f"    {long.removesuffix(' (a_function)')}",
        "  CPU0:",
        "    load c",
    ]


def test_long_stretches_are_shortened() -> None:
    """As little as possible; where somebody came in between, it is always shown."""
    rows = [(0, f"load {at}") for at in range(100)]
    text = interleaving(execution(*rows, (1, "load x"), deviations=(50,)))
    lines = text.splitlines()
    assert MOST_LINES - 10 < len(lines) <= MOST_LINES
    assert "  * load 50" in lines
    assert sum(int(line.split()[1]) for line in lines if "operation" in line) + sum("load" in line for line in lines) == 101
    assert lines[-2:] == ["  CPU1:", "    load x"]


def test_too_many_changes_are_left_out() -> None:
    """In the middle, and that is said."""
    text = interleaving(execution(*((at % 2, f"load {at} {'x' * 100}") for at in range(100))))
    lines = text.splitlines()
    assert len(lines) == MOST_LINES + 1
    assert narrow(text)
    assert sum("lines are left out" in line for line in lines) == 1


def test_what_goes_round_is_shown_once() -> None:
    """With how often it comes."""
    text = interleaving(execution((1, "load start"), *((0, f"load {at % 3}") for at in range(60))))
    assert text.splitlines() == [
        "  CPU1:", "    load start", "  CPU0:", "    load 0", "    load 1", "    load 2", "    … these 3 rows repeat 20 times",
    ]  # fmt: skip


def test_paragraphs() -> None:
    """One of any text, indented from the second line on."""
    text = paragraph("word " * 40 + "\n" + "x" * 200, more="  ")
    assert narrow(text)
    assert text.splitlines()[1].startswith("  word")
