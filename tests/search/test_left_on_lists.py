"""What is still on the lists of CPUs that sleep when an execution is over."""

from __future__ import annotations

import re
from typing import cast

from harness.explored.explored_engine import ExploredEngine
from harness.machine.engine import HALT
from harness.machine.machines import machine_on
from harness.report.explanation import explanation
from harness.search.left_on_lists import left_on_lists
from harness.search.natural_order import Deviating
from stages.hypervisor import Hypervisor, ListHead, Struct
from tests.report.executions import FINDINGS, INTERRUPTED, KILLED_TOGETHER, replayed


def test_work_that_is_lost_lies_on_a_list() -> None:
    """Of the CPU that sleeps, by the names of what is on it; the explanation says so."""
    found = replayed(INTERRUPTED)
    put = [f"since row {at}" for at, row in enumerate(found.rows) if row.what == "u.list to tasklet_list[0]"]
    assert found.left == (f"CPU0 sleeps with u ({put[-1]}) still on its list tasklet_list[0]",)
    assert "still on its list tasklet_list[0]. In the end (assertion): " in explanation(found)
    (both,) = replayed(FINDINGS["progress"]).left
    assert re.fullmatch(r"CPU1 sleeps with u \(since row \d+\) and greedy \(since row \d+\) still on its list tasklet_list\[1\]", both)


def test_an_entry_that_was_there_before_is_there_since_the_last_time() -> None:
    """What was put on the list, taken off it and put there again: the first time is over."""
    found = replayed(FINDINGS["no-lost-schedule"])
    first, last = (at for at, row in enumerate(found.rows) if row.what == "t.list to tasklet_list[0]")
    assert first < last
    assert found.left == (f"CPU0 sleeps with t (since row {last}) still on its list tasklet_list[0]",)


def test_nothing_is_left_where_nobody_sleeps_with_it() -> None:
    """Neither where an execution was cut off by what is wrong, nor where its lists are empty, nor where the CPU waits itself."""
    assert replayed(KILLED_TOGETHER).left == ()
    assert replayed(FINDINGS["kill-cancels"]).left == ()
    assert replayed(FINDINGS["kill-independent"]).left == ()


class Entry(Struct):
    """Something that is on a list."""

    list = ListHead.field()


def test_only_of_an_execution_that_has_come_to_its_end() -> None:
    """Where it was cut off, somebody might have come to the list yet; and a CPU that does not sleep may do so, too."""
    engine = ExploredEngine(Deviating({}), 10)
    hv = machine_on(engine, 1)
    hv.installing = True
    hv.per_cpu("queue", lambda hv, name: ListHead(hv, name))
    (queue,) = hv.own_lists
    hv.INIT_LIST_HEAD(queue)
    hv.list_add_tail(Entry(cast(Hypervisor, hv), "t").list, queue)
    assert left_on_lists(engine, []) == ()
    engine.processes[0].kind = HALT
    assert left_on_lists(engine, []) == ("CPU0 sleeps with t still on its list queue[0]",)
    engine.cut = True
    assert left_on_lists(engine, []) == ()
