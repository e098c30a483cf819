"""The paragraph in plain words: who calls what, who comes in between, and how it ends."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from harness.report.explanation import explanation
from harness.search.counterexample import Counterexample, CounterexampleRow, Heading
from harness.search.late_stores import LateStore
from harness.search.recorder import Missed
from tests.report.executions import FINDINGS, INTERRUPTED, replayed

HEADING = Heading("stage 1", "clause", "It holds.", "program", "It runs.", "kind", "memory model sc")


@pytest.mark.parametrize(
    ("string", "text"),
    [
        (
            INTERRUPTED,
            (
                "CPU0 calls tasklet_schedule (row 0), and then calls do_tasklet (row 20). Before that is done, the device interrupts CPU0 "
                "(row 33). Then CPU0 takes an interrupt, whose handler calls tasklet_schedule (row 35); and then goes on in do_tasklet "
                "(row 45). CPU0 sleeps with u (since row 43) still on its list tasklet_list[0]. In the end (assertion): "
                "u ran on CPUs [], not [0]."
            ),
        ),
        (
            FINDINGS["kill-independent"],
            "CPU1 calls tasklet_schedule (row 0). Then CPU0 calls tasklet_kill (row 15). In the end nobody can go on.",
        ),
    ],
)
def test_findings_in_plain_words(string: str, text: str) -> None:
    """An interrupt in the middle of a call, and a wait that nobody ends."""
    assert explanation(replayed(string)) == text


def called(pid: int, call: int, **more: str) -> CounterexampleRow:
    """An operation in a call of function `f` and its number."""
    return CounterexampleRow(
        pid, f"load x in call {call}", False, kind="load", what="x", where="a.py:1 (f)", entered=f"f{call}", call=call, **more
    )


def told(*rows: CounterexampleRow, reason: str = "BUG: CPU0: why") -> str:
    """The paragraph about rows of two CPUs."""
    return explanation(Counterexample(((0, "CPU0"), (1, "CPU1")), rows, reason, heading=HEADING))


def test_only_a_call_that_goes_on_later_was_not_done() -> None:
    """A call of the same function is another one."""
    assert told(called(0, 1), called(1, 2), called(0, 1)) == (
        "CPU0 calls f1 (row 0). Before that is done, CPU1 calls f2 (row 1). Then CPU0 goes on in f1 (row 2). It ends on CPU0 (BUG): why."
    )
    assert told(called(0, 1), called(1, 2), called(0, 3)) == (
        "CPU0 calls f1 (row 0). Then CPU1 calls f2 (row 1). Then CPU0 calls f3 (row 2). It ends on CPU0 (BUG): why."
    )


def test_runs_are_told_apart() -> None:
    """A run that is interrupted goes on; another one of the same function is another one."""

    def run(call: int) -> CounterexampleRow:
        return CounterexampleRow(0, f"load {call}", False, kind="load", where="a.py:1 (f)", contexts=("t runs",), inside=call)

    assert told(run(1), called(1, 2), run(1)).startswith(
        "CPU0 runs t (row 0). Before that is done, CPU1 calls f2 (row 1). Then CPU0 goes on running t (row 2)."
    )
    assert told(run(1), called(1, 2), run(3)).startswith("CPU0 runs t (row 0). Then CPU1 calls f2 (row 1). Then CPU0 runs t (row 2).")


def test_one_handler_is_one_interrupt() -> None:
    """What it calls next, and what it does itself afterwards, is no other interrupt."""

    def handler(call: int, entered: str) -> CounterexampleRow:
        row = CounterexampleRow(0, f"load {call}", False, kind="load", where="a.py:1 (f)", contexts=("interrupt handler",), inside=7)
        return replace(row, entered=entered, call=call)

    assert told(handler(1, "f"), handler(2, "g"), handler(0, "")).startswith(
        "CPU0 takes an interrupt, whose handler calls f (row 0); calls g in its interrupt handler (row 1); "
        "and then goes on in its interrupt handler (row 2)."
    )


def test_what_comes_after_a_handler_is_not_called_in_it() -> None:
    """Nor does a function that has run call what its CPU calls next; what it does call is said to be in there."""

    def within(context: str, call: int) -> CounterexampleRow:
        return replace(called(0, call), contexts=(context,), inside=7)

    assert told(within("interrupt handler", 1), called(0, 2)).startswith(
        "CPU0 takes an interrupt, whose handler calls f1 (row 0); and then calls f2 (row 1)."
    )
    assert told(within("t runs", 1), called(0, 2)).startswith("CPU0 runs t, which calls f1 (row 0); and then calls f2 (row 1).")
    assert told(within("t runs", 1), within("t runs", 2)).startswith("CPU0 runs t, which calls f1 (row 0); and then calls f2 in t (row 1).")
    assert told(within("softirq A", 1), within("softirq A", 2)).startswith(
        "CPU0 handles softirq A in f1 (row 0), and then calls f2 in its softirq A (row 1)."
    )


def test_a_race_names_its_rows() -> None:
    """Not the end, where nothing is wrong yet; a store that arrives late is its CPU's, and stands in the row of its arrival."""
    rows = (called(0, 1), called(1, 2), called(0, 3))
    racing = Counterexample(((0, "CPU0"), (1, "CPU1")), rows, "data race: a and b are not ordered", heading=HEADING, race=(0, 1))
    assert explanation(racing).endswith("Then CPU0 calls f3 (row 2). Here row 1 races with row 0: a and b are not ordered.")
    found = replayed(FINDINGS["no-races"])
    first, second = (found.rows[at] for at in found.race)
    assert {first.what, second.what} == {"t.is_dead"}
    assert all(f"at {row.where} ({row.kind} of " in found.reason for row in (first, second))


def test_an_older_value_is_told() -> None:
    """It is what a failure under a weak memory model is about; the call that begins with it comes before it."""
    older = called(1, 2, value="0 from before; has not seen CPU0's 1 of a.py:1 (f)")
    assert "Then CPU1 calls f2 (row 1), and then reads an older value of x (row 1)." in told(called(0, 1), older)
    missed = replace(older, missed=Missed(0, "CPU0"))
    text = told(called(0, 1), missed, called(1, 2), missed)
    assert "Then CPU1 calls f2 (row 1), reads an older value of x (row 1), goes on in f2 (row 2), and then reads an" in text
    assert text.count("Nothing has told CPU1") == 2


def test_what_an_older_value_has_missed_is_said_behind_it() -> None:
    """Of the row that reads it: whose write it was."""
    older = called(1, 2, value="0 from before; has not seen CPU0's 1 of a.py:1 (f)")
    text = told(called(0, 1), replace(older, missed=Missed(0, "CPU0")))
    assert "reads an older value of x (row 1). Nothing has told CPU1 of what CPU0 wrote in row 0; neither one barrier" in text


def test_a_store_that_is_missed_again_is_told_once() -> None:
    """Whoever reads the same old value in another call has still not seen the same store: that is nothing new."""
    late = LateStore("CPU0", 0, 1, "a.py:1 (f)", "1")
    text = told(called(0, 1), replace(called(1, 2), late=late), replace(called(1, 3), late=late))
    assert text.count("does not see CPU0's write to ") == 1
    assert "Row 1 does not see" in text
    assert "calls f3 (row 2)" in text


def test_the_common_set_up_is_said() -> None:
    """Up to which row every execution is the same; nothing where only one row is."""
    first, other = replace(called(0, 1), forced=True), called(1, 2)
    assert told(first, first, other).startswith("Every execution begins with rows 0 to 1. CPU0 calls f1 (row 0).")
    assert told(first, other).startswith("CPU0 calls f1 (row 0).")


def test_long_executions_are_told_in_part() -> None:
    """Of many turns, the first and the last ones, and how many there are in between."""
    text = told(*(called(at % 2, at + 1) for at in range(40)))
    assert text.count("calls") == 9
    assert "Now they take turns 31 more times." in text


def test_nothing_is_told_of_no_stage() -> None:
    """Where nobody calls anything, and where nobody knows what it is one of."""
    assert told(CounterexampleRow(0, "load x", False)) == ""
    assert explanation(Counterexample(((0, "CPU0"),), (called(0, 1),), "BUG: why")) == ""


STATEMENTS = re.compile(
    r"(?:whose handler calls|which calls|calls|goes on in) (?P<call>(?!its )\w+)(?: in (?:its )?[\w ]+)? \(row (?P<at>\d+)\)"
    r"|runs (?P<run>\w+) \(row (?P<run_at>\d+)\)"
    r"|handles softirq (?P<softirq>\w+) in \w+ \(row (?P<softirq_at>\d+)\)"
    r"|takes an interrupt, whose handler calls \w+ \(row (?P<handler_at>\d+)\)"
    r"|interrupts (?P<target>\w+) \(row (?P<raise_at>\d+)\)"
    r"|sleeps with (?P<entry>\w+) \(since row (?P<since>\d+)\)[^.]* still on its list (?P<list>\S+)\."
    r"|Here row (?P<second>\d+) races with row (?P<first>\d+): "
)


@pytest.mark.parametrize("clause", FINDINGS)
def test_each_statement_is_a_row(clause: str) -> None:
    """Whoever is said to do something in a row does that there: calls the function, runs it, takes the interrupt, leaves the entry."""
    found = replayed(FINDINGS[clause])
    text = explanation(found)
    numbered = 0
    for match in STATEMENTS.finditer(text):
        numbered += match["list"] is match["first"] is None
        if match["call"]:
            assert found.rows[int(match["at"])].entered == match["call"]
        elif match["run"]:
            assert f"{match['run']} runs" in found.rows[int(match["run_at"])].contexts
        elif match["softirq"]:
            assert f"softirq {match['softirq']}" in found.rows[int(match["softirq_at"])].contexts
        elif match["handler_at"]:
            assert "interrupt handler" in found.rows[int(match["handler_at"])].contexts
        elif match["target"]:
            row = found.rows[int(match["raise_at"])]
            assert (row.kind, row.what) == ("raise irq", match["target"])
        elif match["first"]:
            assert all(found.rows[int(match[at])].where in found.reason for at in ("first", "second"))
        else:
            assert found.rows[int(match["since"])].operation == f"list add_tail {match['entry']}.list to {match['list']}"
    others = len(re.findall(r"\(row \d+\)", text)) - numbered
    assert others <= text.count("takes an interrupt (row") + text.count("goes on in its") + text.count("goes on running")


def test_who_goes_on_is_named_behind_what_was_missed() -> None:
    """A sentence about a write stands in between: *that* would be what it is about."""
    older = replace(called(1, 2, value="0 from before; has not seen CPU0's 1 of a.py:1 (f)"), missed=Missed(0, "CPU0"))
    text = told(called(0, 1), called(1, 2), older, called(1, 2), called(0, 3), called(1, 2))
    assert "that would have. Before CPU1 goes on, CPU0 calls f3 (row 4). Then CPU1 goes on in f2 (row 5)." in text


def test_the_end_names_who_finds_what_is_wrong_and_nobody_else() -> None:
    """A CPU that stops there is named; of what does not hold when all have finished, whose last deed that was is not."""
    rows = (called(0, 1), called(1, 2))
    assert told(*rows, reason="BUG: CPU0: why").endswith("It ends on CPU0 (BUG): why.")
    assert told(*rows, reason="assertion: in the end, why").endswith("In the end (assertion): why.")
    assert told(*rows, reason="data race: CPU0 at a and CPU1 at b").endswith("In the end (data race): CPU0 at a and CPU1 at b.")
    lost = replayed(FINDINGS["self-reschedule"])
    assert "CPU" not in lost.reason.partition(" on CPUs")[0]
