"""Numbers as words: what is one, between which bounds, and how messages quote what is not."""

from __future__ import annotations

import pytest

from harness.suite.whole_numbers import NoSuchNumber, quoted, shortened, whole_number


def test_what_is_between_the_bounds() -> None:
    """Both bounds belong to it."""
    assert [whole_number(word, 1, 12) for word in ("1", "12", " 7 ")] == [1, 12, 7]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("0", "is a whole number of at least 1, not '0'"),
        ("x", "is a whole number of at least 1, not 'x'"),
        ("", "is a whole number of at least 1, not ''"),
        ("13", "is at most 12, not '13'"),
        ("9" * 400, f"is at most 12, not '{'9' * 50}…'"),
        ("9" * 5000, f"is at most 12, not '{'9' * 50}…'"),
    ],
)
def test_what_is_not(word: str, said: str) -> None:
    """A number that is too large is told apart, also where Python does not read it."""
    with pytest.raises(NoSuchNumber) as caught:
        whole_number(word, 1, 12)
    assert str(caught.value) == said


def test_quoting() -> None:
    """What is short is quoted whole; what cannot be written is named by its kind."""
    assert (shortened("x" * 100), shortened("x" * 101)) == ("x" * 100, f"{'x' * 50}…")
    assert (quoted("a"), quoted(1 << 40_000)) == ("'a'", "a very large int")
