"""Cuts the text of a litmus file into words with line numbers; comments are left out.

`(* … *)` is a comment outside of the processes only: inside, `(*x)` is C.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.litmus.files.litmus_error import LitmusError
from harness.suite.whole_numbers import shortened

NAME = "name"
NUMBER = "number"
TEXT = "string"
SIGN = "sign"
END = "end"

PARTS = re.compile(
    r"""
    (?P<space>[ \t\r\f\v\n]+)
  | (?P<string>"[^"\n]*")
  | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
  | (?P<number>[0-9][A-Za-z_0-9]*)
  | (?P<sign>/\\|\\/|&&|\|\||[=!<>+*|^&%-]=|->|\+\+|--|<<|>>|[][(){};:,.=<>+*/&|^!~?%\#-])
    """,
    re.VERBOSE,
)
# Of a comment that may have others inside.
NESTING = re.compile(r"\(\*|\*\)")
PROCESS = re.compile(r"P[0-9]+\Z")


@dataclass(frozen=True)
class Token:
    """A word: what it is, as it stands there, and its line. `END` follows the last one."""

    kind: str
    text: str
    line: int


def tokens_of(text: str, line: int = 1) -> list[Token]:
    """All words of `text`, which begins on `line`, and `END`."""
    return list(_Scanner(text, line).tokens())


class _Scanner:
    def __init__(self, text: str, line: int) -> None:
        self.text = text
        self.at = 0
        self.line = line
        # Whether this is inside of a process, and how many braces are open there.
        self.in_process = False
        self.depth = 0
        self.before = ""

    def tokens(self) -> Iterator[Token]:
        while self.at < len(self.text):
            end = self._comment_end()
            if end:
                self._go_to(end)
                continue
            found = PARTS.match(self.text, self.at)
            if found is None or found.lastgroup is None:
                raise LitmusError(self.line, f"unexpected character {self.text[self.at]!a}")
            if found.lastgroup != "space":
                yield Token(found.lastgroup, found.group(), self.line)
                self._note(found.group())
            self._go_to(found.end())
        yield Token(END, "the end of the file", self.line)

    def _go_to(self, end: int) -> None:
        self.line += self.text.count("\n", self.at, end)
        self.at = end

    def _comment_end(self) -> int:
        """Where the comment that begins here ends; 0 if none does."""
        if self.text.startswith("//", self.at):
            end = self.text.find("\n", self.at)
            return len(self.text) if end < 0 else end
        if self.text.startswith("/*", self.at):
            end = self.text.find("*/", self.at + 2)
            return end + 2 if end >= 0 else self._unclosed("/*")
        if self.text.startswith("(*", self.at) and not self.in_process:
            return self._nested_end()
        return 0

    def _nested_end(self) -> int:
        depth = 0
        for found in NESTING.finditer(self.text, self.at):
            depth += 1 if found.group() == "(*" else -1
            if depth == 0:
                return found.end()
        return self._unclosed("(*")

    def _unclosed(self, opening: str) -> int:
        raise LitmusError(self.line, f"the comment that begins here with {opening} has no end")

    def _note(self, word: str) -> None:
        """See whether a process begins or ends with this word."""
        if self.in_process:
            self.depth += (word == "{") - (word == "}")
            self.in_process = word != "}" or self.depth > 0
        elif word == "(" and PROCESS.match(self.before):
            self.in_process, self.depth = True, 0
        self.before = word


def shown(token: Token) -> str:
    """A word in a message."""
    return token.text if token.kind == END else f"`{shortened(token.text)}`"
