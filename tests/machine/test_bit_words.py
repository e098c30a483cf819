"""Words whose bits are locations."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.explored.explored_engine import ExploredEngine
from harness.explored.operations import conflicts
from harness.machine.bit_words import BitWord
from harness.machine.engine import Engine, Process
from harness.machine.memory import Memory
from harness.search.recorder import Recorder
from harness.timed.timed_engine import TimedEngine
from stages.hypervisor import Hypervisor, Word

OPERATIONS = ("set_bit", "clear_bit", "test_bit", "test_and_set_bit", "test_and_clear_bit", "fetch_or", "fetch_and", "xchg", "write", "add")
CALLS = st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 5)), max_size=12)


def perform(word: Word, calls: list[tuple[str, int]]) -> list[object]:
    """What the calls return, and the value after each."""
    return [(getattr(word, name)(argument), word.read()) for name, argument in calls]


def on(engine: Engine, make: Callable[[Hypervisor, str], Word], body: Callable[[Word], object]) -> list[object]:
    """Run one process; return what it found and when it was done."""
    memory = Memory(engine, 1)
    word = make(cast(Hypervisor, memory), "w")
    found: list[object] = []
    process = Process("P0", lambda: found.append(body(word)))
    process.number = 0
    engine.add(process)
    engine.run()
    engine.close()
    return [*found, process.clock]


@given(calls=CALLS, apart=st.integers(0, 3))
def test_it_is_a_word_that_costs_the_same(calls: list[tuple[str, int]], apart: int) -> None:
    """Every operation returns and leaves what it does with an ordinary word, and takes as long."""
    expected = on(TimedEngine(), Word, lambda word: perform(word, calls))
    assert on(TimedEngine(), lambda hv, name: BitWord(hv, name, apart), lambda word: perform(word, calls)) == expected


@pytest.mark.parametrize(
    ("first", "second", "depend"),
    [
        (("set_bit", 0), ("set_bit", 1), False),
        (("test_and_set_bit", 0), ("set_bit", 3), False),
        (("test_bit", 0), ("set_bit", 1), False),
        (("set_bit", 0), ("clear_bit", 0), True),
        (("set_bit", 1), ("set_bit", 3), True),
        (("set_bit", 0), ("read",), True),
        (("set_bit", 1), ("read",), True),
        (("set_bit", 1), ("fetch_or", 1), True),
        (("write", 1), ("test_bit", 1), True),
    ],
)
def test_operations_on_different_bits_commute(first: tuple[str, int], second: tuple[str, int], depend: bool) -> None:
    """Those on the bit apart and on another one; whatever is on the whole word depends on both."""
    engine = ExploredEngine()
    on(engine, BitWord, lambda word: [getattr(word, name)(*argument) for name, *argument in (first, second)])
    assert conflicts(*engine.done) is depend


def test_a_wait_for_such_a_word_is_refused() -> None:
    """What it was before an operation on one bit is not the same in all orders of a trace."""
    engine = ExploredEngine()
    on(engine, BitWord, lambda word: engine.wait("for it", lambda: True, [word]))
    assert engine.failure is not None
    assert "depends on the order of others" in str(engine.failure)


def test_reports_show_the_word() -> None:
    """A row has the name of the word and all of its bits."""
    engine = ExploredEngine()
    engine.listener = recorder = Recorder()
    on(engine, BitWord, lambda word: perform(word, [("test_and_set_bit", 0), ("set_bit", 3)]))
    recorder.settle()
    assert [(row.what, row.value) for row in recorder.rows] == [("w", "0 → 1"), ("w", "1"), ("w", "1 → 9"), ("w", "9")]
