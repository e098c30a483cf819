"""C code on the emulated machine: its accesses are operations, in every memory model, and its memory is new in every execution."""

from __future__ import annotations

import pytest

import harness
from harness.explored.models import ARM, ENGINES, PSO, SC, TSO
from harness.machine import nesting
from harness.machine.code_places import CodePlaces
from harness.machine.diagnosis import BUG, NO_PROGRESS
from harness.search.counterexample import counterexample
from harness.search.search import EXHAUSTED
from harness.timed.timed_engine import DEFAULT_COSTS, TimedEngine
from tests.native import running
from tests.native.in_c import needs_cc
from tests.native.running import executing, message, searched

pytestmark = needs_cc

MODELS = [SC, TSO, PSO, ARM]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ["sets_parts", "changes_bits", "starts"])
def test_alone_it_does_what_c_does(model: str, name: str) -> None:
    """Copies of structures, parts of words, bits and atomic operations of every order have the values that C gives them."""
    result = searched([name], model)
    assert (result.verdict, result.executions, message(result)) == (EXHAUSTED, 1, "")


def test_what_is_not_ordered_may_be_lost() -> None:
    """Two CPUs that add to a variable: in some order, one of them adds to an old value; under a lock, in none."""
    assert BUG in message(searched(["adds", "adds"], at_last="expects_two"))
    locked = searched(["adds_under_lock", "adds_under_lock"], at_last="expects_two")
    assert (locked.verdict, locked.executions) == (EXHAUSTED, 2)


@pytest.mark.parametrize("model", MODELS)
def test_stores_are_buffered_but_for_sc(model: str) -> None:
    """Store buffering: both CPUs miss the other one's store, wherever stores take time."""
    result = searched(["stores_and_looks", "stores_and_looks_back"], model, at_first="starts", at_last="expects_one_to_have_seen")
    assert bool(message(result)) == (model != SC)
    if model == SC:
        assert (result.verdict, result.executions) == (EXHAUSTED, 3)


@pytest.mark.parametrize("model", MODELS)
def test_messages_overtake_each_other_where_stores_do(model: str) -> None:
    """Message passing fails under PSO and ARM, and under none with a release and an acquire."""
    assert bool(message(searched(["tells", "hears"], model))) == (model in (PSO, ARM))
    assert message(searched(["tells_in_order", "hears_in_order"], model)) == ""


@pytest.mark.parametrize("model", MODELS)
def test_a_loop_that_relaxes_waits(model: str) -> None:
    """It ends when somebody writes what it looks at, and is no progress if nobody does."""
    result = searched(["raises_flag", "waits_for_flag"], model)
    assert (result.verdict, message(result)) == (EXHAUSTED, "")
    assert NO_PROGRESS in message(searched(["waits_for_flag"], model))


@pytest.mark.parametrize("model", MODELS)
def test_a_loop_that_counts_its_turns_does_not_wait(model: str) -> None:
    """What a loop carries is on C's stack: the machine does not take it for one that goes round for nothing."""
    for name in ("waits_three_times", "waits_until_tired"):
        result = searched([name], model, at_first="starts")
        assert (result.verdict, message(result)) == (EXHAUSTED, "")


def test_in_virtual_time_it_takes_time() -> None:
    """The timed engine runs the same code, on the cache lines of C."""
    engine = TimedEngine(costs={"context_switch": 2500, **DEFAULT_COSTS})
    executing("adds_under_lock", "adds_under_lock", at_last="expects_two")(engine)
    assert engine.failure is None
    assert engine.now() > 0


def test_a_counterexample_is_in_lines_of_c() -> None:
    """Rows have values in C's words, and what is printed."""
    execute = executing("sets_parts")
    shown = [row.text for row in counterexample(execute, (), 1000, ENGINES[SC]).rows]
    assert any(text.startswith("store colour: RED → GREEN, running.c:") for text in shown)
    assert any(text.startswith("load x.number = -3, running.c:") and text.endswith('; prints "number is -3"') for text in shown)
    assert not any("0x7f" in text for text in shown)


def test_intended_races_are_marked_accesses() -> None:
    """Of a variable that is named as such, loads and stores are reads and writes."""
    kinds = []
    for named in ((), ("number",), ("thing.number",)):
        rows = counterexample(executing("adds", intended=named), (), 1000, ENGINES[SC]).rows
        kinds.append({row.text.split(" number")[0] for row in rows if " number" in row.text})
    assert kinds == [{"load", "store"}, {"read", "write"}, {"load", "store"}]


def test_an_operation_names_the_function_that_was_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever one of C's own functions it is in, it is part of one call of the one that was called from outside."""
    monkeypatch.setattr(nesting, "HARNESS", CodePlaces(harness.__file__, running.__file__))
    rows = [row for row in counterexample(executing("adds_under_lock"), (), 1000, ENGINES[SC]).rows if ".c:" in row.where]
    assert len(rows) > 2
    assert {(row.entered, row.call) for row in rows} == {("adds_under_lock", rows[0].call)}
