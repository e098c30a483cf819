"""Replay strings: encode, decode, and one line for each way in which one can be damaged."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.search.replay_string import EXPLORED, TIMED, Replay, ReplayError, decode, encode

names = st.text(min_size=1, max_size=12)
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
)
timed = st.builds(Replay, names, st.integers(0, 9), names, names, names, st.just(TIMED), st.integers(0, 10**9))

GOOD = encode(Replay("posted", 2, "kill-quiesces", "softirq", "killed-while-sent", deviations={12: 1, 40: 2}, max_steps=5000))


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
    assert "h1/posted/2/kill-quiesces/softirq/killed-while-sent/x5000,12,28.2/" + GOOD[-4:] == GOOD


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "starts with h1/"),
        ("h2" + GOOD[2:], "starts with h1/, this one with 'h2'"),
        (GOOD[:-9], "not complete"),
        (GOOD[:-4] + "zzzz", "damaged"),
        (GOOD.replace("12", "13"), "damaged"),
        (GOOD.replace("softirq", "softirk"), "damaged"),
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
