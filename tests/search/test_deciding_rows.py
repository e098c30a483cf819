"""Which rows have a star where nobody comes in between."""

from __future__ import annotations

from collections.abc import Sequence

from harness.explored.explored_engine import ExploredEngine
from harness.litmus.litmus_programs import ab_ba, executed
from harness.machine.diagnosis import ASSERTION, BUG, NO_PROGRESS, THE_MACHINE, Violation
from harness.machine.engine import READ, RMW, WRITE
from harness.search.counterexample import counterexample
from harness.search.deciding_rows import ASLEEP, HANDLER, LOOKED_AT, NONE_DECIDE, RACING, WAITING, WhatDecided, deciding_rows
from harness.search.natural_order import Deviating
from harness.search.recorder import OperationRow
from harness.search.search import search
from harness.search.strategies.optimal_dpor import OptimalDpor
from tests.report.executions import FINDINGS, INTERRUPTED, replayed

STAGE = "a.py:1 (f)"


def row(kind: str = READ, written_in: int | None = None, where: str = STAGE, contexts: tuple[str, ...] = ()) -> OperationRow:
    """An operation of CPU0."""
    return OperationRow("CPU0", 0, kind, "x", where, written_in=written_in, contexts=contexts)


def decided(
    kind: str, *rows: OperationRow, message: str = "CPU0: no", waits: Sequence[str] = (), left: Sequence[str] = (), cut: bool = True
) -> WhatDecided:
    """What decides in an execution that was cut off by what is wrong."""
    engine = ExploredEngine(Deviating({}), 10)
    engine.failure, engine.cut = Violation(kind, message), cut
    return deciding_rows(engine, rows, waits, left, ())


def test_the_write_of_what_was_looked_at_last() -> None:
    """Or the look, if nobody has written it; of somebody else's failure, or of one that is found in the end, there is none."""
    assert decided(BUG, row(WRITE), row(), row(written_in=0)) == WhatDecided((0,), LOOKED_AT)
    assert decided(BUG, row(WRITE), row(written_in=0), row()) == WhatDecided((2,), LOOKED_AT)
    several = row()
    several.links_in = (0, 1)
    assert decided(BUG, row(WRITE), row(WRITE), row(WRITE), several) == WhatDecided((1,), LOOKED_AT)
    assert decided(BUG, row(WRITE), message="CPU1: no") == NONE_DECIDE
    assert decided(BUG) == NONE_DECIDE
    assert decided(ASSERTION, row(WRITE), cut=False) == NONE_DECIDE


def test_what_departs_from_the_natural_order_has_its_own_star() -> None:
    """Nothing else has one then."""
    late = row()
    late.deviation = 1
    assert decided(BUG, row(), late) == NONE_DECIDE
    assert replayed(INTERRUPTED).decides == NONE_DECIDE


def test_what_a_cpu_has_found_that_sleeps_with_work() -> None:
    """The machine's own writes, and what an interrupt handler finds, put nobody to sleep."""
    rows = row(RMW), row(RMW, 0, THE_MACHINE), row(READ, 1, THE_MACHINE), row(WRITE), row(RMW, 3, THE_MACHINE, (HANDLER,))
    left = ("CPU0 sleeps with t still on its list q",)
    assert decided(ASSERTION, *rows, left=left, cut=False) == WhatDecided((0,), ASLEEP)
    assert decided(ASSERTION, rows[0], left=left, cut=False) == NONE_DECIDE
    found = replayed(FINDINGS["no-lost-schedule"])
    (at,) = found.decides.rows
    assert found.rows[at].text == "rmw tasklet_work_to_do[0]: 3 → 2, s4_percpu_schedule.py:244 (do_tasklet)"


def test_what_somebody_waits_for() -> None:
    """Who has written what a loop has looked at last; else the last row that is named, of which the machine's comes only after others."""
    rows = row(RMW), row(RMW, None, THE_MACHINE), row(RMW), row(written_in=0)
    in_loop = "CPU0 waits in a loop at a.py:1 (f) that looks at x, last written by CPU0 in row 1; at y, last written by CPU0 in row 2"
    assert decided(NO_PROGRESS, *rows, waits=(in_loop,)) == WhatDecided((0,), WAITING)
    assert decided(NO_PROGRESS, *rows[:3], waits=(in_loop,)) == WhatDecided((2,), WAITING)
    assert decided(NO_PROGRESS, *rows, waits=("CPU0 waits for x, in row 1, by the machine",)) == WhatDecided((1,), WAITING)
    assert decided(NO_PROGRESS, *rows, waits=("CPU0 waits for x, which nobody has written",)) == NONE_DECIDE


def test_locks_that_are_waited_for() -> None:
    """Each star stands where one of them was taken, if that is the natural order."""
    found = counterexample(executed(ab_ba), search(executed(ab_ba), OptimalDpor()).schedule, 1_000)
    rows = [OperationRow(f"P{each.pid}", each.pid, each.kind, each.what, each.where) for each in found.rows]
    taken = {at for at, each in enumerate(rows) if any(f"since row {at} " in wait for wait in found.waits)}
    assert set(decided("deadlock", *rows, waits=found.waits).rows) == taken
    assert len(taken) == 2


def test_two_that_race() -> None:
    """Both have one."""
    found = replayed(FINDINGS["no-races"])
    assert found.decides.why == RACING
    assert [found.rows[at].text in found.reason or found.rows[at].where in found.reason for at in found.decides.rows] == [True, True]
