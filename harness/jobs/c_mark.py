"""What C says as code: its text without comments, empty lines, and white space that separates nothing."""

from __future__ import annotations

import re

# A string or a character comes first: what looks like a comment in one is none.
_PARTS = re.compile(
    rb"""(?P<kept>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    rb"""|(?P<left>(?:\\\r?\n|//(?:[^\\\n]|\\.)*|/\*(?:[^*]|\*(?!/))*\*/|[ \t\r\f\v\n])+)""",
    re.DOTALL,
)
# Ends of lines that end nothing.
_INNER = re.compile(rb"\\\r?\n|//(?:[^\\\n]|\\.)*|/\*.*?\*/", re.DOTALL)


def c_text(source: bytes) -> bytes:
    """The same code for sources that only differ in comments, in indentation and in empty lines. Lines stay: directives end with theirs."""
    return _PARTS.sub(lambda part: part["kept"] or _gap(part["left"]), source).strip()


def _gap(left: bytes) -> bytes:
    """What stands for that between two words: the end of a line, if there is one outside comments, or else a space."""
    return b"\n" if b"\n" in _INNER.sub(b"", left) else b" "
