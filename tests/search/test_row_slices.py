"""Rows as slices: calls, functions that nobody has seen run, and the failure."""

from __future__ import annotations

from dataclasses import replace

from harness.machine.spectator import CYCLES, OPERATION, OPERATIONS, TICKS, Recording, Slice
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.search.deciding_rows import WhatDecided
from harness.search.row_slices import BEFORE, CALL, FAILURE, explained, renamed, with_failure, with_rows


def row(pid: int, what: str, call: int = 0, contexts: tuple[str, ...] = (), inside: int = 0, time: int | None = None) -> CounterexampleRow:
    """A read; the call has a name if it has a number."""
    return CounterexampleRow(
        pid, "", False, time, "read", what, entered=f"f{call}" if call else "", call=call, contexts=contexts, inside=inside
    )


ROWS = (
    row(0, "a", call=1),
    row(1, "b"),
    row(0, "c", call=3, contexts=("softirq 4", "w runs"), inside=2),
    row(0, "d", contexts=("softirq 4", "w runs"), inside=2),
    row(0, "e", call=1),
)
SHOWN = Counterexample(((0, "CPU0"), (1, "CPU1")), ROWS, "BUG: no")
SEEN = Recording(OPERATIONS, ("CPU0",), (Slice("CPU0", 2050, 4050, "softirq 4", "softirq"),), reason="BUG: no")


def test_what_lasts() -> None:
    """A call lasts from its first operation to its last one, whatever comes in between; so does a function that the suite has named."""
    found = with_rows(SEEN, SHOWN, 100)
    lasting = {each.name: (each.track, each.start, each.end, each.category) for each in found.slices if each.category != OPERATION}
    assert lasting["f1"] == ("CPU0", BEFORE, 5 * TICKS, CALL)
    assert lasting["w"] == ("CPU0", 2 * TICKS + BEFORE, 4 * TICKS, "run")
    assert lasting["f3"] == ("CPU0", 2 * TICKS + BEFORE, 3 * TICKS, CALL)
    assert [each.name for each in found.slices if each.category == OPERATION] == [f"read {name}" for name in "abcde"]
    assert found.tracks == ("CPU0", "CPU1")


def test_what_decides() -> None:
    """The operation says what it has to do with what is wrong."""
    found = with_rows(SEEN, replace(SHOWN, decides=WhatDecided((1,), "the look")), 100)
    assert [each.name for each in found.slices if ("star", "the look") in each.details] == ["read b"]


def test_a_function_that_was_seen() -> None:
    """It is not shown twice."""
    seen = Recording(OPERATIONS, slices=(Slice("CPU0", 2050, 4050, "w", "run"),))
    assert [each.name for each in with_rows(seen, SHOWN, 100).slices if each.category == "run"] == ["w"]


def test_no_more_than_wanted() -> None:
    """The rest is counted, and lasts no longer than what is shown."""
    found = with_rows(SEEN, SHOWN, 1)
    assert found.left_out == 4
    assert [each.end for each in found.slices if each.category == CALL] == [TICKS]


def test_virtual_time() -> None:
    """An operation is a moment."""
    shown = Counterexample(((0, "CPU0"),), (row(0, "a", call=1, time=70), row(0, "b", call=1, time=90)), "")
    found = with_rows(Recording(CYCLES), shown, 100)
    assert [(each.name, each.start, each.end) for each in found.slices] == [("f1", 70, 90), ("read a", 70, 70), ("read b", 90, 90)]


def test_names_of_softirqs() -> None:
    """They are those of the rows in words; nothing else is renamed."""
    named = Counterexample(
        SHOWN.columns, tuple(row(each.pid, each.what, contexts=tuple("softirq X" for _ in each.contexts)) for each in ROWS), ""
    )
    seen = Recording(OPERATIONS, slices=(*SEEN.slices, Slice("CPU0", 0, 1, "softirq 4", "run")))
    assert [each.name for each in renamed(seen, SHOWN, named).slices] == ["softirq X", "softirq 4"]


def test_where_it_fails() -> None:
    """At the fault; at both rows that race; in the end, where nobody is at fault, with who waits for ever; nowhere if nothing fails."""
    seen = with_rows(SEEN, SHOWN, 100)
    fault = with_failure(seen, SHOWN, ("CPU0", 3000))
    assert [(each.track, each.time) for each in fault.moments] == [("CPU0", 3000)]
    assert fault.slices[-1] == Slice(FAILURE, 3000, 5 * TICKS, "BUG: no", FAILURE)
    assert fault.tracks[0] == FAILURE
    race = with_failure(seen, SHOWN, None, (0, 1))
    assert [(each.track, each.time) for each in race.moments] == [("CPU0", TICKS), ("CPU1", 2 * TICKS)]
    in_the_end = with_failure(seen, SHOWN, None)
    assert (in_the_end.moments, in_the_end.slices[-1].start) == ((), 5 * TICKS)
    assert with_failure(Recording(OPERATIONS), SHOWN, None) == Recording(OPERATIONS)
    waits = "CPU1 waits for x, held by CPU0"
    for_ever = with_failure(seen, replace(SHOWN, waits=(waits,)), None)
    assert [(each.track, each.time, each.name) for each in for_ever.moments] == [("CPU1", 5 * TICKS, waits)]


def test_what_the_clause_says() -> None:
    """It stands at the failure and nowhere else."""
    found = explained(with_failure(with_rows(SEEN, SHOWN, 100), SHOWN, ("CPU0", 3000)), {"clause": "c: It does."})
    assert [each.category for each in found.slices if each.details] == [FAILURE]
    assert found.moments[0].details == (("clause", "c: It does."),)
