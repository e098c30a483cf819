"""Whole numbers as words that somebody has written: read between bounds, so that no word of any length can keep the harness busy."""

from __future__ import annotations


class NoSuchNumber(ValueError):
    """The word is no number within the bounds; the message completes "it …"."""


class TooLarge(NoSuchNumber):
    """It is a number, but a larger one."""


def whole_number(word: str, least: int, most: int) -> int:
    """The number that `word` is; raises `NoSuchNumber`."""
    try:
        value = int(word)
    except ValueError:
        # Python does not read thousands of digits either.
        value = most + 1 if word.strip().isdecimal() else least - 1
    if value < least:
        raise NoSuchNumber(f"is a whole number of at least {least}, not {shortened(word)!r}")
    if value > most:
        raise TooLarge(f"is at most {most}, not {shortened(word)!r}")
    return value


def shortened(word: str, most: int = 100) -> str:
    """A word as messages quote it: of a long one the beginning."""
    return word if len(word) <= most else f"{word[: most // 2]}…"


def quoted(value: object) -> str:
    """Any value of a file as messages quote it: of a long one the beginning."""
    try:
        return shortened(repr(value))
    except (ValueError, RecursionError):
        # Python does not write a number of thousands of digits, nor lists in lists in lists.
        return f"a very large {type(value).__name__}"
