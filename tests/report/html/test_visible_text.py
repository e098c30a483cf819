"""Text of strangers, made visible."""

from __future__ import annotations

import pytest

from harness.report.html.visible_text import visible


@pytest.mark.parametrize("character", ["\0", "\x1b", "\r", "\x85", "\u200b", "\u202e", "\u2028", "\u2066", "\ufeff", "\udc80", "\uffff"])
def test_what_is_not_seen_has_its_number(character: str) -> None:
    """Control characters, directions, separators, what has no width, halves of pairs."""
    assert visible(f"a{character}b") == f"a⟨U+{ord(character):04X}⟩b"


def test_what_is_seen_stays() -> None:
    """Letters of every language, a tab, a newline, and what means something to HTML."""
    text = "été\t→ 漢字 😀\n<b>&amp;"
    assert visible(text) == text
