"""The words that make a run again."""

from __future__ import annotations

import pytest

from harness.cli.arguments import parse
from harness.cli.run import run_command


@pytest.mark.parametrize(
    "words",
    [
        "run --series fixed",
        "run 0 2 --series posted --suite tasklets --check fifo quiet --seeds 2 --executions 9 --preemptions 1 --accept-bound 0 --seed 7",
        "run --series posted --check fifo --model sc,tso --core 2014 --deep --accept accepted.toml --no-perf --new-only",
        "run --range base..tip --file a.py --file b.py --repo elsewhere --all-commits --follow",
        "run --mbox mails --base HEAD~3 --file a.py",
        "run --series directory --include inc --header h.h --dialect linux --cc gcc --cflag=-O2",
    ],
)
def test_they_ask_for_the_same(words: str) -> None:
    """Whoever types them asks for what was asked for; and nothing is added that was not said."""
    asked = parse(words.split()).request
    again = run_command(asked)
    assert parse(again).request == asked
    assert sorted(again) == sorted(words.split())


def test_what_decides_nothing_is_left_out() -> None:
    """Where files go, and how many processes there are; the series that is tested if none is named has its name."""
    words = "run --jobs 7 --json out.json --html page.html --junit x.xml --markdown y.md --github --no-cache --tablefmt github"
    assert run_command(parse(words.split()).request) == ("run", "--series", "fixed")
