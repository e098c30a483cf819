"""Reads the words of a litmus file one after the other: what the parts of the parser have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from harness.litmus.files.litmus_error import LitmusError, NotSupported
from harness.litmus.files.tokens import END, NAME, NUMBER, Token, shown

# Nothing that somebody writes is nested so deep; Python's own parser and compiler have limits as well.
DEEPEST = 40
# A number of 64 bits.
LARGEST = 2**63 - 1
LONGEST_NUMBER = 20


class TokenReader:
    """The words from the next one on."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        """The next word."""
        return self.tokens[self.at]

    @property
    def line(self) -> int:
        """That of the next word."""
        return self.next.line

    def after(self, distance: int = 1) -> Token:
        """The word so many places behind the next one."""
        return self.tokens[min(self.at + distance, len(self.tokens) - 1)]

    def take(self) -> Token:
        """The next word, which is read then."""
        token = self.next
        if token.kind != END:
            self.at += 1
        return token

    def accept(self, *texts: str) -> Token | None:
        """Take the next word if it is one of these."""
        return self.take() if self.sees(*texts) else None

    def sees(self, *texts: str) -> bool:
        """Whether the next word is one of these."""
        return self.next.text in texts and self.next.kind != END

    def expect(self, text: str, where: str = "") -> Token:
        """Take the next word, which must be this."""
        if not self.sees(text):
            raise self.wrong(f"`{text}`{where and ' '}{where}")
        return self.take()

    def name(self, what: str) -> Token:
        """Take the next word, which must be a name."""
        if self.next.kind != NAME:
            raise self.wrong(what)
        return self.take()

    def number(self) -> int:
        """Take a number, decimal or hexadecimal."""
        if self.next.kind != NUMBER:
            raise self.wrong("a number")
        token = self.take()
        digits = token.text.lower()
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
            raise NotSupported(token.line, "octal numbers")
        try:
            value = int(digits[:LONGEST_NUMBER], 0)
        except ValueError:
            raise LitmusError(token.line, f"{shown(token)} is not a number") from None
        if len(digits) > LONGEST_NUMBER or value > LARGEST:
            raise LitmusError(token.line, f"{shown(token)} is more than {LARGEST}")
        return value

    def signed_number(self) -> int:
        """The same with a sign."""
        return -self.number() if self.accept("-") else self.number()

    @contextmanager
    def nested(self) -> Iterator[None]:
        """What is read in this block stands inside of something."""
        if self.depth == DEEPEST:
            raise NotSupported(self.line, f"more than {DEEPEST} levels")
        self.depth += 1
        yield
        self.depth -= 1

    def wrong(self, expected: str) -> LitmusError:
        """The next word is not what must stand here."""
        return LitmusError(self.line, f"{expected} expected, not {shown(self.next)}")
