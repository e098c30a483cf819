"""Who waits for ever in the end: for what, and who could have ended it."""

from __future__ import annotations

from dataclasses import replace

from harness.explored.explored_engine import ExploredEngine
from harness.litmus.litmus_programs import ab_ba, counter, executed
from harness.machine.diagnosis import NO_PROGRESS, Violation
from harness.machine.engine import LIST_READ, LIST_WRITE, READ, RELAX, RMW, Process, nothing
from harness.report.explanation import explanation
from harness.search.counterexample import counterexample
from harness.search.ended_waits import waits_at_the_end
from harness.search.late_stores import LateStore
from harness.search.natural_order import Deviating
from harness.search.recorder import OperationRow
from harness.search.replay_string import TIMED, decode, encode
from harness.search.search import search
from harness.search.strategies.optimal_dpor import OptimalDpor
from tests.report.executions import FINDINGS, replayed


def test_a_deadlock_names_the_rows_of_its_cycle() -> None:
    """Each waits for a lock that only the other one could release, which has taken it in that row and waits itself."""
    result = search(executed(ab_ba), OptimalDpor())
    found = counterexample(executed(ab_ba), result.schedule, 1_000)
    taken = {row.pid: (at, row.what) for at, row in enumerate(found.rows)}
    assert found.waits == tuple(
        f"P{own} waits for {taken[other][1]}: only P{other} could end that, which holds it since row {taken[other][0]} "
        f"and waits for {taken[own][1]}"
        for own, other in ((0, 1), (1, 0))
    )


def test_a_loop_says_what_it_looks_at() -> None:
    """It names the words of its last turn and who has written them last; a program that waits says for what."""
    loop, awaits = replayed(FINDINGS["kill-independent"]).waits
    assert loop.startswith(
        "CPU0 waits in a loop at s1_percpu_softirq.py:279 (percpu_tasklet_kill) that looks at t.state, last written by CPU1"
    )
    assert "at softirqs of CPU0, which nobody has written" in loop
    assert awaits == "CPU1 waits for killed: only a change of killed could end that, which nobody has written, and nobody else can go on"


def test_only_the_last_turn_of_a_loop_counts() -> None:
    """What the loop has looked at in an earlier turn is over, and so is what came before the loop."""
    spinning = Process("CPU0", nothing)
    spinning.pid, spinning.kind, spinning.what = 0, RELAX, "a.py:3 (wait)"
    rows = [
        OperationRow("CPU0", 0, kind, what, "a.py:2 (wait)", "0") for kind, what in ((READ, "x"), (RELAX, ""), (READ, "y"), (RELAX, ""))
    ]
    engine = ExploredEngine(Deviating({}), 10)
    engine.processes, engine.failure = [spinning], Violation(NO_PROGRESS, "")
    (sentence,) = waits_at_the_end(engine, rows)
    assert "that looks at y, which nobody has written" in sentence
    assert " x," not in sentence


def test_a_loop_may_look_at_a_list() -> None:
    """What changes that is a list call that touches the list, whatever it names first."""
    spinning = Process("CPU0", nothing)
    spinning.pid, spinning.kind, spinning.what = 0, RELAX, "a.py:3 (wait)"
    rows = [
        OperationRow("CPU1", 1, LIST_WRITE, "t.list to queue", "a.py:9 (add)", nodes=("t.list", "queue")),
        OperationRow("CPU0", 0, LIST_READ, "queue.next", "a.py:2 (wait)", "t.list", nodes=("queue",)),
        OperationRow("CPU0", 0, RELAX, "", "a.py:3 (wait)"),
    ]
    engine = ExploredEngine(Deviating({}), 10)
    engine.processes, engine.failure = [spinning], Violation(NO_PROGRESS, "")
    (sentence,) = waits_at_the_end(engine, rows)
    assert "that looks at queue, last written by CPU1 in row 0" in sentence


def loop(*rows: OperationRow) -> str:
    """What is said of CPU0, which waits in a loop of the function `wait` after these rows."""
    spinning = Process("CPU0", nothing)
    spinning.pid, spinning.kind, spinning.what = 0, RELAX, "a.py:3 (wait)"
    engine = ExploredEngine(Deviating({}), 10)
    engine.processes, engine.failure = [spinning], Violation(NO_PROGRESS, "")
    (sentence,) = waits_at_the_end(engine, rows)
    return sentence


def test_a_loop_looks_with_what_it_calls() -> None:
    """A handler, say, that it runs in each turn: what keeps it there is not what it raises itself, but what it finds in that."""
    raised = OperationRow("CPU0", 0, RMW, "pending", "a.py:2 (wait)", "1 → 0")
    found = OperationRow("CPU0", 0, READ, "busy", "a.py:9 (handler)", "1")
    again = OperationRow("CPU0", 0, RMW, "pending", "a.py:10 (handler)", "0 → 1")
    assert "that looks at busy, which nobody has written; at what it changes itself: only a change of that by somebody else" in loop(
        raised, found, again
    )
    nested, quiet = (replayed(FINDINGS[clause]).waits[-1] for clause in ("nested-softirqs", "quiet"))
    assert "that looks at t.state, last written by CPU0 in row " in nested
    assert "that looks at t.state, last written by CPU1 in row " in quiet


def test_a_store_that_has_arrived_is_its_cpus() -> None:
    """It is not the store buffer that has written it."""
    arrived = OperationRow("CPU1's store buffer", 1, "arrival of write", "y", "a.py:7 (set)", "0 → 1", arrives=LateStore("CPU1", 0, 0, ""))
    assert "looks at y, last written by CPU1 in row 0: " in loop(arrived, OperationRow("CPU0", 0, READ, "y", "a.py:2 (wait)", "1"))


def test_what_came_before_a_loop_is_not_what_it_looks_at() -> None:
    """Nor is the first turn of one that changes nothing told with it."""
    before = OperationRow("CPU0", 0, READ, "x", "a.py:8 (before)", "0")
    looks = OperationRow("CPU0", 0, READ, "y", "a.py:2 (wait)", "0")
    helper = OperationRow("CPU0", 0, READ, "z", "a.py:5 (helper)", "0")
    assert "that looks at y, which nobody has written; at z, which nobody has written: only a change of that could" in loop(
        before, looks, helper
    )


def test_nobody_waits_for_ever_while_somebody_goes_on() -> None:
    """In virtual time, a CPU that spins goes on up to the limit: nobody knows that it would not end what another one waits for."""
    spun = replace(decode(FINDINGS["kill-independent"]), engine=TIMED, seed=3, deviations={})
    found = replayed(encode(spun))
    assert found.reason == "no progress: CPU0: 5000 operations and no end"
    assert found.waits == ()
    assert explanation(found).endswith("It ends on CPU0 (no progress): 5000 operations and no end.")


def test_nobody_waits_where_nothing_is_wrong() -> None:
    """An execution that has come to its end has no waits."""
    assert counterexample(executed(counter(2, 1)), [], 100).waits == ()
