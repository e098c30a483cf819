"""What an exploration has seen violated, wide and narrow."""

from __future__ import annotations

from harness.report.looks import Looks
from harness.report.violated_text import violated_text

REPLAY = f"h2/{'x' * 90}/a6a9"
ROW = ["program", "softirq", "assertion: CPU0: something that takes more than one line of forty columns", REPLAY]


def test_a_replay_string_is_never_broken() -> None:
    """Where a table is too wide there are paragraphs, and the string stands in a line of its own, with the command."""
    *said, command = violated_text([ROW], Looks(40), ("a stage.py",)).splitlines()
    assert command == f"  harness replay {REPLAY} 'a stage.py'"
    assert max(map(len, said)) <= 40


def test_a_table_elsewhere() -> None:
    """Where nobody says how wide a line may be, and where a format was asked for; below it is how to see one again."""
    for looks in (Looks(), Looks(40, tablefmt="tsv")):
        *_, row, hint = violated_text([ROW], looks, ("s.py",)).splitlines()
        assert row.split() == [*" ".join(ROW).split()]
        assert hint == "to see one again: harness replay STRING s.py"
