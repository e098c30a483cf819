"""Replay strings: encode, decode, and one line for each way in which one can be damaged."""

from __future__ import annotations

import contextlib
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.explored.models import ARM_2014, ENGINES, TSO
from harness.search.replay_string import EXPLORED, TIMED, Replay, ReplayError, decode, encode, source_mark

names = st.text(min_size=1, max_size=12)
sources = st.just("") | st.from_regex("[0-9a-f]{10}", fullmatch=True)
explored = st.builds(
    Replay,
    names,
    st.integers(0, 9),
    names,
    names,
    names,
    st.just(EXPLORED),
    st.just(0),
    st.dictionaries(st.integers(0, 4000), st.integers(1, 9), max_size=12),
    st.integers(1, 20_000),
    sources,
    st.sampled_from(tuple(ENGINES)),
)
timed = st.builds(
    Replay, names, st.integers(0, 9), names, names, names, st.just(TIMED), st.integers(0, 10**9), st.just({}), st.just(0), sources
)

WHERE = ("posted", 2, "kill-quiesces", "softirq", "killed-while-sent")
RECORDED = Replay(*WHERE, deviations={12: 1, 40: 2}, max_steps=5000, source="0123456789")
GOOD = encode(RECORDED)


@given(st.one_of(explored, timed))
def test_decode_undoes_encode(replay: Replay) -> None:
    """What goes in comes out, whatever the names are; the string is printable and has no spaces."""
    text = encode(replay)
    assert decode(text) == replay
    assert text.isascii()
    assert text.isprintable()
    assert " " not in text


def test_form() -> None:
    """The form is fixed: a string from an old report must not change its meaning."""
    assert "h2/posted/2/0123456789/kill-quiesces/softirq/killed-while-sent/x5000,12,28.2/" + GOOD[-4:] == GOOD


def test_the_memory_model_stands_in_front() -> None:
    """Of the engine, if it is not the usual one; one that nobody knows is an error."""
    text = encode(replace(RECORDED, model=TSO))
    assert "/killed-while-sent/tso.x5000,12,28.2/" in text
    unknown = text.replace("tso.", "alpha.").rpartition("/")[0]
    with pytest.raises(ReplayError, match="the replay string has an unknown memory model, 'alpha'"):
        decode(f"{unknown}/{zlib.crc32(unknown.encode()) & 0xFFFF:04x}")


def test_the_core_stands_with_the_memory_model() -> None:
    """If it is not the usual one."""
    text = encode(replace(RECORDED, model=ARM_2014))
    assert "/killed-while-sent/arm-2014.x5000,12,28.2/" in text
    assert decode(text).model == ARM_2014


def test_an_old_string_is_of_unknown_source() -> None:
    """It is decoded as ever: this is one of that time."""
    assert decode("h1/posted/2/kill-quiesces/softirq/killed-while-sent/x5000,12,28.2/9c0e") == replace(RECORDED, source="")


def test_the_mark_of_a_source() -> None:
    """The beginning of its hash."""
    assert source_mark("0123456789abcdef") == RECORDED.source


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "starts with h2/"),
        ("h3" + GOOD[2:], "starts with h2/, this one with 'h3'"),
        ("h1" + GOOD[2:], "not complete"),
        (GOOD.replace("0123456789", "0123456780"), "damaged"),
        (GOOD[:-9], "not complete"),
        (GOOD[:-4] + "zzzz", "damaged"),
        (GOOD.replace("12", "13"), "damaged"),
        (GOOD.replace("softirq", "softirk"), "damaged"),
        (GOOD.replace("softirq", "\udcff"), "damaged"),
    ],
)
def test_damage_is_told(text: str, problem: str) -> None:
    """A damaged string gives one line that says what is wrong."""
    with pytest.raises(ReplayError, match=problem) as caught:
        decode(text)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    """Any text is decoded or refused with the one exception."""
    with contextlib.suppress(ReplayError):
        decode(text)


def test_a_stage_number_without_end() -> None:
    """No series has so many stages, and Python does not read such a number."""
    text = f"h1/posted/{'9' * 5000}/kill-quiesces/softirq/killed-while-sent/x5000"
    with pytest.raises(ReplayError, match="no valid stage number"):
        decode(f"{text}/{zlib.crc32(text.encode()) & 0xFFFF:04x}")
