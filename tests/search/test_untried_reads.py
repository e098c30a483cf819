"""What is said of a search in which a read was not given every value: that it has no verdict, and which read it was."""

from __future__ import annotations

import pytest

from harness.explored.explored_engine import ExploredEngine
from harness.explored.models import ARM, ENGINES, SC, TSO
from harness.litmus.litmus_programs import Threads, executed
from harness.search.search import EXHAUSTED, FAILED, PASSED, UNDECIDED, Execute, Limits, SearchResult, judge, search
from harness.search.strategies.depth_first import DepthFirst
from harness.search.strategies.optimal_dpor import OptimalDpor
from harness.search.untried_reads import NOT_TRIED, TO_DO, TO_DO_BEFORE, described_untried
from stages.hypervisor import ListHead

STEPS = 100
LIMITS = Limits(steps=STEPS)


def message_passing(t: Threads) -> None:
    """One writes x and tells of it by y, without a barrier; who sees that reads x plainly."""
    x, y = t.word("x"), t.word("y")

    def writer() -> None:
        x.write(1)
        y.write(1)

    def reader() -> None:
        if y.read():
            t.load(x)

    t.thread(writer)
    t.thread(reader)


def list_is_looked_at(t: Threads) -> None:
    """One adds to a list, another one looks whether it is empty."""
    head, node = ListHead(t, "queue"), ListHead(t, "node")  # type: ignore[arg-type]
    for each in (head, node):
        t.INIT_LIST_HEAD(each)
    t.thread(lambda: t.list_add_tail(node, head))
    t.thread(lambda: t.list_empty(head))


def list_is_added_to(t: Threads) -> None:
    """Two add to a list."""
    head, node, other = (ListHead(t, name) for name in ("queue", "node", "other"))  # type: ignore[arg-type]
    for each in (head, node, other):
        t.INIT_LIST_HEAD(each)
    t.thread(lambda: t.list_add_tail(node, head))
    t.thread(lambda: t.list_add_tail(other, head))


def searched(execute: Execute, engine: type[ExploredEngine]) -> SearchResult:
    """Every trace."""
    return search(execute, OptimalDpor(engine), LIMITS)


@pytest.mark.parametrize("model", [SC, TSO, ARM])
def test_a_search_that_did_not_try_all_values_is_no_pass(model: str) -> None:
    """It has seen every trace all the same; where there are no older values, it is one."""
    result = searched(executed(message_passing), ENGINES[model])
    assert result.verdict == EXHAUSTED
    assert judge(result) == (UNDECIDED if model == ARM else PASSED)


def test_a_failure_is_one_all_the_same() -> None:
    """Each execution that is shown can happen."""

    def failing(t: Threads) -> None:
        message_passing(t)
        t.thread(lambda: t.BUG("always"))

    result = searched(executed(failing), ENGINES[ARM])
    assert (result.verdict, judge(result)) == (FAILED, FAILED)


def test_the_read_is_named() -> None:
    """With what it reads and its line, and what to do about it; nothing is said where there is none."""
    execute = executed(message_passing)
    result = searched(execute, ENGINES[ARM])
    text = described_untried(execute, result.untried, STEPS, ENGINES[ARM])
    line = message_passing.__code__.co_firstlineno + 10
    races = f"a plain read of x races at test_untried_reads.py:{line} (reader) with the write at test_untried_reads.py:{line - 5} (writer)"
    assert text == f"{races}: {NOT_TRIED}; {TO_DO}"
    assert described_untried(execute, None, STEPS, ENGINES[ARM]) == ""


def slot_is_freed(t: Threads) -> None:
    """One reads x plainly and tells by y, without a barrier, that it has; who sees that writes x."""
    x, y = t.word("x"), t.word("y")

    def reader() -> None:
        t.load(x)
        y.write(1)

    def writer() -> None:
        if t.smp_load_acquire(y):
            t.store(x, 1)

    t.thread(reader)
    t.thread(writer)


def test_a_read_that_may_find_what_is_written_later_is_named() -> None:
    """With the write; to mark it would not help."""
    execute = executed(slot_is_freed)
    result = searched(execute, ENGINES[ARM])
    assert judge(result) == UNDECIDED
    text = described_untried(execute, result.untried, STEPS, ENGINES[ARM])
    line = slot_is_freed.__code__.co_firstlineno + 5
    at, later = f"test_untried_reads.py:{line} (reader)", f"test_untried_reads.py:{line + 5} (writer)"
    assert text == f"a plain read of x races at {at} with the later write at {later}: {NOT_TRIED}; {TO_DO_BEFORE}"
    assert judge(searched(execute, ENGINES[TSO])) == PASSED


@pytest.mark.parametrize("strategy", [OptimalDpor, DepthFirst])
def test_to_mark_a_read_is_told_where_that_is_enough(strategy: type[OptimalDpor | DepthFirst]) -> None:
    """Where the two come in both orders, it is told of an older value, though the first execution has the read first."""

    def both_orders(t: Threads) -> None:
        x, z = t.word("x"), t.word("z")
        t.thread(lambda: (t.load(x), t.load(z)))
        t.thread(lambda: (t.store(x, 1), t.store(z, 1)))

    execute = executed(both_orders)
    result = search(execute, strategy(ENGINES[ARM]), LIMITS)
    assert described_untried(execute, result.untried, STEPS, ENGINES[ARM]).endswith(TO_DO)


def test_of_two_reads_the_one_is_named_that_may_find_an_older_value() -> None:
    """Also where it comes later in the same execution."""

    def both_kinds(t: Threads) -> None:
        x, y, z, w = map(t.word, "xyzw")
        t.thread(lambda: (t.load(x), y.write(1), w.read() and t.load(z)))
        t.thread(lambda: t.smp_load_acquire(y) and (t.store(x, 1), t.store(z, 1), w.write(1)))

    execute = executed(both_kinds)
    text = described_untried(execute, searched(execute, ENGINES[ARM]).untried, STEPS, ENGINES[ARM])
    assert text.startswith("a plain read of z races ")
    assert text.endswith(TO_DO)


def test_the_links_of_lists_are_read_plainly() -> None:
    """So a look at a list that somebody else changes is named, too."""
    execute = executed(list_is_looked_at)
    result = searched(execute, ENGINES[ARM])
    assert described_untried(execute, result.untried, STEPS, ENGINES[ARM]).startswith("a plain list read of ")


def test_of_a_list_call_the_node_is_named() -> None:
    """What it reads races, and not what it is about to do with that."""
    execute = executed(list_is_added_to)
    result = searched(execute, ENGINES[ARM])
    text = described_untried(execute, result.untried, STEPS, ENGINES[ARM])
    read, races, _ = text.partition(" races at test_untried_reads.py:")
    assert races
    assert read in ("a plain list read of node", "a plain list read of other", "a plain list read of queue")
