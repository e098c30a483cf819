"""Which rows are shown: what is folded, where the star stands, and what is nested."""

from __future__ import annotations

from dataclasses import replace

from harness.report.shown_rows import Note, ShownRow, causes, set_up, shown_rows, starred
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.search.deciding_rows import WhatDecided
from tests.report.executions import FINDINGS, replayed

STAGE = "tasklet.py:12 (schedule)"


def row(pid: int, kind: str = "load", where: str = STAGE, star: bool = False, contexts: tuple[str, ...] = ()) -> CounterexampleRow:
    """An operation on x."""
    return CounterexampleRow(pid, f"{kind} x", star, kind=kind, what="x", where=where, contexts=contexts)


def idle(pid: int, star: bool = False, kind: str = "read") -> CounterexampleRow:
    """The machine's own work."""
    return row(pid, kind, "the machine", star)


def lines(*rows: CounterexampleRow, everything: bool = False, most: int | None = None) -> list[str | int]:
    """The numbers of the rows that are shown, and the remarks."""
    names = tuple((pid, f"CPU{pid}") for pid in sorted({row.pid for row in rows}))
    shown = shown_rows(Counterexample(names, rows, "why"), everything, most)
    return [each.at if isinstance(each, ShownRow) else each.text for each in shown]


def test_the_machines_own_work_is_folded() -> None:
    """Two rows and more become a remark, which says whose they are if they are not one CPU's; one row stays, if it is no idle look."""
    assert lines(row(0), idle(0), idle(0), row(0), idle(0), row(0)) == [
        0,
        "rows 1 to 2 of the machine's own work",
        3,
        "an idle look of CPU0",
        5,
    ]
    assert lines(row(0), idle(0, kind="rmw"), row(0)) == [0, 1, 2]
    assert lines(idle(0), idle(1)) == ["rows 0 to 1 of the machine's own work on CPU0 and CPU1"]
    assert lines(row(0), idle(0), idle(0), everything=True) == [0, 1, 2]


def test_what_the_machine_finds_in_the_end_stays() -> None:
    """After the last star, or after what others do if there is none: there it shows what they have left; its own it knows."""

    def found(written_in: int) -> CounterexampleRow:
        return replace(idle(0), value="1", written_in=written_in)

    assert lines(row(0), found(0), found(0), row(0), found(0), found(4), found(4)) == [
        0,
        "rows 1 to 2 of the machine's own work",
        3,
        4,
        "rows 5 to 6 of the machine's own work",
    ]
    assert lines(row(0, star=True), found(0), found(1), found(1), row(0)) == [0, 1, "rows 2 to 3 of the machine's own work", 4]


def test_the_common_set_up_is_folded() -> None:
    """What each execution begins with; but not what another CPU finds later, nor a single row, nor what prints a line."""
    first, second = replace(row(0), forced=True), replace(row(1), forced=True)
    assert lines(first, first, second, row(1)) == ["rows 0 to 2 of the common set-up on CPU0 and CPU1", 3]
    assert lines(first, first, first, first, replace(row(1), written_by="CPU0", written_in=1)) == [
        0,
        1,
        "rows 2 to 3 of the common set-up",
        4,
    ]
    assert lines(first, first, replace(first, said=("x",)), row(1)) == ["rows 0 to 1 of the common set-up", 2, 3]
    assert lines(first, first, row(1), everything=True) == [0, 1, 2]


def test_a_link_that_another_cpu_follows_stays() -> None:
    """The half unlinked list of `hotplug` is made in the set-up: the write of the link stays, in its place between what is folded."""
    found = replayed(FINDINGS["hotplug"])
    there = {shown.at: shown.row for shown in shown_rows(found) if isinstance(shown, ShownRow)}
    cause = next(at for at, row in enumerate(found.rows) if row.list_call == "list write" and row.value == "t.list → u.list")
    assert cause in there
    assert [(row.what, row.written_by) for row in there.values() if row.written_in == cause][-1] == ("softirq_list[1]", "CPU1")


def test_where_nothing_differs_nothing_is_set_up() -> None:
    """An execution that is the only one is what is wrong, up to its end or to where it goes round in circles."""
    only = replace(row(0), forced=True)
    assert lines(only, only) == [0, 1]
    assert set_up([only, only, *[replace(row(0, "read"), forced=True)] * 20]) == 0
    assert set_up([only, only, row(0)]) == 2


def test_interrupts_are_not_folded() -> None:
    """Who raises one, and who takes it, is what a reader looks for."""
    assert lines(idle(0), idle(0), idle(2, kind="raise irq"), idle(0, kind="interrupt")) == ["rows 0 to 1 of the machine's own work", 2, 3]


def test_the_star_stands_on_what_comes_in_between() -> None:
    """Not on an idle look, or the end of a wait, before it; but there, where nothing comes in between before the one at work goes on."""
    interrupted = (row(0), idle(1, star=True), idle(2, kind="raise irq"), row(0))
    assert causes(interrupted) == {2}
    assert causes((row(0), idle(1, star=True), row(1), row(0))) == {2}
    assert causes((row(0), idle(1, star=True), row(0))) == {1}
    assert causes((row(0), row(1, "await", star=True), row(1), row(0))) == {2}
    assert causes((row(0), row(1, "await", star=True), row(0))) == {1}
    assert causes((row(0, star=True), row(1))) == {0}


def test_what_decides_has_the_star_where_nobody_comes_in_between() -> None:
    """It is not folded, be it the machine's or common set-up; of what goes round in circles it is the row of the first turn."""
    names = ((0, "CPU0"), (1, "CPU1"))
    first = replace(row(0), forced=True)
    found = Counterexample(
        names, (first, first, first, row(0), idle(0), idle(0), idle(0), row(0)), "why", decides=WhatDecided((1, 5), "why")
    )
    assert [each.at for each in shown_rows(found) if isinstance(each, ShownRow) and each.star] == [1, 5]
    assert starred(replace(found, rows=(row(0, star=True), *found.rows[1:]))) == {0}
    circles = (row(0, "store"), *[row(0), row(1)] * 20)
    assert starred(Counterexample(names, circles, "why", decides=WhatDecided((0, 40), "why"))) == {0, 2}


def test_a_star_is_never_folded() -> None:
    """A row of the machine with a star stays."""
    assert lines(row(0), idle(1, star=True), idle(1), idle(1), row(0)) == [0, 1, "rows 2 to 3 of the machine's own work", 4]


def test_what_is_nested_has_a_heading() -> None:
    """One for each function that begins, however deep, and none where it only goes on after another CPU."""
    handler, inner = ("interrupt handler",), ("interrupt handler", "t runs")
    rows = (row(0), row(0, contexts=inner), row(1), row(0, contexts=inner), row(0, contexts=handler), row(0))
    assert lines(*rows) == [0, "interrupt handler", "t runs", 1, 2, 3, 4, 5]
    shown = shown_rows(Counterexample(((0, "CPU0"), (1, "CPU1")), rows, "why"))
    assert [each.depth for each in shown if isinstance(each, Note)] == [0, 1]
    assert [each.depth for each in shown if isinstance(each, ShownRow)] == [0, 2, 0, 2, 1, 0]


def test_what_goes_round_in_circles_is_shown_once() -> None:
    """With how often it comes."""
    assert lines(row(0, "store"), *[row(0)] * 20) == [0, 1, "this row repeats 20 times"]


def test_too_many_rows_lose_their_middle() -> None:
    """Two thirds of what is left are from the beginning."""
    rows = [row(0, kind) for kind in ("load", "store", "rmw", "read", "write", "lock", "unlock")]
    assert lines(*rows, most=3) == [0, 1, "rows 2 to 5 are left out", 6]
