"""The legend explains the words that occur, and no others."""

from __future__ import annotations

from harness.machine import engine
from harness.report.shown_rows import ShownRow
from harness.report.words_used import MEANINGS, STAR, TIME, legend, star_of
from harness.search.counterexample import Counterexample, CounterexampleRow
from harness.search.deciding_rows import WhatDecided


def shown(kind: str, star: bool = False) -> ShownRow:
    """An operation of that kind."""
    return ShownRow(0, CounterexampleRow(0, "", star, kind=kind), star)


def test_only_words_that_occur() -> None:
    """Words with one meaning share its line."""
    assert legend([shown("load")]) == ["load: plain accesses"]
    assert legend([shown("load"), shown("store", star=True)]) == [STAR, "load, store: plain accesses"]
    assert legend([shown("arrival of store")])[0].startswith("arrival of: ")
    assert legend([ShownRow(0, CounterexampleRow(0, "", False, kind="load", time=7), False)]) == ["load: plain accesses", TIME]


def test_what_a_star_means() -> None:
    """That the order is not the natural one, or, where it is, what the row with the star has to do with what is wrong."""
    rows = (CounterexampleRow(0, "", True), CounterexampleRow(0, "", False))
    assert star_of(Counterexample((), rows, "why")) == STAR
    assert star_of(Counterexample((), rows[1:], "why", decides=WhatDecided((0,), "the look"))) == "*: the look"


def test_every_kind_of_operation_has_a_meaning() -> None:
    """A kind that is added to the engine's has to be explained."""
    verdicts = {engine.DEADLOCK, engine.NO_PROGRESS}
    kinds = {value for name, value in vars(engine).items() if name.isupper() and type(value) is str} - verdicts
    lists = {engine.LIST_READ, engine.LIST_WRITE}
    assert kinds <= {word for words, _ in MEANINGS for word in words} | lists


def test_list_calls_share_a_meaning() -> None:
    """In the order in which they come; where a store arrives is another matter."""
    calls = [("list write", "list init"), ("list read", ""), ("list write", "list init"), ("arrival of list write", "list del")]
    rows = [ShownRow(0, CounterexampleRow(0, "", False, kind=kind, list_call=call), False) for kind, call in calls]
    first, second = legend(rows)
    assert first == "list init, list read: an operation on a list"
    assert second.startswith("arrival of: ")
