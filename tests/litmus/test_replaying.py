"""Executions of litmus files as replay strings, and executed again."""

from __future__ import annotations

import pytest

from harness.explored.models import ENGINES, PSO, SC
from harness.litmus.files.litmus_error import LitmusError
from harness.litmus.files.outcomes import judge_file
from harness.litmus.files.replaying import LITMUS_FILE, replay_file, replay_string_of
from harness.search.replay_string import decode, source_mark
from tests.litmus.litmus_files import FILES, file_called, one_process

MANY = 10_000


@pytest.mark.parametrize("model", ENGINES)
@pytest.mark.parametrize("name", FILES)
def test_a_witness_is_shown_again(name: str, model: str) -> None:
    """The same execution, operation by operation, under the same model; without a witness there is no string."""
    found = judge_file(file_called(name), model, MANY)
    assert (found.replay == "") == (found.witness is None)
    if found.replay:
        replay = decode(found.replay)
        assert (replay.model, replay.source) == (model, source_mark(found.file.content_hash))
        assert replay_file(found.file, replay).shown == found.witness


def test_what_a_string_says() -> None:
    """That it is about a litmus file, what that asks for, and its name."""
    replay = decode(judge_file(file_called("MP"), PSO, MANY).replay)
    assert (replay.series, replay.clause, replay.program, replay.model) == (LITMUS_FILE, "exists", "MP", PSO)


@pytest.mark.parametrize(
    ("condition", "bad"),
    [("exists (x=1)", False), ("exists (x=0)", False), ("~exists (x=1)", True), ("~exists (x=0)", False), ("forall (x=0)", True)],
)
def test_what_is_bad(condition: str, bad: bool) -> None:
    """An end that the file says there is none, and no other one."""
    file = one_process("WRITE_ONCE(*x, 1);", condition)
    assert replay_file(file, decode(replay_string_of(file, SC, [0], 5_000))).bad == bad


def test_an_execution_without_an_end_is_bad() -> None:
    """And its reason says why there is none."""
    file = one_process("spin_lock(s); spin_lock(s);")
    again = replay_file(file, decode(replay_string_of(file, SC, [0], 5_000)))
    assert again.bad
    assert again.shown.reason.startswith("lock misuse")


def test_the_text_makes_the_difference() -> None:
    """Any other text is another content."""
    assert one_process("r0 = 1;").content_hash != one_process("r0 =  1;").content_hash


def test_an_execution_that_makes_no_sense() -> None:
    """Of a file whose values make none, as in a search."""
    file = one_process("r1 = *p + 1;", initial="{ int *p=&x; }")
    with pytest.raises(LitmusError, match="calculates with the address"):
        replay_file(file, decode(replay_string_of(file, SC, [0], 5_000)))
