"""The text of an execution: no line is too wide, nothing is missing, and colours change nothing but the colours."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from harness.report.counterexample_text import counterexample_text, facts
from harness.report.looks import EVERYWHERE, Looks
from harness.report.shown_rows import ShownRow, shown_rows
from harness.search.counterexample import Counterexample, CounterexampleRow, Heading
from harness.search.deciding_rows import WhatDecided
from tests.report.executions import DOCUMENT, FINDINGS, INTERRUPTED, KILLED_TOGETHER, replayed

ESCAPE = re.compile("\033\\[[0-9;]*m")
EXAMPLE = re.compile(r"```text\n\$ harness replay (\S+) --width 80\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("clause", FINDINGS)
def test_every_finding_fits(clause: str) -> None:
    """At 80 columns, and at 40, no line is wider, and every row is there, with its line of code and its words in order."""
    found = replayed(FINDINGS[clause])
    for width, everything in ((80, False), (80, True), (40, False)):
        text = counterexample_text(found, Looks(width, everything))
        assert max(map(len, text.splitlines())) <= width
        numbers = re.findall(r"^  (\d+)[* ] ", text, re.MULTILINE)
        assert list(map(int, numbers)) == [each.at for each in shown_rows(found, everything) if isinstance(each, ShownRow)]
        assert " ".join(text.split()).endswith(" ".join(found.reason.split()))


def test_the_heading_says_what_it_is_one_of() -> None:
    """Series, stage, patch, clause and program with their sentences, kind, model, how many operations and deviations."""
    lines = counterexample_text(replayed(INTERRUPTED), Looks()).splitlines()
    assert lines[0] == "series posted, stage 4, patch 4: Introduce per-cpu tasklet for schedule tasklet"
    assert lines[1].startswith("clause wakeup: A VCPU-kind tasklet scheduled at any point")
    assert lines[3].startswith("program woken-by-interrupt: A tasklet runs, or is about to,")
    assert lines[4] == "kind vcpu, memory model sc, 53 operations, 1 deviation from the natural order"


def test_values_have_names() -> None:
    """Bits, softirqs and CPUs are called as the stage calls them."""
    text = counterexample_text(replayed(INTERRUPTED), EVERYWHERE)
    for words in ("rmw t.state: SCHED → RUN|SCHED ", "store t.scheduled_on: -1 → CPU0 ", "rmw softirqs of CPU0: 0 → SCHEDULE "):
        assert words in text


def test_who_else_has_written_it() -> None:
    """A value that another CPU has written names that CPU."""
    assert "load t.is_dead = True (by CPU1)" in counterexample_text(replayed(KILLED_TOGETHER), EVERYWHERE)


def test_colours_change_nothing_else() -> None:
    """Without the escape sequences it is the same text; a star and the reason have some."""
    found = replayed(INTERRUPTED)
    for width in (None, 80):
        plain, coloured = (counterexample_text(found, Looks(width, colour=colour)) for colour in (False, True))
        assert "\033" not in plain
        assert ESCAPE.sub("", coloured) == plain
        assert re.search("\033\\[33m.*raise irq", coloured)
        assert coloured.splitlines()[-1].startswith("\033[1;31massertion")


def test_a_table_where_there_is_room() -> None:
    """With a column for each process; a format that was asked for stays one, however narrow the terminal is."""
    rows = (CounterexampleRow(0, "load x", deviation=False), CounterexampleRow(1, "store x", deviation=True, time=7))
    found = Counterexample(((0, "CPU0"), (1, "CPU1")), rows, "BUG: why")
    assert counterexample_text(found, Looks(80)).splitlines()[-3:] == ["0             load x", "1*  7                 store x", "BUG: why"]
    assert "| 1* | 7        |        | store x |" in counterexample_text(found, Looks(20, tablefmt="github"))


def test_store_buffers_of_one_cpu_share_a_column() -> None:
    """Under PSO it has one for each location, which are called alike: what arrives, the row says."""
    rows = (
        CounterexampleRow(0, "store x", False),
        CounterexampleRow(4, "arrival of x", False),
        CounterexampleRow(5, "arrival of y", False),
    )
    found = Counterexample(((0, "CPU0"), (4, "CPU0's store buffer"), (5, "CPU0's store buffer")), rows, "BUG: why")
    head, *lines = counterexample_text(found, Looks(tablefmt="tsv")).splitlines()
    assert [cell.strip() for cell in head.split("\t")] == ["", "CPU0", "CPU0's store buffer"]
    assert [cell.strip() for cell in lines[2].split("\t")] == ["2", "", "arrival of y"]


def test_words_without_end_are_broken() -> None:
    """A name that is wider than the line, and rows that are nested deeper than there is room for, still fit."""
    contexts = tuple(f"softirq {at}" for at in range(60))
    row = CounterexampleRow(0, "", False, kind="load", what="x" * 200, where=f"{'y' * 90}.py:1 ({'z' * 90})", contexts=contexts)
    text = counterexample_text(Counterexample(((0, "CPU0"),), (row,), "why"), Looks(40))
    assert max(map(len, text.splitlines())) <= 40
    assert text.count("x") == 200


def test_virtual_time_has_no_natural_order() -> None:
    """Of such an execution nobody says how far it is from one."""
    heading = Heading("stage 1", "clause", "It holds.", "program", "It runs.", "kind", "virtual time, seed 3")
    row = CounterexampleRow(0, "load x", False)
    assert facts(Counterexample(((0, "CPU0"),), (replace(row, time=7),), "why"), heading) == "kind kind, virtual time, seed 3, 1 operations"


def test_the_natural_order() -> None:
    """What happens in it has a star on what decides, and the legend says why; where nothing decides, the heading says that it is so."""
    heading = Heading("stage 1", "clause", "It holds.", "program", "It runs.", "kind", "memory model sc")
    found = Counterexample(((0, "CPU0"),), (CounterexampleRow(0, "load x", False, kind="load", what="x"),), "why", heading=heading)
    assert facts(found, heading).endswith("1 operations, no deviation: happens in the natural order")
    assert "*" not in counterexample_text(found)
    decided = replace(found, decides=WhatDecided((0,), "the look"))
    assert facts(decided, heading).endswith("1 operations, no deviations from the natural order")
    text = counterexample_text(decided, Looks(80))
    assert "\n*: the look; load: plain accesses\n" in text
    assert "\n0*  load x\n" in text


def test_no_table_of_nothing() -> None:
    """Where the first call fails before any operation, there is the reason, and no table without rows."""
    text = counterexample_text(Counterexample(((0, "CPU0"),), (), "crash: at once"), Looks(80))
    assert "--" not in text
    assert text.endswith("crash: at once\n")


def test_a_hint_follows_the_reason() -> None:
    """Which barrier would help stands in the same line."""
    found = Counterexample(((0, "CPU0"),), (CounterexampleRow(0, "load x", False),), "BUG: why", hint="a barrier helps")
    assert counterexample_text(found, EVERYWHERE).endswith("\nBUG: why; a barrier helps\n")


def test_the_example_in_the_documentation() -> None:
    """It is what the command that stands above it prints."""
    text = (DOCUMENT.parents[2] / "docs" / "counterexamples.md").read_text(encoding="utf-8")
    string, shown = EXAMPLE.findall(text)[0]
    assert shown == counterexample_text(replayed(string), Looks(80))
