"""A link that leads to what has been unlinked, and links that only look as if they did."""

from __future__ import annotations

from harness.report.dangling_links import DanglingLink, dangling_link
from harness.report.explanation import explanation
from harness.search.counterexample import CounterexampleRow
from tests.report.executions import FINDINGS, replayed


def call(name: str, what: str, value: str = "", written_in: int | None = None) -> CounterexampleRow:
    """An operation on a list."""
    kind = "list read" if value else "list write"
    return CounterexampleRow(0, name, False, kind=kind, what=what, value=value, list_call=name, written_in=written_in)


TAKEN = call("list del", "t.list from queue")


def test_a_half_linked_entry_is_met_again() -> None:
    """The link was written before the entry was unlinked, and nobody has changed it since."""
    first, last = call("list write", "queue.next", "a.list → t.list"), call("list first of", "queue", "t.list", 0)
    assert dangling_link([first, TAKEN, last]) == DanglingLink(2, 1, 0)
    assert dangling_link([first, TAKEN, call("list read", "queue.next", "t.list", 0), last]) == DanglingLink(2, 1, 0)


def test_an_entry_that_was_put_back_is_where_it_belongs() -> None:
    """Neither is a link to another entry dangling, nor one that was followed before."""
    added, back = call("list add_tail", "t.list to queue"), call("list add_tail", "t.list to other")
    assert dangling_link([added, TAKEN, back, call("list first of", "other", "t.list", 2)]) is None
    assert dangling_link([added, TAKEN, call("list first of", "queue", "a.list", 0)]) is None
    assert dangling_link([added, call("list first of", "queue", "t.list", 0), TAKEN]) is None
    assert dangling_link([added, TAKEN, call("list first of", "queue", "t.list")]) is None


def test_the_explanation_says_where_it_comes_from() -> None:
    """In `hotplug`: the head of the list got that link from a raw write. Where a list is whole, nothing is said."""
    rows = replayed(FINDINGS["hotplug"]).rows
    link = dangling_link(rows)
    assert link is not None
    assert (rows[link.written].list_call, rows[link.unlinked].list_call, rows[link.found].value) == ("list write", "list del", "u.list")
    assert f"Although row {link.unlinked} has unlinked u.list, row {link.found} still comes to it from softirq_list[1]: " in explanation(
        replayed(FINDINGS["hotplug"])
    )
    assert all(dangling_link(replayed(FINDINGS[clause]).rows) is None for clause in ("mixed-feed", "kill-quiesces", "irqs-off-bounded"))
