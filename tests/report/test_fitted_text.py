"""Sentences where there is little room."""

from __future__ import annotations

from harness.report.fitted_text import fitted
from harness.report.table_format import TableFormat

NARROW = TableFormat("simple", 40)
REPLAY = "h2/fixed/0/b15a56e48e/handover/softirq/scheduled-where-a-cpu-dies/x5000,55/3fec"


def test_what_follows_is_indented() -> None:
    """Below the line that is too long; lines that fit, and empty ones, are as they were."""
    text = "short\n\naccepted from patch 1: kill-independent (irq-client): a list"
    assert fitted(text, NARROW) == "short\n\naccepted from patch 1: kill-independent\n  (irq-client): a list"
    assert fitted(f"  {'word ' * 9}".rstrip(), NARROW) == "  word word word word word word word\n    word word"


def test_commands_are_not_broken() -> None:
    """Nor are replay strings: they have a line of their own."""
    assert fitted(f"replay: harness replay {REPLAY} file.litmus", NARROW) == f"replay:\n  harness replay {REPLAY} file.litmus"
    assert fitted(f"    {REPLAY}", NARROW) == f"    {REPLAY}"


def test_where_nobody_knows_the_width() -> None:
    """And in tables of another format, nothing is changed."""
    text = "word " * 50
    assert fitted(text, "simple") == fitted(text, TableFormat("simple")) == fitted(text, TableFormat("tsv", 40)) == text
